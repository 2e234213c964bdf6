package io.quarterdeck.scheduler;

import io.fabric8.kubernetes.api.model.DeleteOptions;
import io.fabric8.kubernetes.api.model.DeleteOptionsBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.quarterdeck.client.ApiClient;
import io.quarterdeck.client.ResourceType;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.model.StatusException;
import io.quarterdeck.reconcile.Action.EventType;
import io.quarterdeck.reconcile.EventRecorder;
import io.quarterdeck.scheduler.framework.PodInfo;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Bindings, conditions, deletions and events through the API, in upstream's words. */
final class ApiPlacementWriter implements PlacementWriter {

    private static final ResourceType<Pod> PODS = ResourceType.of(Pod.class);
    private static final String STRATEGIC = "application/strategic-merge-patch+json";

    private final ApiClient api;
    private final EventRecorder events;
    private final InstantSource clock;
    private final String schedulerName;

    ApiPlacementWriter(ApiClient api, EventRecorder events, InstantSource clock, String schedulerName) {
        this.api = api;
        this.events = events;
        this.clock = clock;
        this.schedulerName = schedulerName;
    }

    @Override
    public void bind(PodInfo pod, String node) {
        ObjectNode binding = JsonNodeFactory.instance.objectNode();
        binding.put("apiVersion", "v1").put("kind", "Binding");
        binding.putObject("metadata")
                .put("name", pod.name())
                .put("namespace", pod.namespace())
                .put("uid", pod.uid());
        binding.putObject("target").put("kind", "Node").put("name", node);
        api.raw("POST", PODS.path(key(pod), "binding"), "application/json", binding);
        events.emit(
                schedulerName,
                pod.pod(),
                Optional.empty(),
                EventType.NORMAL,
                "Scheduled",
                "Binding",
                "Successfully assigned %s/%s to %s".formatted(pod.namespace(), pod.name(), node));
    }

    @Override
    public void refuse(PodInfo pod, String message, Optional<String> nominatedNode) {
        events.emit(
                schedulerName,
                pod.pod(),
                Optional.empty(),
                EventType.WARNING,
                "FailedScheduling",
                "Scheduling",
                message);
        ObjectNode patch = JsonNodeFactory.instance.objectNode();
        ObjectNode status = patch.putObject("status");
        nominatedNode.ifPresent(node -> status.put("nominatedNodeName", node));
        PodCondition before = condition(pod, "PodScheduled");
        boolean same = before != null
                && "False".equals(before.getStatus())
                && "Unschedulable".equals(before.getReason())
                && message.equals(before.getMessage());
        if (!same) {
            addCondition(status, pod, before, "PodScheduled", "False", "Unschedulable", message);
        }
        if (!status.isEmpty()) {
            unlessGone(() -> api.patch(PODS, key(pod), "status", STRATEGIC, patch.toString()));
        }
    }

    @Override
    public void evict(PodInfo victim, PodInfo preemptor, String node) {
        ObjectNode patch = JsonNodeFactory.instance.objectNode();
        addCondition(
                patch.putObject("status"),
                victim,
                condition(victim, "DisruptionTarget"),
                "DisruptionTarget",
                "True",
                "PreemptionByScheduler",
                schedulerName + ": preempting to accommodate a higher priority pod");
        unlessGone(() -> api.patch(PODS, key(victim), "status", STRATEGIC, patch.toString()));
        DeleteOptions options = new DeleteOptionsBuilder()
                .withNewPreconditions()
                .withUid(victim.uid())
                .endPreconditions()
                .build();
        unlessGone(() -> api.delete(PODS, key(victim), options));
        events.emit(
                schedulerName,
                victim.pod(),
                Optional.of(preemptor.pod()),
                EventType.NORMAL,
                "Preempted",
                "Preempting",
                "Preempted by pod %s on node %s".formatted(preemptor.uid(), node));
    }

    private void addCondition(
            ObjectNode status,
            PodInfo pod,
            @Nullable PodCondition before,
            String type,
            String value,
            String reason,
            String message) {
        ObjectNode condition = status.putArray("conditions").addObject();
        condition.put("type", type).put("status", value).put("reason", reason).put("message", message);
        Long generation = pod.pod().getMetadata().getGeneration();
        if (generation != null) {
            condition.put("observedGeneration", generation);
        }
        if (before == null || !value.equals(before.getStatus())) {
            condition.put(
                    "lastTransitionTime",
                    clock.instant().truncatedTo(ChronoUnit.SECONDS).toString());
        }
    }

    private static @Nullable PodCondition condition(PodInfo pod, String type) {
        List<PodCondition> conditions = pod.pod().getStatus() == null
                ? List.of()
                : Objects.requireNonNullElse(pod.pod().getStatus().getConditions(), List.of());
        return conditions.stream()
                .filter(condition -> type.equals(condition.getType()))
                .findFirst()
                .orElse(null);
    }

    private static void unlessGone(Runnable write) {
        try {
            write.run();
        } catch (StatusException refused) {
            if (refused.code() != 404) {
                throw refused;
            }
        }
    }

    private static ObjectKey key(PodInfo pod) {
        return new ObjectKey(pod.namespace(), pod.name());
    }
}
