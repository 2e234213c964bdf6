package io.quarterdeck.model;

import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.api.model.Toleration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** Which taints a pod bears. Source: Kubernetes documentation, "Taints and Tolerations". */
public final class Tolerations {

    private Tolerations() {}

    public static Optional<Taint> firstUntolerated(
            List<Taint> taints, List<Toleration> tolerations, Set<String> effects) {
        return taints.stream()
                .filter(taint -> effects.contains(taint.getEffect()))
                .filter(taint -> !tolerated(taint, tolerations))
                .findFirst();
    }

    public static boolean tolerated(Taint taint, List<Toleration> tolerations) {
        return tolerations.stream().anyMatch(toleration -> tolerates(toleration, taint));
    }

    private static boolean tolerates(Toleration toleration, Taint taint) {
        String effect = Objects.requireNonNullElse(toleration.getEffect(), "");
        String key = Objects.requireNonNullElse(toleration.getKey(), "");
        if ((!effect.isEmpty() && !effect.equals(taint.getEffect()))
                || (!key.isEmpty() && !key.equals(taint.getKey()))) {
            return false;
        }
        String tolerated = Objects.requireNonNullElse(toleration.getValue(), "");
        String value = Objects.requireNonNullElse(taint.getValue(), "");
        return switch (Objects.requireNonNullElse(toleration.getOperator(), "")) {
            case "Exists" -> true;
            case "", "Equal" -> tolerated.equals(value);
            case "Gt" -> compare(value, tolerated) > 0;
            case "Lt" -> compare(value, tolerated) < 0;
            default -> false;
        };
    }

    /** Zero, which satisfies neither Gt nor Lt, unless both are integers. */
    private static int compare(String value, String bound) {
        try {
            return Long.compare(Long.parseLong(value), Long.parseLong(bound));
        } catch (NumberFormatException notNumbers) {
            return 0;
        }
    }
}
