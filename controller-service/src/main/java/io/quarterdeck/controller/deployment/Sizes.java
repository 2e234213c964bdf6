package io.quarterdeck.controller.deployment;

import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.RollingUpdateDeployment;
import java.util.Collection;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The numbers of a rollout. Source: Kubernetes documentation, "Deployments", and pkg/controller/deployment/util. */
final class Sizes {

    private Sizes() {}

    static int wanted(Deployment deployment) {
        return orZero(deployment.getSpec().getReplicas(), 1);
    }

    static int wanted(ReplicaSet set) {
        return orZero(set.getSpec().getReplicas(), 1);
    }

    static int wanted(Collection<ReplicaSet> sets) {
        return sets.stream().mapToInt(Sizes::wanted).sum();
    }

    static int actual(ReplicaSet set) {
        return set.getStatus() == null ? 0 : orZero(set.getStatus().getReplicas(), 0);
    }

    static int actual(Collection<ReplicaSet> sets) {
        return sets.stream().mapToInt(Sizes::actual).sum();
    }

    static int ready(Collection<ReplicaSet> sets) {
        return sets.stream()
                .mapToInt(set ->
                        set.getStatus() == null ? 0 : orZero(set.getStatus().getReadyReplicas(), 0))
                .sum();
    }

    static int available(ReplicaSet set) {
        return set.getStatus() == null ? 0 : orZero(set.getStatus().getAvailableReplicas(), 0);
    }

    static int available(Collection<ReplicaSet> sets) {
        return sets.stream().mapToInt(Sizes::available).sum();
    }

    /** Null as long as one of the sets has not told. */
    static @Nullable Integer terminating(Collection<ReplicaSet> sets) {
        int sum = 0;
        for (ReplicaSet set : sets) {
            Integer own = set.getStatus() == null ? null : set.getStatus().getTerminatingReplicas();
            if (own == null) {
                return null;
            }
            sum += own;
        }
        return sum;
    }

    static boolean rolling(Deployment deployment) {
        return deployment.getSpec().getStrategy() != null
                && "RollingUpdate".equals(deployment.getSpec().getStrategy().getType());
    }

    static int maxSurge(Deployment deployment) {
        return rolling(deployment) ? surge(deployment) : 0;
    }

    static int maxUnavailable(Deployment deployment) {
        int wanted = wanted(deployment);
        if (!rolling(deployment) || wanted == 0) {
            return 0;
        }
        int unavailable = scaled(update(deployment).map(RollingUpdateDeployment::getMaxUnavailable), wanted, false);
        // Both at zero would let nothing ever move.
        int resolved = surge(deployment) == 0 && unavailable == 0 ? 1 : unavailable;
        return Math.min(resolved, wanted);
    }

    private static int surge(Deployment deployment) {
        return scaled(update(deployment).map(RollingUpdateDeployment::getMaxSurge), wanted(deployment), true);
    }

    private static Optional<RollingUpdateDeployment> update(Deployment deployment) {
        return Optional.ofNullable(deployment.getSpec().getStrategy().getRollingUpdate());
    }

    private static int scaled(Optional<IntOrString> value, int of, boolean up) {
        if (value.isEmpty()) {
            return 0;
        }
        if (value.get().getStrVal() == null) {
            return orZero(value.get().getIntVal(), 0);
        }
        String text = value.get().getStrVal();
        double share = Integer.parseInt(text.endsWith("%") ? text.substring(0, text.length() - 1) : text) * of / 100d;
        return (int) (up ? Math.ceil(share) : Math.floor(share));
    }

    /** How many replicas the newest set may have now. */
    static int ofNewest(Deployment deployment, Collection<ReplicaSet> all, int newest) {
        int wanted = wanted(deployment);
        if (!rolling(deployment)) {
            return wanted;
        }
        int room = wanted + maxSurge(deployment) - wanted(all);
        return room <= 0 ? newest : newest + Math.min(room, wanted - newest);
    }

    /** What a set gets of the {@code toAdd} replicas that a scaled deployment adds or removes, in proportion to its size. */
    static int proportion(ReplicaSet set, Deployment deployment, int toAdd, int added) {
        if (wanted(set) == 0 || toAdd == 0 || toAdd == added) {
            return 0;
        }
        int allowed = toAdd - added;
        int share = share(set, deployment);
        return toAdd > 0 ? Math.min(share, allowed) : Math.max(share, allowed);
    }

    private static int share(ReplicaSet set, Deployment deployment) {
        if (wanted(deployment) == 0) {
            return -wanted(set);
        }
        int before = Annotations.number(set, Annotations.MAX_REPLICAS)
                .filter(max -> max != 0)
                .orElse(
                        deployment.getStatus() == null
                                ? 0
                                : orZero(deployment.getStatus().getReplicas(), 0));
        if (before == 0) {
            return 0;
        }
        double after = (double) wanted(set) * (wanted(deployment) + maxSurge(deployment)) / before;
        return (int) Math.floor(after + 0.5) - wanted(set);
    }

    private static int orZero(@Nullable Integer value, int otherwise) {
        return value == null ? otherwise : value;
    }
}
