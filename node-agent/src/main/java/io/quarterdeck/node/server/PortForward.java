package io.quarterdeck.node.server;

import io.quarterdeck.model.StatusException;
import io.quarterdeck.node.host.ChannelStreams;
import io.quarterdeck.node.network.NamespaceSockets;
import io.quarterdeck.node.server.streams.SpdyConnection;
import io.quarterdeck.node.server.streams.SpdyConnection.SpdyStream;
import io.quarterdeck.node.server.streams.WebSocketConnection;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Joins a client's streams with ports inside a pod, on the pod's own loopback. A connection is a pair of SPDY streams,
 * {@code data} and {@code error}, told apart by a request id; SPDY may come plain or inside a WebSocket.
 */
final class PortForward {

    private static final Logger LOG = LoggerFactory.getLogger(PortForward.class);
    private static final String PROTOCOL = "portforward.k8s.io";
    private static final String TUNNELLED = "SPDY/3.1+portforward.k8s.io";
    private static final List<String> CHANNELS = List.of("v4.channel.k8s.io", "v4.base64.channel.k8s.io");

    /** @param namespace a file that stands for the pod's network namespace */
    void serve(HttpServletRequest request, HttpServletResponse response, Path namespace)
            throws IOException, ServletException {
        UpgradeRequest upgrade = UpgradeRequest.of(request);
        if (upgrade.kind() == UpgradeRequest.Kind.SPDY) {
            upgrade.answer(request, response, upgrade.choose(List.of(PROTOCOL), PROTOCOL));
            Upgraded.begin(request, (in, out) -> forward(new SpdyConnection(in, out), namespace));
            return;
        }
        if (upgrade.offered().contains(TUNNELLED)) {
            upgrade.answer(request, response, TUNNELLED);
            Upgraded.begin(request, (in, out) -> {
                WebSocketConnection tunnel = new WebSocketConnection(in, out);
                forward(new SpdyConnection(tunnel.asInput(), tunnel.asOutput()), namespace);
                tunnel.close();
            });
            return;
        }
        int[] ports = ports(request);
        String protocol = upgrade.choose(CHANNELS, CHANNELS.getFirst());
        if (protocol.contains("base64")) {
            throw StatusException.badRequest("unable to upgrade: only binary channels are forwarded");
        }
        upgrade.answer(request, response, protocol);
        Upgraded.begin(request, (in, out) -> channels(new WebSocketConnection(in, out), ports, namespace));
    }

    private static int[] ports(HttpServletRequest request) {
        String[] values = request.getParameterValues("port") != null
                ? request.getParameterValues("port")
                : request.getParameterValues("ports");
        if (values == null) {
            throw StatusException.badRequest("query parameter \"port\" is required");
        }
        try {
            return Arrays.stream(values)
                    .flatMap(value -> Arrays.stream(value.split(",")))
                    .mapToInt(Integer::parseInt)
                    .toArray();
        } catch (NumberFormatException e) {
            throw StatusException.badRequest("query parameter \"port\" is not a number");
        }
    }

