package io.quarterdeck.api.admission.webhook;

import io.quarterdeck.api.admission.policy.MatchConditions;
import java.time.Duration;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * One webhook of a configuration. Immutable.
 *
 * @param configuration the name of the object that it stands in
 * @param index its place in that object
 * @param timeout how long one call may take
 * @param reviewVersions of AdmissionReview, the preferred one first
 */
record Hook(
        String configuration,
        int index,
        String name,
        JsonNode node,
        MatchConditions conditions,
        boolean ignoresFailures,
        boolean reinvokes,
        boolean equivalent,
        boolean free,
        Duration timeout,
        List<String> reviewVersions) {

    private static final int DEFAULT_TIMEOUT = 10;

    static Hook of(String configuration, int index, JsonNode node) {
        String effects = node.path("sideEffects").asString("");
        return new Hook(
                configuration,
                index,
                node.path("name").asString(""),
                node,
                new MatchConditions(node.path("matchConditions"), false),
                node.path("failurePolicy").asString("").equals("Ignore"),
                node.path("reinvocationPolicy").asString("").equals("IfNeeded"),
                node.path("matchPolicy").asString("").equals("Equivalent"),
                effects.equals("None") || effects.equals("NoneOnDryRun"),
                Duration.ofSeconds(node.path("timeoutSeconds").asInt(DEFAULT_TIMEOUT)),
                node.path("admissionReviewVersions")
                        .valueStream()
                        .map(version -> version.asString(""))
                        .toList());
    }

    /** What tells it from all others. */
    String key() {
        return configuration + "/" + index + "/" + name;
    }
}
