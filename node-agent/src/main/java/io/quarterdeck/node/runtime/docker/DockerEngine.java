package io.quarterdeck.node.runtime.docker;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.exception.NotModifiedException;
import com.github.dockerjava.api.model.Version;
import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.core.RemoteApiVersion;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import io.quarterdeck.node.runtime.RuntimeFailure;
import io.quarterdeck.node.runtime.RuntimeFailure.Kind;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The connection to one Docker engine, speaking the highest API version that both sides know. Thread-safe. */
final class DockerEngine implements AutoCloseable {

    /** The newest that this code was written against. */
    private static final RemoteApiVersion NEWEST = RemoteApiVersion.VERSION_1_44;

    private static final Pattern MESSAGE = Pattern.compile("\"message\"\\s*:\\s*\"((?:[^\"\\\\]|\\\\.)*)\"");

    private final Path socket;
    private final DockerClient client;
    private final RemoteApiVersion apiVersion;
    private final Version version;

    private DockerEngine(Path socket, DockerClient client, RemoteApiVersion apiVersion, Version version) {
        this.socket = socket;
        this.client = client;
        this.apiVersion = apiVersion;
        this.version = version;
    }

    static DockerEngine connect(URI host) {
        if (!"unix".equals(host.getScheme())) {
            throw new IllegalArgumentException(
                    "the node-agent and its container engine share files, so its address must be unix://…, not "
                            + host);
        }
        DockerClient probe = client(host, RemoteApiVersion.UNKNOWN_VERSION);
        Version version = call(() -> probe.versionCmd().exec());
        try {
            probe.close();
        } catch (IOException nothingLost) {
            // The connection was only for asking.
        }
        RemoteApiVersion offered = RemoteApiVersion.parseConfig(version.getApiVersion());
        RemoteApiVersion agreed = offered.isGreaterOrEqual(NEWEST) ? NEWEST : offered;
        return new DockerEngine(Path.of(host.getPath()), client(host, agreed), agreed, version);
    }

    private static DockerClient client(URI host, RemoteApiVersion apiVersion) {
        var config = DefaultDockerClientConfig.createDefaultConfigBuilder()
                .withDockerHost(host.toString())
                .withDockerTlsVerify(false)
                .withApiVersion(apiVersion)
                .build();
        return DockerClientImpl.getInstance(
                config,
                new ZerodepDockerHttpClient.Builder()
                        .dockerHost(host)
                        // Followed logs hold a connection each.
                        .maxConnections(512)
                        .build());
    }

    DockerClient client() {
        return client;
    }

    Version version() {
        return version;
    }

    DockerSocket upgrade(String path, String jsonBody) {
        try {
            return DockerSocket.upgrade(socket, "/v" + apiVersion.getVersion() + path, jsonBody);
        } catch (IOException e) {
            throw new RuntimeFailure(Kind.OTHER, message(e), e);
        }
    }

    /** Every call goes through here: one place that turns the library's errors into the port's. */
    static <T> T call(Supplier<T> command) {
        try {
            return command.get();
        } catch (NotFoundException e) {
            throw new RuntimeFailure(Kind.NOT_FOUND, message(e), e);
        } catch (ConflictException e) {
            throw new RuntimeFailure(Kind.CONFLICT, message(e), e);
        } catch (DockerException e) {
            throw new RuntimeFailure(Kind.OTHER, message(e), e);
        } catch (RuntimeException e) {
            Throwable root = root(e);
            if (root instanceof RuntimeFailure failure) {
                throw failure;
            }
            throw new RuntimeFailure(root instanceof IOException ? Kind.UNREACHABLE : Kind.OTHER, message(root), e);
        }
    }

    /** For what has reached its goal already when the engine finds nothing to do. */
    static void settle(Runnable command) {
        try {
            call(() -> {
                try {
                    command.run();
                } catch (NotModifiedException alreadySo) {
                    return false;
                }
                return true;
            });
        } catch (RuntimeFailure e) {
            if (e.kind() != Kind.NOT_FOUND) {
                throw e;
            }
        }
    }

    private static Throwable root(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        return root;
    }

    /** The engine's own sentence, without the library's framing. */
    static String message(Throwable e) {
        String text = String.valueOf(e.getMessage());
        Matcher matcher = MESSAGE.matcher(text);
        return matcher.find() ? matcher.group(1).replace("\\\"", "\"").replace("\\n", "\n") : text;
    }

    @Override
    public void close() {
        try {
            client.close();
        } catch (IOException nothingLost) {
            // Nothing is buffered on our side.
        }
    }
}
