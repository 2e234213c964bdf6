package io.quarterdeck.controller.node;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.api.model.TaintBuilder;
import io.fabric8.kubernetes.api.model.Toleration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The taints that a node's conditions ask for. Source: Kubernetes documentation, "Taints and Tolerations". */
final class Taints {

    static final String NOT_READY = "node.kubernetes.io/not-ready";
    static final String UNREACHABLE = "node.kubernetes.io/unreachable";
    static final String UNSCHEDULABLE = "node.kubernetes.io/unschedulable";
    static final String OUT_OF_SERVICE = "node.kubernetes.io/out-of-service";
    static final String NO_SCHEDULE = "NoSchedule";
    static final String NO_EXECUTE = "NoExecute";

    /** Condition type to the taint that it asks for when it is true. */
    private static final Map<String, String> PRESSURES = Map.of(
            "MemoryPressure", "node.kubernetes.io/memory-pressure",
            "DiskPressure", "node.kubernetes.io/disk-pressure",
            "PIDPressure", "node.kubernetes.io/pid-pressure",
            "NetworkUnavailable", "node.kubernetes.io/network-unavailable");

    private Taints() {}

    static Optional<NodeCondition> condition(Node node, String type) {
        if (node.getStatus() == null || node.getStatus().getConditions() == null) {
            return Optional.empty();
        }
        return node.getStatus().getConditions().stream()
                .filter(condition -> condition.getType().equals(type))
                .findFirst();
    }

    /** True, False or Unknown; empty when the node never told. */
    static String ready(Node node) {
        return condition(node, "Ready").map(NodeCondition::getStatus).orElse("");
    }

    static List<Taint> of(Node node) {
        return node.getSpec() == null || node.getSpec().getTaints() == null
                ? List.of()
                : node.getSpec().getTaints();
    }

    static boolean has(Node node, String key, String effect) {
        return of(node).stream().anyMatch(taint -> is(taint, key, effect));
    }

    private static boolean is(Taint taint, String key, String effect) {
        return taint.getKey().equals(key) && taint.getEffect().equals(effect);
    }

    /** Keys of the NoSchedule taints that must be there; of the keys known here all others must not. */
    private static Set<String> noSchedule(Node node) {
        Set<String> keys = new LinkedHashSet<>();
        switch (ready(node)) {
            case "False" -> keys.add(NOT_READY);
            case "Unknown" -> keys.add(UNREACHABLE);
            default -> {}
        }
        PRESSURES.forEach((type, key) -> condition(node, type)
                .filter(condition -> "True".equals(condition.getStatus()))
                .ifPresent(condition -> keys.add(key)));
        if (node.getSpec() != null && Boolean.TRUE.equals(node.getSpec().getUnschedulable())) {
            keys.add(UNSCHEDULABLE);
        }
        return keys;
    }

    /**
     * The node's taints as its conditions ask for.
     *
     * @param evict whether a NoExecute taint may be added; one that must go, goes in any case
     */
    static List<Taint> next(Node node, boolean evict, Instant now) {
        List<Taint> next = new ArrayList<>(of(node));
        Set<String> wanted = noSchedule(node);
        Set<String> known = new LinkedHashSet<>(PRESSURES.values());
        known.addAll(List.of(NOT_READY, UNREACHABLE, UNSCHEDULABLE));
        // Before a node told anything, the taint that admission gave it stays.
        if (!ready(node).isEmpty()) {
            next.removeIf(taint -> taint.getEffect().equals(NO_SCHEDULE)
                    && known.contains(taint.getKey())
                    && !wanted.contains(taint.getKey()));
        }
        wanted.stream()
                .filter(key -> next.stream().noneMatch(taint -> is(taint, key, NO_SCHEDULE)))
                .forEach(key -> next.add(taint(key, NO_SCHEDULE, now)));
        String executing = switch (ready(node)) {
            case "False" -> NOT_READY;
            case "Unknown" -> UNREACHABLE;
            default -> "";
        };
        boolean had =
                next.stream().anyMatch(taint -> is(taint, NOT_READY, NO_EXECUTE) || is(taint, UNREACHABLE, NO_EXECUTE));
        if (!ready(node).isEmpty()) {
            next.removeIf(taint -> (is(taint, NOT_READY, NO_EXECUTE) || is(taint, UNREACHABLE, NO_EXECUTE))
                    && !taint.getKey().equals(executing));
        }
        // One reason may take the place of the other at once; a first one waits for its turn.
        if (!executing.isEmpty()
                && (evict || had)
                && next.stream().noneMatch(taint -> is(taint, executing, NO_EXECUTE))) {
            next.add(taint(executing, NO_EXECUTE, now));
        }
        return next;
    }

    /** Whether {@link #next} would add a NoExecute taint if it were allowed to. */
    static boolean awaitsEviction(Node node) {
        return switch (ready(node)) {
            case "False" -> !has(node, NOT_READY, NO_EXECUTE);
            case "Unknown" -> !has(node, UNREACHABLE, NO_EXECUTE);
            default -> false;
        };
    }

    private static Taint taint(String key, String effect, Instant now) {
        return new TaintBuilder()
                .withKey(key)
                .withEffect(effect)
                .withTimeAdded(now.truncatedTo(ChronoUnit.SECONDS).toString())
                .build();
    }

    static boolean tolerates(Toleration toleration, Taint taint) {
        String effect = toleration.getEffect();
        if (effect != null && !effect.isEmpty() && !effect.equals(taint.getEffect())) {
            return false;
        }
        String key = toleration.getKey() == null ? "" : toleration.getKey();
        if (!key.isEmpty() && !key.equals(taint.getKey())) {
            return false;
        }
        String operator = toleration.getOperator() == null ? "" : toleration.getOperator();
        if (operator.equals("Exists")) {
            return true;
        }
        return !key.isEmpty() && text(toleration.getValue()).equals(text(taint.getValue()));
    }

    private static String text(@Nullable String value) {
        return value == null ? "" : value;
    }
}
