package io.quarterdeck.system.harness;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The ports of servers that tests start. Modules that are tested at the same time have lanes of their own, apart from the one
 * that embedded servers choose from, and no port is given twice: a server that is started again after a kill finds its port
 * free. An instance shifts its other ports by as much as its API port, up to {@value #REACH} further on: a lane is narrower
 * than the nearest of these shifts, lanes lie further apart than the widest, and steps within a lane are wider than ports of
 * one instance lie side by side. Thread-safe.
 */
public final class LanePorts {
    private static final int WIDTH = 1_600;
    private static final int REACH = 3_816;
    private static final int STEP = 13;

    private static final int FROM = Integer.getInteger("lane.from", 17_000);
    // Another checkout may be tested on the same machine.
    private static final AtomicInteger NEXT =
            new AtomicInteger(ThreadLocalRandom.current().nextInt(WIDTH / STEP));

    private LanePorts() {}

    /** A port for the API of an instance, which shifts its other ports by as much, or for any other server. */
    public static int next() {
        for (int attempt = 0; attempt < WIDTH / STEP; attempt++) {
            int port = FROM + NEXT.getAndIncrement() % (WIDTH / STEP) * STEP;
            try (var _ = new ServerSocket(port, 1, InetAddress.getByName("127.0.0.1"))) {
                return port;
            } catch (IOException e) {
                // Taken: try another.
            }
        }
        throw new AssertionError("no port is free");
    }
}
