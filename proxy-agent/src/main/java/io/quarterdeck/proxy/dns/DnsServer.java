package io.quarterdeck.proxy.dns;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * DNS over UDP and TCP on one address. At most {@link #QUESTIONS_AT_ONCE} questions are worked on; more are not
 * answered, and resolvers ask again.
 */
public final class DnsServer implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(DnsServer.class);
    private static final int QUESTIONS_AT_ONCE = 1024;
    private static final int LARGEST_DATAGRAM = 4096;
    private static final int IDLE_MILLIS = 10_000;

    private final DnsResponder responder;
    private final MeterRegistry registry;
    private final DatagramSocket datagrams;
    private final ServerSocket streams;
    private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
    private final Semaphore room = new Semaphore(QUESTIONS_AT_ONCE);

    /** @throws IOException when the address or port is not to be had */
    DnsServer(InetAddress address, int port, DnsResponder responder, MeterRegistry registry) throws IOException {
        this.responder = responder;
        this.registry = registry;
        datagrams = new DatagramSocket(new InetSocketAddress(address, port));
        try {
            streams = new ServerSocket(datagrams.getLocalPort(), 128, address);
        } catch (IOException taken) {
            datagrams.close();
            throw taken;
        }
        Thread.ofPlatform().name("dns-udp").daemon().start(this::serveDatagrams);
        Thread.ofPlatform().name("dns-tcp").daemon().start(this::serveStreams);
    }

    int port() {
        return datagrams.getLocalPort();
    }

    private void serveDatagrams() {
        while (!datagrams.isClosed()) {
            DatagramPacket packet = new DatagramPacket(new byte[LARGEST_DATAGRAM], LARGEST_DATAGRAM);
            try {
                datagrams.receive(packet);
            } catch (SocketException closedOrRefused) {
                continue;
            } catch (IOException failed) {
                log.warn("a DNS datagram could not be read: {}", failed.getMessage());
                continue;
            }
            perform(() -> {
                byte[] question = Arrays.copyOf(packet.getData(), packet.getLength());
                byte[] answer = answer("udp", question, DnsResponder.Transport.UDP);
                if (answer.length > 0) {
                    datagrams.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
                }
            });
        }
    }

    private void serveStreams() {
        while (!streams.isClosed()) {
            Socket connection;
            try {
                connection = streams.accept();
            } catch (IOException closedOrRefused) {
                continue;
            }
            if (!perform(() -> serve(connection))) {
                closeQuietly(connection);
            }
        }
    }

    private void serve(Socket connection) throws IOException {
        try (connection) {
            connection.setSoTimeout(IDLE_MILLIS);
            DataInputStream in = new DataInputStream(connection.getInputStream());
            DataOutputStream out = new DataOutputStream(connection.getOutputStream());
            while (true) {
                byte[] question = new byte[in.readUnsignedShort()];
                in.readFully(question);
                byte[] answer = answer("tcp", question, DnsResponder.Transport.TCP);
                if (answer.length == 0) {
                    return;
                }
                out.writeShort(answer.length);
                out.write(answer);
                out.flush();
            }
        } catch (EOFException | SocketTimeoutException ended) {
            log.trace("a DNS connection ended");
        }
    }

    private byte[] answer(String protocol, byte[] question, DnsResponder.Transport transport) {
        long start = System.nanoTime();
        byte[] answer = responder.answer(question, transport);
        registry.timer("coredns.dns.request.duration", "proto", protocol)
                .record(Duration.ofNanos(System.nanoTime() - start));
        return answer;
    }

    private interface Work {
        void run() throws IOException;
    }

    private boolean perform(Work work) {
        if (!room.tryAcquire()) {
            return false;
        }
        try {
            workers.execute(() -> {
                try {
                    work.run();
                } catch (IOException gone) {
                    log.debug("a DNS client went away: {}", gone.getMessage());
                } finally {
                    room.release();
                }
            });
            return true;
        } catch (RejectedExecutionException stopping) {
            room.release();
            return false;
        }
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException gone) {
            log.trace("already closed");
        }
    }

    @Override
    public void close() {
        datagrams.close();
        try {
            streams.close();
        } catch (IOException gone) {
            log.trace("already closed");
        }
        workers.shutdownNow();
    }
}