    private static SocketChannel connect(Path namespace, int port) throws IOException {
        try {
            return NamespaceSockets.connect(
                    namespace, new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port));
        } catch (IOException notByIpv4) {
            try {
                return NamespaceSockets.connect(namespace, new InetSocketAddress(InetAddress.getByName("::1"), port));
            } catch (IOException norByIpv6) {
                throw new IOException("IPv4: dial tcp4 127.0.0.1:%d: %s IPv6: dial tcp6 [::1]:%d: %s"
                        .formatted(port, notByIpv4.getMessage(), port, norByIpv6.getMessage()));
            }
        }
    }

    // ---- SPDY ----

    private void forward(SpdyConnection connection, Path namespace) throws IOException {
        Map<String, SpdyStream> errors = new ConcurrentHashMap<>();
        try (connection) {
            connection.serve(stream -> {
                String request = stream.header("requestid");
                if ("error".equals(stream.header("streamtype"))) {
                    errors.put(request, stream);
                } else {
                    SpdyStream error = errors.remove(request);
                    Thread.ofVirtual().name("port-forward").start(() -> carry(stream, error, namespace));
                }
            });
        }
    }

    private static void carry(SpdyStream data, @Nullable SpdyStream error, Path namespace) {
        try {
            int port = Integer.parseInt(data.header("port"));
            try (SocketChannel socket = connect(namespace, port)) {
                copyBothWays(data, socket);
            } catch (IOException e) {
                if (error != null) {
                    error.output()
                            .write(("error forwarding port %d to pod: failed to connect to localhost:%d: %s"
                                            .formatted(port, port, e.getMessage()))
                                    .getBytes(StandardCharsets.UTF_8));
                }
            }
            // The client waits for the end of both, and resets the pair once it has read everything.
            data.endOutput();
            if (error != null) {
                error.endOutput();
            }
        } catch (IOException | NumberFormatException clientLeft) {
            LOG.debug("A forwarded connection ended: {}", clientLeft.getMessage());
        }
    }

    /** Until the pod has said everything; a connection that breaks has said everything, too. */
    private static void copyBothWays(SpdyStream data, SocketChannel socket) {
        Thread up = Thread.ofVirtual().name("to-pod").start(() -> {
            try {
                data.input().transferTo(ChannelStreams.output(socket));
                socket.shutdownOutput();
            } catch (IOException podClosed) {
                // The other direction ends by itself.
            }
        });
        try {
            ChannelStreams.input(socket).transferTo(data.output());
        } catch (IOException broken) {
            LOG.debug("A forwarded connection broke: {}", broken.getMessage());
        }
        up.interrupt();
    }

    // ---- WebSocket channels ----

    /** Channel 2n carries the nth port's data, 2n+1 its errors; each begins with the port in two bytes. */
    private static void channels(WebSocketConnection connection, int[] ports, Path namespace) throws IOException {
        SocketChannel[] sockets = new SocketChannel[ports.length];
        try {
            for (int i = 0; i < ports.length; i++) {
                byte[] port = {(byte) ports[i], (byte) (ports[i] >> 8)};
                send(connection, 2 * i, port, 2);
                send(connection, 2 * i + 1, port, 2);
                try {
                    sockets[i] = connect(namespace, ports[i]);
                } catch (IOException e) {
                    byte[] text = ("error forwarding port %d to pod: %s".formatted(ports[i], e.getMessage()))
                            .getBytes(StandardCharsets.UTF_8);
                    send(connection, 2 * i + 1, text, text.length);
                    continue;
                }
                int channel = 2 * i;
                SocketChannel socket = sockets[i];
                Thread.ofVirtual().name("from-pod").start(() -> copy(socket, connection, channel));
            }
            for (byte[] message = connection.read(); message != null; message = connection.read()) {
                int channel = message.length == 0 ? 1 : message[0] & 0xff;
                int index = channel / 2;
                if (channel % 2 == 0 && index < sockets.length && sockets[index] != null) {
                    ChannelStreams.output(sockets[index]).write(message, 1, message.length - 1);
                }
            }
        } finally {
            for (SocketChannel socket : sockets) {
                if (socket != null) {
                    socket.close();
                }
            }
        }
    }

    private static void copy(SocketChannel socket, WebSocketConnection connection, int channel) {
        byte[] buffer = new byte[16 * 1024];
        try {
            InputStream in = ChannelStreams.input(socket);
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                send(connection, channel, buffer, n);
            }
            connection.close();
        } catch (IOException closed) {
            // One of both has left.
        }
    }

    private static void send(WebSocketConnection connection, int channel, byte[] bytes, int length) throws IOException {
        byte[] message = new byte[length + 1];
        message[0] = (byte) channel;
        System.arraycopy(bytes, 0, message, 1, length);
        connection.writeBinary(message, 0, message.length);
    }
}
