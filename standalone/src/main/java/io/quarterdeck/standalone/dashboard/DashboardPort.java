package io.quarterdeck.standalone.dashboard;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens on the dashboard's port and starts the dashboard behind it at the first connection: most clusters never look,
 * and it would cost them seconds of start and a tenth of their memory. Bytes go through untouched, TLS included.
 */
public final class DashboardPort implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DashboardPort.class);
    private static final int CONNECTIONS = 64;

    private final ServerSocket listener;
    private final Supplier<RunningDashboard> starter;
    private final Semaphore free = new Semaphore(CONNECTIONS);
    private RunningDashboard running = RunningDashboard.NONE;
    private boolean closed;

    /** A dashboard that listens on a port of its own choice on loopback. */
    public interface RunningDashboard extends AutoCloseable {
        RunningDashboard NONE = new RunningDashboard() {
            @Override
            public int port() {
                return 0;
            }

            @Override
            public void close() {}
        };

        int port();

        @Override
        void close();
    }

    public DashboardPort(int port, Supplier<RunningDashboard> starter) throws IOException {
        this.starter = starter;
        this.listener = new ServerSocket();
        this.listener.setReuseAddress(true);
        this.listener.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port), CONNECTIONS);
        Thread.ofVirtual().name("dashboard-port").start(this::accept);
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                free.acquire();
                Socket client = listener.accept();
                Thread.ofVirtual().name("dashboard-connection").start(() -> serve(client));
            } catch (IOException e) {
                free.release();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private void serve(Socket client) {
        try (client;
                var dashboard = new Socket(
                        InetAddress.getByName("127.0.0.1"), dashboard().port())) {
            Thread back = Thread.ofVirtual().start(() -> pipe(dashboard, client));
            pipe(client, dashboard);
            back.join();
        } catch (IOException | RuntimeException e) {
            LOG.warn("The dashboard does not answer: {}", e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            free.release();
        }
    }

    private synchronized RunningDashboard dashboard() {
        if (closed) {
            throw new IllegalStateException("stopping");
        }
        if (running == RunningDashboard.NONE) {
            running = starter.get();
        }
        return running;
    }

    private static void pipe(Socket from, Socket to) {
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            in.transferTo(out);
            to.shutdownOutput();
        } catch (IOException e) {
            // One side went away; closing the other ends both directions.
            close(from);
            close(to);
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            LOG.debug("A connection of the dashboard did not close: {}", e.toString());
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        try {
            listener.close();
        } catch (IOException e) {
            LOG.debug("The dashboard's port did not close: {}", e.toString());
        }
        running.close();
    }
}
