package io.quarterdeck.scheduler.cycle;

import io.quarterdeck.scheduler.framework.DisruptionBudget;
import io.quarterdeck.scheduler.framework.FilterPlugin;
import io.quarterdeck.scheduler.framework.NodeInfo;
import io.quarterdeck.scheduler.framework.PodInfo;
import io.quarterdeck.scheduler.framework.Snapshot;
import io.quarterdeck.scheduler.framework.Verdict;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Makes room for a pod by deleting pods of lower priority. Source: Kubernetes documentation, "Pod Priority and
 * Preemption"; upstream's plugin DefaultPreemption.
 */
final class Preemption {

    private static final String NOT_HELPFUL = "Preemption is not helpful for scheduling";
    private static final String NO_VICTIMS = "No preemption victims found for incoming pod";

    /** Either a node with its victims, or why there is none, in upstream's words. */
    sealed interface Result {
        record Room(String node, List<PodInfo> victims) implements Result {}

        record NoRoom(String message) implements Result {}
    }

    private record Candidate(NodeInfo node, List<PodInfo> victims, int violations) {}

    private final List<FilterPlugin> plugins;
    private final PodInfo pod;
    private final Snapshot snapshot;

    Preemption(List<FilterPlugin> plugins, PodInfo pod, Snapshot snapshot) {
        this.plugins = plugins;
        this.pod = pod;
        this.snapshot = snapshot;
    }

    Result find(List<Filtering.Judged> refusals) {
        Optional<String> ineligible = ineligible(refusals);
        if (ineligible.isPresent()) {
            return new Result.NoRoom("not eligible due to " + ineligible.get() + ".");
        }
        List<Candidate> candidates = new ArrayList<>();
        List<Verdict> failures = new ArrayList<>();
        for (Filtering.Judged refusal : refusals) {
            if (refusal.verdict() instanceof Verdict.Unresolvable) {
                failures.add(Verdict.unresolvable(NOT_HELPFUL));
                continue;
            }
            evaluate(refusal.node(), candidates, failures);
        }
        return candidates.stream()
                .min(BEST)
                .<Result>map(best -> new Result.Room(best.node().name(), best.victims()))
                .orElseGet(
                        () -> new Result.NoRoom(FitMessage.of(snapshot.nodes().size(), failures)));
    }

    private Optional<String> ineligible(List<Filtering.Judged> refusals) {
        if ("Never".equals(pod.spec().getPreemptionPolicy())) {
            return Optional.of("preemptionPolicy=Never");
        }
        Optional<NodeInfo> promised = pod.nominatedNode().flatMap(snapshot::node);
        if (promised.isEmpty()) {
            return Optional.empty();
        }
        boolean lost = refusals.stream()
                .anyMatch(refusal -> refusal.node().name().equals(promised.get().name())
                        && refusal.verdict() instanceof Verdict.Unresolvable);
        boolean stillLeaving = promised.get().pods().stream()
                .anyMatch(other -> other.priority() < pod.priority() && other.terminating());
        return stillLeaving && !lost ? Optional.of("a terminating pod on the nominated node") : Optional.empty();
    }

    private void evaluate(NodeInfo node, List<Candidate> candidates, List<Verdict> failures) {
        List<PodInfo> lower = node.pods().stream()
                .filter(other -> other.priority() < pod.priority())
                .sorted(MORE_IMPORTANT_FIRST)
                .toList();
        if (lower.isEmpty()) {
            failures.add(Verdict.unresolvable(NO_VICTIMS));
            return;
        }
        NodeInfo emptied = node;
        for (PodInfo other : lower) {
            emptied = emptied.without(other);
        }
        Verdict atBest = judge(emptied);
        if (!(atBest instanceof Verdict.Fits)) {
            failures.add(atBest);
            return;
        }
        List<PodInfo> violating = violatingBudgets(lower);
        List<PodInfo> victims = new ArrayList<>();
        int violations = 0;
        NodeInfo kept = emptied;
        for (PodInfo other : violating) {
            NodeInfo withOther = kept.with(other);
            if (judge(withOther) instanceof Verdict.Fits) {
                kept = withOther;
            } else {
                victims.add(other);
                violations++;
            }
        }
        for (PodInfo other : lower) {
            if (violating.contains(other)) {
                continue;
            }
            NodeInfo withOther = kept.with(other);
            if (judge(withOther) instanceof Verdict.Fits) {
                kept = withOther;
            } else {
                victims.add(other);
            }
        }
        victims.sort(MORE_IMPORTANT_FIRST);
        candidates.add(new Candidate(node, victims, violations));
    }

    private Verdict judge(NodeInfo node) {
        return new Filtering(plugins, pod, snapshot.with(node)).judge(node).verdict();
    }

    /** Those whose deletion would go beyond a disruption budget, each budget being used up in order of importance. */
    private List<PodInfo> violatingBudgets(List<PodInfo> pods) {
        Map<DisruptionBudget, Integer> left = new HashMap<>();
        List<PodInfo> violating = new ArrayList<>();
        for (PodInfo other : pods) {
            boolean violates = false;
            for (DisruptionBudget budget : snapshot.budgets()) {
                if (budget.covers(other)) {
                    violates |= left.merge(budget, budget.allowed() - 1, (before, first) -> before - 1) < 0;
                }
            }
            if (violates) {
                violating.add(other);
            }
        }
        return violating;
    }

    private static final Comparator<PodInfo> MORE_IMPORTANT_FIRST =
            Comparator.comparingInt(PodInfo::priority).reversed().thenComparing(PodInfo::startTime);

    private static final Comparator<Candidate> BEST = Comparator.comparingInt(Candidate::violations)
            .thenComparingLong(Preemption::highestPriority)
            .thenComparingLong(Preemption::sumOfPriorities)
            .thenComparingInt(candidate -> candidate.victims().size())
            .thenComparing(Preemption::earliestStartOfHighest, Comparator.reverseOrder());

    private static long highestPriority(Candidate candidate) {
        return candidate.victims().isEmpty()
                ? Long.MIN_VALUE
                : candidate.victims().getFirst().priority();
    }

    /** Shifted by 2^31 each, so that many pods of negative priority never weigh less than few. */
    private static long sumOfPriorities(Candidate candidate) {
        return candidate.victims().stream()
                .mapToLong(victim -> victim.priority() + (long) Integer.MAX_VALUE + 1)
                .sum();
    }

    private static Instant earliestStartOfHighest(Candidate candidate) {
        return candidate.victims().stream()
                .filter(victim -> victim.priority() == highestPriority(candidate))
                .map(PodInfo::startTime)
                .min(Comparator.naturalOrder())
                .orElse(Instant.MAX);
    }
}
