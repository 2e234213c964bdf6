package io.quarterdeck.api.kinds.core;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.Cells;
import io.quarterdeck.api.kinds.TableColumns;
import io.quarterdeck.api.registry.Columns;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** What a Table says about a pod. */
final class PodColumns {

    /** How the containers of a pod are doing, in the words of the Table. */
    private record Summary(int ready, int total, String status, int restarts, Optional<Instant> lastRestart) {}

    private PodColumns() {}

    static Optional<Columns> columns() {
        return TableColumns.of("pods")
                .text("Ready", pod -> {
                    Summary summary = summary(pod);
                    return summary.ready() + "/" + summary.total();
                })
                .text("Status", pod -> summary(pod).status())
                .cell("Restarts", (pod, now) -> JsonNodeFactory.instance.stringNode(restarts(summary(pod), now)))
                .text(
                        "IP",
                        pod -> Cells.orNone(
                                pod.at("status.podIPs").path(0).path("ip").asString("")))
                .text("Node", pod -> Cells.orNone(pod.text("spec.nodeName")))
                .text("Nominated Node", pod -> Cells.orNone(pod.text("status.nominatedNodeName")))
                .text("Readiness Gates", PodColumns::readinessGates)
                .columns()
                .map(columns -> columns.withConditions(PodColumns::conditions));
    }

    private static List<JsonNode> conditions(Document pod) {
        return switch (pod.text("status.phase")) {
            case "Succeeded" -> List.of(completed("Succeeded", "The pod has completed successfully."));
            case "Failed" -> List.of(completed("Failed", "The pod failed."));
            default -> List.of();
        };
    }

    private static JsonNode completed(String reason, String message) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("type", "Completed")
                .put("status", "True")
                .put("reason", reason)
                .put("message", message);
    }

    private static String restarts(Summary summary, Instant now) {
        return summary.restarts() == 0 || summary.lastRestart().isEmpty()
                ? "" + summary.restarts()
                : "%d (%s ago)"
                        .formatted(
                                summary.restarts(),
                                Cells.duration(
                                        Duration.between(summary.lastRestart().get(), now)));
    }

    private static String readinessGates(Document pod) {
        List<JsonNode> gates = pod.items("spec.readinessGates");
        if (gates.isEmpty()) {
            return Cells.NONE;
        }
        long open = gates.stream()
                .filter(gate -> pod.items("status.conditions").stream()
                        .filter(condition -> condition.path("type").equals(gate.path("conditionType")))
                        .findFirst()
                        .filter(condition -> is(condition, "status", "True"))
                        .isPresent())
                .count();
        return open + "/" + gates.size();
    }

    private static Summary summary(Document pod) {
        String status = pod.text("status.reason").isEmpty() ? pod.text("status.phase") : pod.text("status.reason");
        for (JsonNode condition : pod.items("status.conditions")) {
            if (is(condition, "type", "PodScheduled") && is(condition, "reason", "SchedulingGated")) {
                status = "SchedulingGated";
            }
        }
        Set<String> sidecars = new HashSet<>();
        for (JsonNode container : pod.items("spec.initContainers")) {
            if (is(container, "restartPolicy", "Always")) {
                sidecars.add(container.path("name").asString(""));
            }
        }
        int total = pod.items("spec.containers").size() + sidecars.size();
        Tally init = new Tally();
        Tally running = new Tally();
        int ready = 0;
        Optional<String> initializing = Optional.empty();
        List<JsonNode> initStatuses = pod.items("status.initContainerStatuses");
        for (int i = 0; i < initStatuses.size() && initializing.isEmpty(); i++) {
            JsonNode container = initStatuses.get(i);
            init.add(container);
            boolean sidecar = sidecars.contains(container.path("name").asString(""));
            if (sidecar) {
                running.add(container);
            }
            JsonNode terminated = container.path("state").path("terminated");
            if (terminated.isObject() && terminated.path("exitCode").asInt(0) == 0) {
                continue;
            }
            if (sidecar && container.path("started").asBoolean(false)) {
                ready += container.path("ready").asBoolean(false) ? 1 : 0;
                continue;
            }
            initializing = Optional.of(
                    initStatus(container, i, pod.items("spec.initContainers").size()));
        }
        Tally tally = init;
        if (initializing.isPresent()) {
            status = initializing.get();
        }
        if (initializing.isEmpty() || condition(pod, "Initialized")) {
            tally = running;
            boolean anyRunning = false;
            List<JsonNode> containers = pod.items("status.containerStatuses");
            for (int i = containers.size() - 1; i >= 0; i--) {
                JsonNode container = containers.get(i);
                running.add(container);
                JsonNode state = container.path("state");
                String waiting = state.path("waiting").path("reason").asString("");
                if (!waiting.isEmpty()) {
                    status = waiting;
                } else if (state.path("terminated").isObject()) {
                    status = terminated("", state.path("terminated"));
                } else if (container.path("ready").asBoolean(false)
                        && state.path("running").isObject()) {
                    anyRunning = true;
                    ready++;
                }
            }
            if (status.equals("Completed") && anyRunning) {
                status = condition(pod, "Ready") ? "Running" : "NotReady";
            }
        }
        if (pod.deleting()) {
            if (pod.text("status.reason").equals("NodeLost")) {
                status = "Unknown";
            } else if (!Set.of("Succeeded", "Failed").contains(pod.text("status.phase"))) {
                status = "Terminating";
            }
        }
        return new Summary(ready, total, status, tally.restarts, tally.last);
    }

    private static String initStatus(JsonNode container, int index, int count) {
        JsonNode state = container.path("state");
        if (state.path("terminated").isObject()) {
            return terminated("Init:", state.path("terminated"));
        }
        String waiting = state.path("waiting").path("reason").asString("");
        return !waiting.isEmpty() && !waiting.equals("PodInitializing")
                ? "Init:" + waiting
                : "Init:%d/%d".formatted(index, count);
    }

    private static String terminated(String prefix, JsonNode terminated) {
        String reason = terminated.path("reason").asString("");
        if (!reason.isEmpty()) {
            return prefix + reason;
        }
        int signal = terminated.path("signal").asInt(0);
        return prefix
                + (signal != 0
                        ? "Signal:" + signal
                        : "ExitCode:" + terminated.path("exitCode").asInt(0));
    }

    private static boolean condition(Document pod, String type) {
        return pod.items("status.conditions").stream()
                .anyMatch(condition -> is(condition, "type", type) && is(condition, "status", "True"));
    }

    private static boolean is(JsonNode object, String field, String value) {
        return object.path(field).asString("").equals(value);
    }

    private static final class Tally {
        private int restarts;
        private Optional<Instant> last = Optional.empty();

        void add(JsonNode container) {
            restarts += container.path("restartCount").asInt(0);
            Optional<Instant> finished = Cells.instant(container
                    .path("lastState")
                    .path("terminated")
                    .path("finishedAt")
                    .asString(""));
            if (finished.isPresent() && (last.isEmpty() || last.get().isBefore(finished.get()))) {
                last = finished;
            }
        }
    }
}
