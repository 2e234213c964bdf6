package io.quarterdeck.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Where a server may listen that nobody has to know the port of.
 *
 * @param promised ports that another server of the same instance will listen on, though nobody may listen there yet
 */
public record Ports(Set<Integer> promised) {
    /** Where nothing is promised. */
    public static final Ports ANY = new Ports(Set.of());

    // Below Linux' ephemeral range (from 32768) and Kubernetes' node ports (from 30000), so that no client socket and
    // no Service takes the port while the server is down for a restart; beyond the usual ports of an instance.
    private static final int FROM = 11_000;
    private static final int TO = 17_000;

    public Ports {
        promised = Set.copyOf(promised);
    }

    public static Ports besides(Collection<Integer> promised) {
        return new Ports(Set.copyOf(promised));
    }

    /** A port to try; who tries must be ready to find it taken and to ask again. */
    public int any() {
        while (true) {
            int port = ThreadLocalRandom.current().nextInt(FROM, TO);
            if (allows(port)) {
                return port;
            }
        }
    }

    public boolean allows(int port) {
        return !promised.contains(port);
    }

    /** A port of the loopback address that nobody listened on a moment ago. */
    public int free() {
        while (true) {
            int port = any();
            if (isFree(port)) {
                return port;
            }
        }
    }

    /**
     * A free port of the loopback address that nobody else can listen on until this is closed. Who connects meanwhile is
     * refused.
     */
    public Socket reserve() {
        while (true) {
            Socket held = new Socket();
            try {
                held.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), any()));
                return held;
            } catch (BindException taken) {
                // A socket that is not bound holds nothing: another one.
            } catch (IOException e) {
                throw new UncheckedIOException("no port can be opened", e);
            }
        }
    }

    /** Whether nobody listens on a port of the loopback address at this moment. */
    public static boolean isFree(int port) {
        try (var _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return true;
        } catch (BindException taken) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException("no port can be opened", e);
        }
    }
}
