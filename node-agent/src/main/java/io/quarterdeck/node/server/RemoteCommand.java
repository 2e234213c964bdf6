package io.quarterdeck.node.server;

import io.quarterdeck.model.StatusException;
import io.quarterdeck.node.runtime.ContainerRuntime;
import io.quarterdeck.node.runtime.ContainerStream;
import io.quarterdeck.node.runtime.RuntimeFailure;
import io.quarterdeck.node.runtime.StreamOptions;
import io.quarterdeck.node.server.streams.RemoteStreams;
import io.quarterdeck.node.server.streams.RemoteStreams.Size;
import io.quarterdeck.node.server.streams.SpdyConnection;
import io.quarterdeck.node.server.streams.SpdyRemoteStreams;
import io.quarterdeck.node.server.streams.WebSocketConnection;
import io.quarterdeck.node.server.streams.WebSocketRemoteStreams;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** exec and attach: joins a client's streams with a process's, in whatever protocol the client speaks. */
final class RemoteCommand {

    private static final JsonMapper JSON = JsonMapper.shared();

    private final ContainerRuntime runtime;

    RemoteCommand(ContainerRuntime runtime) {
        this.runtime = runtime;
    }

    void exec(HttpServletRequest request, HttpServletResponse response, String containerId)
            throws IOException, ServletException {
        String[] command = request.getParameterValues("command");
        if (command == null || command.length == 0) {
            throw StatusException.badRequest("you must specify at least 1 command");
        }
        StreamOptions options = options(request, is(request, "tty"));
        serve(request, response, options, () -> runtime.exec(containerId, List.of(command), options), true);
    }

    void attach(HttpServletRequest request, HttpServletResponse response, String containerId, boolean tty)
            throws IOException, ServletException {
        StreamOptions options = options(request, tty);
        serve(request, response, options, () -> runtime.attach(containerId, options), false);
    }

    private static StreamOptions options(HttpServletRequest request, boolean tty) {
        // Both spellings are upstream's: the API's parameters and the kubelet's own.
        boolean stdin = is(request, "stdin") || is(request, "input");
        boolean stdout = is(request, "stdout") || is(request, "output");
        boolean stderr = (is(request, "stderr") || is(request, "error")) && !tty;
        if (!stdin && !stdout && !stderr) {
            throw StatusException.badRequest("you must specify at least 1 of stdin, stdout, stderr");
        }
        return new StreamOptions(stdin, stdout, stderr, tty);
    }

    private static boolean is(HttpServletRequest request, String name) {
        String value = request.getParameter(name);
        return "1".equals(value) || "true".equals(value);
    }

    private interface Opening {
        ContainerStream open();
    }

    private void serve(
            HttpServletRequest request,
            HttpServletResponse response,
            StreamOptions options,
            Opening opening,
            boolean withExitCode)
            throws IOException, ServletException {
        UpgradeRequest upgrade = UpgradeRequest.of(request);
        if (upgrade.kind() == UpgradeRequest.Kind.WEBSOCKET) {
            String protocol = upgrade.choose(WebSocketRemoteStreams.PROTOCOLS, "channel.k8s.io");
            upgrade.answer(request, response, protocol);
            Upgraded.begin(request, (in, out) -> {
                WebSocketConnection connection = new WebSocketConnection(in, out);
                join(
                        new WebSocketRemoteStreams(
                                connection, protocol, options.stdin(), options.stdout(), options.stderr()),
                        options,
                        opening,
                        withExitCode);
            });
        } else {
            String protocol = upgrade.choose(SpdyRemoteStreams.PROTOCOLS, "channel.k8s.io");
            upgrade.answer(request, response, protocol);
            Upgraded.begin(request, (in, out) -> {
                try (SpdyConnection connection = new SpdyConnection(in, out)) {
                    join(
                            new SpdyRemoteStreams(connection, protocol, expected(options, protocol)),
                            options,
                            opening,
                            withExitCode);
                    // The client closes after it has read everything; closing first could cut that short.
                    connection.awaitClient();
                }
            });
        }
    }

    private static Set<String> expected(StreamOptions options, String protocol) {
        Set<String> expected = new HashSet<>(Set.of("error"));
        if (options.stdin()) {
            expected.add("stdin");
        }
        if (options.stdout()) {
            expected.add("stdout");
        }
        if (options.stderr()) {
            expected.add("stderr");
        }
        if (options.tty() && (protocol.startsWith("v3") || protocol.startsWith("v4"))) {
            expected.add("resize");
        }
        return expected;
    }

    private static void join(RemoteStreams streams, StreamOptions options, Opening opening, boolean withExitCode)
            throws IOException {
        ContainerStream process;
        try {
            process = opening.open();
        } catch (RuntimeFailure e) {
            streams.finish(internalError(e.text()), Optional.of(e.text()));
            return;
        }
        try (process) {
            streams.stdin().ifPresent(stdin -> Thread.ofVirtual().name("stdin").start(() -> type(stdin, process)));
            if (options.tty()) {
                Thread.ofVirtual().name("resize").start(() -> resize(streams, process));
            }
            process.copyOutput(
                    options.stdout() ? streams.stdout() : OutputStream.nullOutputStream(),
                    options.stderr() ? streams.stderr() : OutputStream.nullOutputStream());
            int exitCode = withExitCode ? process.exitCode() : 0;
            if (exitCode == 0) {
                streams.finish("{\"metadata\":{},\"status\":\"Success\"}", Optional.empty());
            } else {
                streams.finish(
                        nonZero(exitCode),
                        Optional.of("error executing remote command: command terminated with exit code " + exitCode));
            }
        } catch (RuntimeFailure e) {
            streams.finish(internalError(e.text()), Optional.of(e.text()));
        }
    }

    private static void type(InputStream stdin, ContainerStream process) {
        byte[] buffer = new byte[16 * 1024];
        try {
            OutputStream target = process.stdin();
            for (int n = stdin.read(buffer); n >= 0; n = stdin.read(buffer)) {
                target.write(buffer, 0, n);
                target.flush();
            }
            process.endStdin();
        } catch (IOException processEnded) {
            // What is typed after the end goes nowhere.
        }
    }

    private static void resize(RemoteStreams streams, ContainerStream process) {
        try {
            for (Optional<Size> size = streams.nextSize(); size.isPresent(); size = streams.nextSize()) {
                process.resize(size.get().width(), size.get().height());
            }
        } catch (IOException | RuntimeException ended) {
            // A terminal that is gone has no size.
        }
    }

    private static String nonZero(int exitCode) {
        ObjectNode status = JSON.createObjectNode();
        status.putObject("metadata");
        status.put("status", "Failure")
                .put("message", "command terminated with non-zero exit code: exit status " + exitCode)
                .put("reason", "NonZeroExitCode");
        status.putObject("details")
                .putArray("causes")
                .addObject()
                .put("reason", "ExitCode")
                .put("message", Integer.toString(exitCode));
        return status.toString();
    }

    private static String internalError(String message) {
        ObjectNode status = JSON.createObjectNode();
        status.putObject("metadata");
        status.put("status", "Failure")
                .put("message", "Internal error occurred: " + message)
                .put("reason", "InternalError")
                .put("code", 500);
        status.putObject("details").putArray("causes").addObject().put("message", message);
        return status.toString();
    }
}
