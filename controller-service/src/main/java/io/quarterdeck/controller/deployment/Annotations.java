package io.quarterdeck.controller.deployment;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What a deployment writes down on its replica sets. */
final class Annotations {

    static final String REVISION = "deployment.kubernetes.io/revision";
    static final String HISTORY = "deployment.kubernetes.io/revision-history";
    static final String DESIRED_REPLICAS = "deployment.kubernetes.io/desired-replicas";
    static final String MAX_REPLICAS = "deployment.kubernetes.io/max-replicas";

    /** Longest text of past revisions; the oldest are forgotten. */
    private static final int HISTORY_CHARACTERS = 2000;

    private static final Set<String> OWN = Set.of(
            "kubectl.kubernetes.io/last-applied-configuration",
            REVISION,
            HISTORY,
            DESIRED_REPLICAS,
            MAX_REPLICAS,
            "deprecated.deployment.rollback.to");

    private Annotations() {}

    static Map<String, String> of(HasMetadata object) {
        Map<String, String> annotations = object.getMetadata().getAnnotations();
        return annotations == null ? Map.of() : annotations;
    }

    static Optional<Integer> number(HasMetadata object, String name) {
        try {
            return Optional.ofNullable(of(object).get(name)).map(Integer::parseInt);
        } catch (NumberFormatException notANumber) {
            return Optional.empty();
        }
    }

    static long revision(HasMetadata object) {
        return parse(of(object).getOrDefault(REVISION, "0"));
    }

    /** Those of the newest replica set: the deployment's own, the revision, and what it replaces. */
    static Map<String, String> ofNewest(Deployment deployment, ReplicaSet set, long revision) {
        Map<String, String> next = new LinkedHashMap<>(of(set));
        of(deployment).forEach((name, value) -> {
            if (!OWN.contains(name)) {
                next.put(name, value);
            }
        });
        String before = next.get(REVISION);
        if (before == null || parse(before) < revision) {
            next.put(REVISION, Long.toString(revision));
            if (before != null) {
                // An older set becomes the newest again: an undo.
                next.put(HISTORY, history(next.getOrDefault(HISTORY, ""), before));
            }
        }
        return next;
    }

    private static String history(String known, String before) {
        if (known.isEmpty()) {
            return before;
        }
        List<String> revisions = new ArrayList<>(Arrays.asList(known.split(",")));
        revisions.add(before);
        while (revisions.size() > 1 && String.join(",", revisions).length() > HISTORY_CHARACTERS) {
            revisions.removeFirst();
        }
        return String.join(",", revisions);
    }

    /** With the sizes that the deployment had when it last looked at the set. */
    static Map<String, String> withSizes(Map<String, String> annotations, Deployment deployment) {
        Map<String, String> next = new LinkedHashMap<>(annotations);
        next.put(DESIRED_REPLICAS, Integer.toString(Sizes.wanted(deployment)));
        next.put(MAX_REPLICAS, Integer.toString(Sizes.wanted(deployment) + Sizes.maxSurge(deployment)));
        return next;
    }

    private static long parse(String revision) {
        try {
            return Long.parseLong(revision);
        } catch (NumberFormatException notANumber) {
            return 0;
        }
    }
}
