package io.quarterdeck.node.runtime.docker;

import io.quarterdeck.node.host.ChannelStreams;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * One upgraded connection to the engine: raw bytes in both directions. docker-java's transports cannot end one direction
 * alone, and a process that reads its standard input to the end would then never see it.
 */
final class DockerSocket implements Closeable {

    private static final int MAX_HEADER = 16 * 1024;

    private final SocketChannel channel;

    private DockerSocket(SocketChannel channel) {
        this.channel = channel;
    }

    static DockerSocket upgrade(Path socket, String target, String jsonBody) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.connect(UnixDomainSocketAddress.of(socket));
            byte[] body = jsonBody.getBytes(StandardCharsets.UTF_8);
            String head = "POST " + target + " HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n"
                    + "Content-Type: application/json\r\nContent-Length: " + body.length + "\r\n\r\n";
            DockerSocket opened = new DockerSocket(channel);
            OutputStream out = opened.output();
            out.write(head.getBytes(StandardCharsets.US_ASCII));
            out.write(body);
            opened.readHead();
            return opened;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private void readHead() throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        InputStream in = input();
        int matched = 0;
        // Byte by byte: whatever follows the head belongs to the stream.
        while (matched < 4) {
            int b = in.read();
            if (b < 0 || head.size() > MAX_HEADER) {
                throw new IOException("the container engine closed the connection");
            }
            head.write(b);
            matched = b == (matched % 2 == 0 ? '\r' : '\n') ? matched + 1 : (b == '\r' ? 1 : 0);
        }
        String text = head.toString(StandardCharsets.US_ASCII);
        String status = text.substring(0, text.indexOf('\r'));
        if (!status.contains(" 101 ") && !status.contains(" 200 ")) {
            String rest = new String(in.readNBytes(contentLength(text)), StandardCharsets.UTF_8);
            throw new IOException(rest.isBlank() ? status : rest.strip());
        }
    }

    private static int contentLength(String head) {
        return head.lines()
                .filter(line -> line.regionMatches(true, 0, "content-length:", 0, 15))
                .map(line -> line.substring(15).strip())
                .mapToInt(Integer::parseInt)
                .map(length -> Math.min(length, MAX_HEADER))
                .findFirst()
                .orElse(0);
    }

    InputStream input() {
        return ChannelStreams.input(channel);
    }

    OutputStream output() {
        return ChannelStreams.output(channel);
    }

    void endOutput() throws IOException {
        channel.shutdownOutput();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
