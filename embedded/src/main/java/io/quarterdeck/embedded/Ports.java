package io.quarterdeck.embedded;

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
}
