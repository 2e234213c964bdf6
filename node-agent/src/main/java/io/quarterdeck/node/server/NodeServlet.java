package io.quarterdeck.node.server;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodListBuilder;
import io.quarterdeck.client.ObjectSerialization;
import io.quarterdeck.model.StatusException;
import io.quarterdeck.node.pods.PodSource;
import io.quarterdeck.node.pods.PodSpecs;
import io.quarterdeck.node.pods.PodWorkers;
import io.quarterdeck.node.runtime.Container;
import io.quarterdeck.node.runtime.ContainerRuntime;
import io.quarterdeck.node.runtime.ExecResult;
import io.quarterdeck.node.runtime.RuntimeFailure;
import io.quarterdeck.node.runtime.Sandbox;
import io.quarterdeck.node.stats.StatsSummary;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Who may ask what of this node, and who answers it. The paths are upstream's kubelet's; errors are plain text. */
final class NodeServlet extends HttpServlet {

    private static final Logger LOG = LoggerFactory.getLogger(NodeServlet.class);
    private static final Duration RUN_TIMEOUT = Duration.ofMinutes(1);

    private final transient CallerAuthentication authentication;
    private final transient CallerAuthorization authorization;
    private final transient PodSource pods;
    private final transient PodWorkers workers;
    private final transient ContainerRuntime runtime;
    private final transient ObjectSerialization serialization;
    private final transient StatsSummary stats;
    private final transient ContainerLogs logs;
    private final transient RemoteCommand commands;
    private final transient PortForward ports = new PortForward();

    NodeServlet(
            CallerAuthentication authentication,
            CallerAuthorization authorization,
            PodSource pods,
            PodWorkers workers,
            ContainerRuntime runtime,
            ObjectSerialization serialization,
            StatsSummary stats,
            InstantSource clock) {
        this.authentication = authentication;
        this.authorization = authorization;
        this.pods = pods;
        this.workers = workers;
        this.runtime = runtime;
        this.serialization = serialization;
        this.stats = stats;
        this.logs = new ContainerLogs(workers, runtime, clock);
        this.commands = new RemoteCommand(runtime);
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response)
            throws IOException, ServletException {
        try {
            Optional<Caller> caller = authentication.authenticate(request);
            if (caller.isEmpty()) {
                throw StatusException.unauthorized();
            }
            String path = request.getRequestURI();
            authorization.require(caller.get(), request.getMethod(), path);
            route(request, response, segments(path));
        } catch (StatusException e) {
            fail(response, e.code(), e.text());
        } catch (RuntimeFailure e) {
            fail(response, HttpServletResponse.SC_INTERNAL_SERVER_ERROR, e.text());
        } catch (RuntimeException e) {
            LOG.error("{} {} failed", request.getMethod(), request.getRequestURI(), e);
            fail(response, HttpServletResponse.SC_INTERNAL_SERVER_ERROR, "Internal error");
        }
    }

    private static void fail(HttpServletResponse response, int code, String message) throws IOException {
        if (response.isCommitted()) {
            return;
        }
        response.reset();
        response.setStatus(code);
        response.setContentType("text/plain; charset=utf-8");
        response.getOutputStream().write((message + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private static List<String> segments(String path) {
        return Arrays.stream(path.split("/"))
                .filter(segment -> !segment.isEmpty())
                .map(segment -> URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8))
                .toList();
    }

    private void route(HttpServletRequest request, HttpServletResponse response, List<String> path)
            throws IOException, ServletException {
        String first = path.isEmpty() ? "" : path.getFirst();
        switch (first) {
            case "healthz" -> text(response, "text/plain; charset=utf-8", "ok");
            case "pods" ->
                text(
                        response,
                        "application/json",
                        serialization.asJson(
                                new PodListBuilder().withItems(pods.all()).build()));
            case "containerLogs" -> {
                require(path.size() == 4);
                logs.serve(request, response, pod(path), path.get(3));
            }
            case "exec" -> commands.exec(request, response, running(path).id());
            case "attach" -> {
                Container container = running(path);
                commands.attach(request, response, container.id(), container.tty());
            }
            case "portForward" -> {
                require(path.size() >= 3);
                ports.serve(request, response, namespace(pod(path)));
            }
            case "run" -> run(request, response, running(path));
            case "stats" -> {
                require(path.size() == 2 && "summary".equals(path.get(1)));
                text(response, "application/json", stats.json());
            }
            case "metrics" -> metrics(response, path);
            default -> throw new StatusException(404, "NotFound", "404 page not found", null);
        }
    }

    private static void require(boolean holds) {
        if (!holds) {
            throw new StatusException(404, "NotFound", "404 page not found", null);
        }
    }

    private static void text(HttpServletResponse response, String type, String body) throws IOException {
        response.setContentType(type);
        response.getOutputStream().write(body.getBytes(StandardCharsets.UTF_8));
    }

    private void metrics(HttpServletResponse response, List<String> path) throws IOException {
        if (path.size() == 1) {
            text(response, "text/plain; version=0.0.4; charset=utf-8", stats.nodeMetrics(workers.count()));
        } else {
            require("resource".equals(path.get(1)));
            text(response, "text/plain; version=0.0.4; charset=utf-8", stats.resourceMetrics());
        }
    }

    /** {@code /verb/namespace/pod[/uid]/…} */
    private Pod pod(List<String> path) {
        return pods.byName(path.get(1), path.get(2))
                .orElseThrow(() -> new StatusException(404, "NotFound", "pod does not exist", null));
    }

    private Container running(List<String> path) {
        require(path.size() == 4 || path.size() == 5);
        Pod pod = pod(path);
        String name = path.getLast();
        if (PodSpecs.container(pod, name).isEmpty()) {
            throw new StatusException(404, "NotFound", "container not found (\"%s\")".formatted(name), null);
        }
        return workers.container(pod.getMetadata().getUid(), name, false)
                .filter(Container::running)
                .orElseThrow(() -> new StatusException(
                        500, "InternalError", "container not found (\"%s\")".formatted(name), null));
    }

    private Path namespace(Pod pod) {
        Sandbox sandbox = runtime.podSandboxes(pod.getMetadata().getUid()).stream()
                .filter(Sandbox::ready)
                .findFirst()
                .orElseThrow(() -> new StatusException(
                        500,
                        "InternalError",
                        "failed to find sandbox for pod \"%s\""
                                .formatted(pod.getMetadata().getName()),
                        null));
        return Path.of("/proc", Long.toString(sandbox.pid()), "ns", "net");
    }

    private void run(HttpServletRequest request, HttpServletResponse response, Container container) throws IOException {
        if (!"POST".equals(request.getMethod())) {
            throw StatusException.methodNotAllowed();
        }
        String command = Objects.requireNonNullElse(request.getParameter("cmd"), "");
        ExecResult result = runtime.execSync(container.id(), List.of(command.split(" ")), RUN_TIMEOUT);
        if (result.exitCode() != 0) {
            throw new StatusException(
                    500,
                    "InternalError",
                    "command exited with %d: %s".formatted(result.exitCode(), result.output()),
                    null);
        }
        text(response, "text/plain; charset=utf-8", result.output());
    }
}
