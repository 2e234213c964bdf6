package io.quarterdeck.node.probes;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * One call of {@code grpc.health.v1.Health/Check}. So little HTTP/2 is needed for it (one request whose headers are
 * literals, one answer whose body is two bytes) that a library for it would be the larger part of the agent.
 */
final class GrpcProbe {

    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int SETTINGS = 4;
    private static final int PING = 6;
    private static final int GOAWAY = 7;
    private static final int END_STREAM = 1;
    private static final int ACK = 1;
    private static final int END_HEADERS = 4;
    private static final int MAX_FRAME = 1 << 20;
    private static final int SERVING = 1;

    private GrpcProbe() {}

    static Answer check(String host, int port, String service, Duration timeout) {
        int millis = (int) Math.max(1, timeout.toMillis());
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, port), millis);
            socket.setSoTimeout(millis);
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            DataOutputStream request = new DataOutputStream(bytes);
            request.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            frame(request, SETTINGS, 0, 0, new byte[0]);
            frame(request, HEADERS, END_HEADERS, 1, headers(host + ":" + port));
            frame(request, DATA, END_STREAM, 1, message(service));
            out.write(bytes.toByteArray());
            out.flush();
            return answer(new DataInputStream(socket.getInputStream()), out, service);
        } catch (SocketTimeoutException e) {
            return Answer.failure("timeout: failed to connect service \"%s:%d\" within %s: context deadline exceeded"
                    .formatted(host, port, timeout.toSeconds() + "s"));
        } catch (IOException e) {
            return Answer.failure(
                    "error: failed to connect service \"%s:%d\": %s".formatted(host, port, e.getMessage()));
        }
    }

    private static Answer answer(DataInputStream in, DataOutputStream out, String service) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        while (true) {
            int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
            int type = in.readUnsignedByte();
            int flags = in.readUnsignedByte();
            int stream = in.readInt() & 0x7fffffff;
            if (length > MAX_FRAME) {
                throw new IOException("frame too large");
            }
            byte[] payload = in.readNBytes(length);
            if (type == SETTINGS && (flags & ACK) == 0) {
                frame(out, SETTINGS, ACK, 0, new byte[0]);
            } else if (type == PING && (flags & ACK) == 0) {
                frame(out, PING, ACK, 0, payload);
            } else if (type == RST_STREAM || type == GOAWAY) {
                throw new IOException("the server refused the call");
            } else if (stream == 1 && type == DATA) {
                body.write(payload);
            }
            boolean complete = body.size() >= 5 && body.size() >= 5 + lengthOf(body.toByteArray());
            boolean ended = stream == 1 && (type == DATA || type == HEADERS) && (flags & END_STREAM) != 0;
            if (complete || ended) {
                return verdict(body.toByteArray(), service);
            }
        }
    }

    private static int lengthOf(byte[] body) {
        return (body[1] & 0xff) << 24 | (body[2] & 0xff) << 16 | (body[3] & 0xff) << 8 | body[4] & 0xff;
    }

    private static Answer verdict(byte[] body, String service) {
        if (body.length < 5) {
            return Answer.failure("error: health rpc failed for service \"%s\"".formatted(service));
        }
        // HealthCheckResponse { ServingStatus status = 1; }; zero is not written.
        int status = body.length >= 7 && body[5] == 0x08 ? body[6] : 0;
        String[] names = {"UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"};
        return status == SERVING
                ? Answer.success("service healthy")
                : Answer.failure("service unhealthy (responded with \"%s\")"
                        .formatted(status >= 0 && status < names.length ? names[status] : status));
    }

    private static void frame(DataOutputStream out, int type, int flags, int stream, byte[] payload)
            throws IOException {
        out.writeByte(payload.length >> 16);
        out.writeShort(payload.length);
        out.writeByte(type);
        out.writeByte(flags);
        out.writeInt(stream);
        out.write(payload);
        out.flush();
    }

    /** Literals without indexing, names and values plain: every HPACK decoder takes them and no table is needed. */
    private static byte[] headers(String authority) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        String[][] fields = {
            {":method", "POST"},
            {":scheme", "http"},
            {":path", "/grpc.health.v1.Health/Check"},
            {":authority", authority},
            {"content-type", "application/grpc"},
            {"te", "trailers"},
            {"user-agent", "kube-probe/1.36"}
        };
        for (String[] field : fields) {
            block.write(0);
            literal(block, field[0]);
            literal(block, field[1]);
        }
        return block.toByteArray();
    }

    private static void literal(ByteArrayOutputStream block, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        block.write(bytes.length);
        block.writeBytes(bytes);
    }

    private static byte[] message(String service) {
        byte[] name = service.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        if (name.length > 0) {
            request.write(0x0a);
            varint(request, name.length);
            request.writeBytes(name);
        }
        ByteArrayOutputStream framed = new ByteArrayOutputStream();
        framed.write(0);
        int length = request.size();
        framed.write(length >> 24);
        framed.write(length >> 16);
        framed.write(length >> 8);
        framed.write(length);
        framed.writeBytes(request.toByteArray());
        return framed.toByteArray();
    }

    private static void varint(ByteArrayOutputStream out, int value) {
        int rest = value;
        while (rest > 0x7f) {
            out.write(rest & 0x7f | 0x80);
            rest >>>= 7;
        }
        out.write(rest);
    }
}
