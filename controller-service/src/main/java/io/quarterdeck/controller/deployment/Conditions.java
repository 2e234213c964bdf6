package io.quarterdeck.controller.deployment;

import io.fabric8.kubernetes.api.model.apps.DeploymentCondition;
import io.fabric8.kubernetes.api.model.apps.DeploymentConditionBuilder;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The conditions of a deployment's status while they are worked out. Not thread-safe. */
final class Conditions {

    static final String AVAILABLE = "Available";
    static final String PROGRESSING = "Progressing";
    static final String REPLICA_FAILURE = "ReplicaFailure";

    static final String TIMED_OUT = "ProgressDeadlineExceeded";
    static final String NEW_SET_AVAILABLE = "NewReplicaSetAvailable";

    private final List<DeploymentCondition> conditions;
    private final String now;

    Conditions(@Nullable List<DeploymentCondition> conditions, Instant now) {
        this.conditions = new ArrayList<>(conditions == null ? List.of() : conditions);
        this.now = now.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    Optional<DeploymentCondition> get(String type) {
        return conditions.stream()
                .filter(condition -> condition.getType().equals(type))
                .findFirst();
    }

    String reason(String type) {
        return get(type).map(DeploymentCondition::getReason).orElse("");
    }

    void remove(String type) {
        conditions.removeIf(condition -> condition.getType().equals(type));
    }

    /** A condition of the same status and reason stays as it is. */
    void set(String type, String status, String reason, String message) {
        put(new DeploymentConditionBuilder()
                .withType(type)
                .withStatus(status)
                .withReason(reason)
                .withMessage(message)
                .withLastUpdateTime(now)
                .withLastTransitionTime(now)
                .build());
    }

    void put(DeploymentCondition next) {
        Optional<DeploymentCondition> known = get(next.getType());
        if (known.isPresent() && known.get().getStatus().equals(next.getStatus())) {
            if (known.get().getReason().equals(next.getReason())) {
                return;
            }
            next.setLastTransitionTime(known.get().getLastTransitionTime());
        }
        remove(next.getType());
        conditions.add(next);
    }

    /** Progress was seen: also a condition of the same reason gets a new update time. */
    void progress(String reason, String message) {
        Optional<DeploymentCondition> known = get(PROGRESSING);
        remove(PROGRESSING);
        set(PROGRESSING, "True", reason, message);
        known.filter(condition -> condition.getStatus().equals("True"))
                .ifPresent(condition -> get(PROGRESSING)
                        .ifPresent(next -> next.setLastTransitionTime(condition.getLastTransitionTime())));
    }

    List<DeploymentCondition> list() {
        return List.copyOf(conditions);
    }
}
