package io.quarterdeck.controller.namespace;

import io.fabric8.kubernetes.api.model.NamespaceCondition;
import io.fabric8.kubernetes.api.model.NamespaceConditionBuilder;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How far the emptying of a namespace has come.
 *
 * @param podsRemain whether the pods are still being removed; the rest follows them
 * @param discoveryFailures what could not be discovered, by group
 * @param contentFailures refusals on the way
 * @param remaining objects left, by {@code resource.group}
 * @param finalizers objects that wait, by finalizer
 */
record Emptying(
        boolean podsRemain,
        Map<String, String> discoveryFailures,
        List<String> contentFailures,
        Map<String, Integer> remaining,
        Map<String, Integer> finalizers) {

    boolean done() {
        return !podsRemain && discoveryFailures.isEmpty() && contentFailures.isEmpty() && remaining.isEmpty();
    }

    /** The namespace's conditions, in upstream's words. One that stays as it was keeps its time. */
    List<NamespaceCondition> conditions(@Nullable List<NamespaceCondition> before, Instant now) {
        List<NamespaceCondition> next = new ArrayList<>(before == null ? List.of() : before);
        put(
                next,
                "NamespaceDeletionDiscoveryFailure",
                failed(
                        discoveryFailures.isEmpty(),
                        "DiscoveryFailed",
                        "Discovery failed for some groups, " + discoveryFailures.size() + " failing: "
                                + String.join(", ", discoveryFailures.values())),
                "ResourcesDiscovered",
                "All resources successfully discovered",
                now);
        put(
                next,
                "NamespaceDeletionGroupVersionParsingFailure",
                Optional.empty(),
                "ParsedGroupVersions",
                "All legacy kube types successfully parsed",
                now);
        put(
                next,
                "NamespaceDeletionContentFailure",
                failed(
                        contentFailures.isEmpty(),
                        "ContentDeletionFailed",
                        "Failed to delete all resource types, " + contentFailures.size() + " remaining: "
                                + String.join(", ", contentFailures)),
                "ContentDeleted",
                "All content successfully deleted, may be waiting on finalization",
                now);
        put(
                next,
                "NamespaceContentRemaining",
                failed(
                        remaining.isEmpty(),
                        "SomeResourcesRemain",
                        "Some resources are remaining: " + text(remaining, " has %d resource instances")),
                "ContentRemoved",
                "All content successfully removed",
                now);
        put(
                next,
                "NamespaceFinalizersRemaining",
                failed(
                        finalizers.isEmpty(),
                        "SomeFinalizersRemain",
                        "Some content in the namespace has finalizers remaining: "
                                + text(finalizers, " in %d resource instances")),
                "ContentHasNoFinalizers",
                "All content-preserving finalizers finished",
                now);
        return next;
    }

    private static Optional<String[]> failed(boolean fine, String reason, String message) {
        return fine ? Optional.empty() : Optional.of(new String[] {reason, message});
    }

    private static String text(Map<String, Integer> counts, String format) {
        return new TreeMap<>(counts)
                .entrySet().stream()
                        .map(count -> count.getKey() + format.formatted(count.getValue()))
                        .collect(Collectors.joining(", "));
    }

    private static void put(
            List<NamespaceCondition> conditions,
            String type,
            Optional<String[]> failure,
            String reason,
            String message,
            Instant now) {
        NamespaceCondition next = new NamespaceConditionBuilder()
                .withType(type)
                .withStatus(failure.isPresent() ? "True" : "False")
                .withReason(failure.map(words -> words[0]).orElse(reason))
                .withMessage(failure.map(words -> words[1]).orElse(message))
                .withLastTransitionTime(now.truncatedTo(ChronoUnit.SECONDS).toString())
                .build();
        for (int i = 0; i < conditions.size(); i++) {
            NamespaceCondition known = conditions.get(i);
            if (known.getType().equals(type)) {
                boolean same = known.getStatus().equals(next.getStatus())
                        && known.getReason().equals(next.getReason())
                        && known.getMessage().equals(next.getMessage());
                if (!same) {
                    conditions.set(i, next);
                }
                return;
            }
        }
        conditions.add(next);
    }
}
