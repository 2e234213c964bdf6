package io.quarterdeck.node.pods;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The strategic merge patch from the status that the API shows to the one that the node wants. What others own in a
 * status (conditions of other types, nominatedNodeName) is not touched. Pure.
 */
public final class StatusPatch {

    private static final List<String> PLAIN = List.of(
            "observedGeneration",
            "phase",
            "reason",
            "message",
            "startTime",
            "hostIP",
            "podIP",
            "initContainerStatuses",
            "containerStatuses",
            "ephemeralContainerStatuses");

    private StatusPatch() {}

    /** Empty when the API shows it already. The uid keeps the patch from a pod that was made anew under the name. */
    public static Optional<String> between(Pod pod, PodStatus wanted, ObjectMapper mapper) {
        JsonNode before = pod.getStatus() == null ? mapper.createObjectNode() : mapper.valueToTree(pod.getStatus());
        JsonNode after = mapper.valueToTree(wanted);
        ObjectNode status = mapper.createObjectNode();
        for (String field : PLAIN) {
            if (!same(before.get(field), after.get(field))) {
                JsonNode value = after.get(field);
                status.set(field, value == null ? mapper.getNodeFactory().nullNode() : value);
            }
        }
        addresses("hostIPs", before, after, status, mapper);
        addresses("podIPs", before, after, status, mapper);
        conditions(before, after, status, mapper);
        if (status.isEmpty()) {
            return Optional.empty();
        }
        ObjectNode patch = mapper.createObjectNode();
        patch.putObject("metadata").put("uid", pod.getMetadata().getUid());
        patch.set("status", status);
        return Optional.of(patch.toString());
    }

    private static boolean same(@Nullable JsonNode before, @Nullable JsonNode after) {
        return before == null || empty(before) ? empty(after) : before.equals(after);
    }

    private static boolean empty(@Nullable JsonNode node) {
        return node == null || node.isNull() || (node.isContainer() && node.isEmpty());
    }

    /** Lists of addresses merge by address, so one that is gone must be deleted by name. */
    private static void addresses(
            String field, JsonNode before, JsonNode after, ObjectNode status, ObjectMapper mapper) {
        if (same(before.get(field), after.get(field))) {
            return;
        }
        ArrayNode list = mapper.createArrayNode();
        before.path(field).forEach(old -> {
            boolean stays = after.path(field).valueStream().anyMatch(old::equals);
            if (!stays) {
                list.addObject().put("$patch", "delete").set("ip", old.path("ip"));
            }
        });
        after.path(field).forEach(list::add);
        if (!list.isEmpty()) {
            status.set(field, list);
        }
    }

    private static void conditions(JsonNode before, JsonNode after, ObjectNode status, ObjectMapper mapper) {
        ArrayNode changed = mapper.createArrayNode();
        after.path("conditions").forEach(condition -> {
            Optional<JsonNode> old = before.path("conditions")
                    .valueStream()
                    .filter(candidate -> candidate.path("type").equals(condition.path("type")))
                    .findFirst();
            if (old.filter(known -> equalCondition(known, condition)).isEmpty()) {
                ObjectNode next = ((ObjectNode) condition).deepCopy();
                for (String field : List.of("reason", "message")) {
                    if (old.filter(known -> known.has(field)).isPresent() && !next.has(field)) {
                        next.putNull(field);
                    }
                }
                changed.add(next);
            }
        });
        if (!changed.isEmpty()) {
            status.set("conditions", changed);
        }
    }

    private static boolean equalCondition(JsonNode a, JsonNode b) {
        return List.of("status", "reason", "message", "observedGeneration").stream()
                .allMatch(field -> same(a.get(field), b.get(field)));
    }
}
