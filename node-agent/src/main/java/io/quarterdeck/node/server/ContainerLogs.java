package io.quarterdeck.node.server;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.quarterdeck.model.StatusException;
import io.quarterdeck.node.host.BulkOutput;
import io.quarterdeck.node.pods.PodSpecs;
import io.quarterdeck.node.pods.PodWorkers;
import io.quarterdeck.node.runtime.Container;
import io.quarterdeck.node.runtime.ContainerRuntime;
import io.quarterdeck.node.runtime.LogOptions;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** {@code /containerLogs}: a container's log with all that kubectl may ask of it. */
final class ContainerLogs {

    private final PodWorkers workers;
    private final ContainerRuntime runtime;
    private final InstantSource clock;

    ContainerLogs(PodWorkers workers, ContainerRuntime runtime, InstantSource clock) {
        this.workers = workers;
        this.runtime = runtime;
        this.clock = clock;
    }

    void serve(HttpServletRequest request, HttpServletResponse response, Pod pod, String name) throws IOException {
        if (PodSpecs.container(pod, name).isEmpty()) {
            throw new StatusException(
                    404,
                    "NotFound",
                    "container \"%s\" not found in pod \"%s\""
                            .formatted(name, pod.getMetadata().getName()),
                    null);
        }
        boolean previous = is(request, "previous");
        Container container = workers.container(pod.getMetadata().getUid(), name, previous)
                .filter(found -> found.state() != Container.State.CREATED)
                .orElseThrow(() -> StatusException.badRequest(
                        previous
                                ? "previous terminated container \"%s\" in pod \"%s\" not found"
                                        .formatted(name, pod.getMetadata().getName())
                                : waiting(pod, name)));
        OptionalLong limit = number(request, "limitBytes");
        LogOptions options = new LogOptions(
                is(request, "follow"), is(request, "timestamps"), number(request, "tailLines"), since(request));
        String stream = Objects.requireNonNullElse(request.getParameter("stream"), "All");
        response.setContentType("text/plain");
        OutputStream out = limit.isPresent()
                ? new Limited(response.getOutputStream(), limit.getAsLong())
                : response.getOutputStream();
        response.flushBuffer();
        try {
            runtime.logs(
                    container,
                    options,
                    "Stderr".equals(stream) ? OutputStream.nullOutputStream() : out,
                    "Stdout".equals(stream) ? OutputStream.nullOutputStream() : out);
        } catch (Limited.Reached enough) {
            // As much as was asked for.
        }
    }

    private static String waiting(Pod pod, String name) {
        String reason = pod.getStatus() == null
                ? "ContainerCreating"
                : Stream.of(
                                pod.getStatus().getContainerStatuses(),
                                pod.getStatus().getInitContainerStatuses())
                        .filter(Objects::nonNull)
                        .flatMap(statuses -> statuses.stream())
                        .filter(status -> status.getName().equals(name))
                        .map(ContainerStatus::getState)
                        .filter(state -> state != null && state.getWaiting() != null)
                        .map(state -> state.getWaiting().getReason())
                        .findFirst()
                        .orElse("ContainerCreating");
        boolean image = reason.equals("ErrImagePull") || reason.equals("ImagePullBackOff");
        return "container \"%s\" in pod \"%s\" is waiting to start: %s"
                .formatted(name, pod.getMetadata().getName(), image ? "trying and failing to pull image" : reason);
    }

    private static boolean is(HttpServletRequest request, String name) {
        String value = request.getParameter(name);
        return "1".equals(value) || "true".equals(value);
    }

    private static OptionalLong number(HttpServletRequest request, String name) {
        String value = request.getParameter(name);
        if (value == null || value.isEmpty()) {
            return OptionalLong.empty();
        }
        try {
            long number = Long.parseLong(value);
            if (number < 0) {
                throw invalid(name, value);
            }
            return OptionalLong.of(number);
        } catch (NumberFormatException e) {
            throw invalid(name, value);
        }
    }

    private static StatusException invalid(String name, String value) {
        return StatusException.badRequest("Invalid request: invalid value \"%s\" for %s".formatted(value, name));
    }

    private Optional<Instant> since(HttpServletRequest request) {
        OptionalLong seconds = number(request, "sinceSeconds");
        if (seconds.isPresent()) {
            return Optional.of(clock.instant().minusSeconds(seconds.getAsLong()));
        }
        @Nullable String time = request.getParameter("sinceTime");
        if (time == null || time.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(OffsetDateTime.parse(time).toInstant());
        } catch (DateTimeException e) {
            throw invalid("sinceTime", time);
        }
    }

    private static final class Limited extends BulkOutput {

        static final class Reached extends IOException {}

        private final OutputStream out;
        private long left;

        Limited(OutputStream out, long limit) {
            this.out = out;
            this.left = limit;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            int n = (int) Math.min(length, left);
            out.write(bytes, offset, n);
            left -= n;
            if (left == 0) {
                out.flush();
                throw new Reached();
            }
        }

        @Override
        public void flush() throws IOException {
            out.flush();
        }
    }
}
