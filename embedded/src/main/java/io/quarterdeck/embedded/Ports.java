package io.quarterdeck.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/** Where a server may listen that nobody has to know the port of. */
public final class Ports {
    // Below Linux' ephemeral range (from 32768) and Kubernetes' node ports (from 30000), so that no client socket and
    // no
    // Service takes the port while the server is down for a restart.
    private static final int FROM = 15_000;
    private static final int TO = 30_000;

    private Ports() {}

    /** A port to try; who tries must be ready to find it taken and to ask again. */
    public static int any() {
        return ThreadLocalRandom.current().nextInt(FROM, TO);
    }

    /** A port of the loopback address that nobody listened on a moment ago. */
    public static int free() {
        while (true) {
            try (var socket = new ServerSocket(any(), 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (BindException taken) {
                // Another one.
            } catch (IOException e) {
                throw new UncheckedIOException("no port can be opened", e);
            }
        }
    }
}
