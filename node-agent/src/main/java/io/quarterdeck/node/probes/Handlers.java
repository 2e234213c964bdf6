package io.quarterdeck.node.probes;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.HTTPGetAction;
import io.fabric8.kubernetes.api.model.HTTPHeader;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.LifecycleHandler;
import io.fabric8.kubernetes.api.model.Probe;
import io.quarterdeck.node.probes.Answer.Verdict;
import io.quarterdeck.node.runtime.ContainerRuntime;
import io.quarterdeck.node.runtime.ExecResult;
import io.quarterdeck.node.runtime.RuntimeFailure;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Carries out what probes and lifecycle hooks ask for. Blocking, thread-safe. */
public final class Handlers {

    private final ContainerRuntime runtime;

    public Handlers(ContainerRuntime runtime) {
        this.runtime = runtime;
    }

    Answer probe(Probe probe, Container spec, String containerId, String podIp) {
        Duration timeout = Duration.ofSeconds(Objects.requireNonNullElse(probe.getTimeoutSeconds(), 1));
        if (probe.getExec() != null) {
            return exec(containerId, probe.getExec().getCommand(), timeout);
        }
        if (probe.getHttpGet() != null) {
            return http(probe.getHttpGet(), spec, podIp, timeout);
        }
        if (probe.getTcpSocket() != null) {
            String host = Objects.requireNonNullElse(probe.getTcpSocket().getHost(), "");
            return tcp(host.isEmpty() ? podIp : host, port(probe.getTcpSocket().getPort(), spec), timeout);
        }
        if (probe.getGrpc() != null) {
            return GrpcProbe.check(
                    podIp,
                    probe.getGrpc().getPort(),
                    Objects.requireNonNullElse(probe.getGrpc().getService(), ""),
                    timeout);
        }
        return new Answer(Verdict.UNKNOWN, "missing probe handler for " + spec.getName());
    }

    /** A hook has as long as the container has. Throws {@link HookFailed} with what went wrong. */
    public void hook(LifecycleHandler handler, Container spec, String containerId, String podIp, Duration atMost) {
        if (handler.getExec() != null) {
            ExecResult result = runtime.execSync(containerId, handler.getExec().getCommand(), atMost);
            if (result.exitCode() != 0) {
                throw new HookFailed(
                        "Exec lifecycle hook (%s) for Container \"%s\" failed - error: command '%s' exited with %d: %s, message: \"%s\""
                                .formatted(
                                        handler.getExec().getCommand(),
                                        spec.getName(),
                                        String.join(" ", handler.getExec().getCommand()),
                                        result.exitCode(),
                                        result.output().strip(),
                                        result.output()));
            }
        } else if (handler.getHttpGet() != null) {
            Answer answer = http(handler.getHttpGet(), spec, podIp, atMost);
            if (answer.verdict() != Verdict.SUCCESS) {
                throw new HookFailed("HTTP lifecycle hook (%s) for Container \"%s\" failed - error: %s"
                        .formatted(handler.getHttpGet().getPath(), spec.getName(), answer.output()));
            }
        } else if (handler.getSleep() != null) {
            Duration asked = Duration.ofSeconds(handler.getSleep().getSeconds());
            try {
                Thread.sleep(asked.compareTo(atMost) > 0 ? atMost : asked);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new HookFailed("interrupted");
            }
        }
    }

    public static final class HookFailed extends RuntimeException {
        HookFailed(String message) {
            super(message);
        }

        public String text() {
            return String.valueOf(getMessage());
        }
    }

    private Answer exec(String containerId, List<String> command, Duration timeout) {
        try {
            ExecResult result = runtime.execSync(containerId, command, timeout);
            if (result.timedOut()) {
                return Answer.failure("command timed out: \"%s\" timed out after %ds"
                        .formatted(String.join(" ", command), timeout.toSeconds()));
            }
            return result.exitCode() == 0 ? Answer.success(result.output()) : Answer.failure(result.output());
        } catch (RuntimeFailure e) {
            return new Answer(Verdict.UNKNOWN, e.text());
        }
    }

    private static Answer http(HTTPGetAction action, Container spec, String podIp, Duration timeout) {
        String host = Objects.requireNonNullElse(action.getHost(), "");
        String path = Objects.requireNonNullElse(action.getPath(), "/");
        Map<String, String> headers = new LinkedHashMap<>();
        for (HTTPHeader header : Objects.requireNonNullElse(action.getHttpHeaders(), List.<HTTPHeader>of())) {
            headers.merge(header.getName(), Objects.requireNonNullElse(header.getValue(), ""), (a, b) -> a + ", " + b);
        }
        try {
            return HttpProbe.get(
                    new HttpProbe.Request(
                            Objects.requireNonNullElse(action.getScheme(), "HTTP"),
                            host.isEmpty() ? podIp : host,
                            port(action.getPort(), spec),
                            path.startsWith("/") ? path : "/" + path,
                            headers),
                    timeout);
        } catch (IllegalArgumentException e) {
            return new Answer(Verdict.UNKNOWN, String.valueOf(e.getMessage()));
        }
    }

    private static Answer tcp(String host, int port, Duration timeout) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, port), (int) Math.max(1, timeout.toMillis()));
            return Answer.success("");
        } catch (SocketTimeoutException e) {
            return Answer.failure("dial tcp %s:%d: i/o timeout".formatted(host, port));
        } catch (IOException e) {
            return Answer.failure("dial tcp %s:%d: connect: connection refused".formatted(host, port));
        }
    }

    private static int port(IntOrString port, Container spec) {
        if (port.getIntVal() != null) {
            return port.getIntVal();
        }
        String name = port.getStrVal();
        return Objects.requireNonNullElse(spec.getPorts(), List.<ContainerPort>of()).stream()
                .filter(candidate -> name.equals(candidate.getName()))
                .map(ContainerPort::getContainerPort)
                .findFirst()
                .orElseGet(() -> Integer.parseInt(name));
    }
}
