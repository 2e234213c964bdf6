package io.quarterdeck.node.server.streams;

import io.quarterdeck.node.server.streams.SpdyConnection.SpdyStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MappingIterator;
import tools.jackson.databind.json.JsonMapper;

/** Remote command over SPDY: one stream for each of error, stdin, stdout, stderr and resize, told apart by a header. */
public final class SpdyRemoteStreams implements RemoteStreams {

    /** Best first. */
    public static final List<String> PROTOCOLS =
            List.of("v4.channel.k8s.io", "v3.channel.k8s.io", "v2.channel.k8s.io", "channel.k8s.io");

    private static final Duration ALL_STREAMS_WITHIN = Duration.ofSeconds(30);
    private static final int MAX_STREAMS = 16;

    private final SpdyConnection connection;
    private final boolean withStatus;
    private final Map<String, SpdyStream> streams = new HashMap<>();
    private @Nullable MappingIterator<JsonNode> sizes;

    /**
     * Waits for the streams that the request announced.
     *
     * @param expected among {@code error stdin stdout stderr resize}
     */
    public SpdyRemoteStreams(SpdyConnection connection, String protocol, Set<String> expected) throws IOException {
        this.connection = connection;
        this.withStatus = protocol.startsWith("v4");
        BlockingQueue<SpdyStream> opened = new LinkedBlockingQueue<>(MAX_STREAMS);
        Thread.ofVirtual().name("spdy-reader").start(() -> {
            try {
                connection.serve(opened::offer);
            } catch (IOException clientLeft) {
                connection.close();
            }
        });
        while (!streams.keySet().containsAll(expected)) {
            try {
                SpdyStream stream = opened.poll(ALL_STREAMS_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
                if (stream == null) {
                    connection.close();
                    throw new IOException("timed out waiting for client to create streams");
                }
                streams.put(stream.header("streamtype"), stream);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            }
        }
    }

    private OutputStream output(String name) {
        SpdyStream stream = streams.get(name);
        return stream == null ? OutputStream.nullOutputStream() : stream.output();
    }

    @Override
    public Optional<InputStream> stdin() {
        return Optional.ofNullable(streams.get("stdin")).map(SpdyStream::input);
    }

    @Override
    public OutputStream stdout() {
        return output("stdout");
    }

    @Override
    public OutputStream stderr() {
        return output("stderr");
    }

    @Override
    public Optional<Size> nextSize() throws IOException {
        SpdyStream stream = streams.get("resize");
        if (stream == null) {
            return Optional.empty();
        }
        if (sizes == null) {
            sizes = JsonMapper.shared()
                    .readerFor(JsonNode.class)
                    .without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .readValues(stream.input());
        }
        if (!sizes.hasNextValue()) {
            return Optional.empty();
        }
        JsonNode size = sizes.nextValue();
        return Optional.of(
                new Size(size.path("Width").asInt(), size.path("Height").asInt()));
    }

    @Override
    public void finish(String statusJson, Optional<String> plainError) throws IOException {
        String text = withStatus ? statusJson : plainError.orElse("");
        OutputStream error = output("error");
        if (!text.isEmpty()) {
            error.write(text.getBytes(StandardCharsets.UTF_8));
        }
        for (String name : List.of("stdout", "stderr", "error")) {
            output(name).close();
        }
    }
}
