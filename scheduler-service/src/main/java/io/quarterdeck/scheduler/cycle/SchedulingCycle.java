package io.quarterdeck.scheduler.cycle;

import io.quarterdeck.scheduler.framework.FilterPlugin;
import io.quarterdeck.scheduler.framework.NodeInfo;
import io.quarterdeck.scheduler.framework.PodInfo;
import io.quarterdeck.scheduler.framework.ScorePlugin;
import io.quarterdeck.scheduler.framework.Snapshot;
import io.quarterdeck.scheduler.framework.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import java.util.stream.Collectors;

/**
 * Decides about one pod in one snapshot: filter, then score, then, when nothing fits, preempt. Pure: ties are broken by
 * the {@code draw} that the caller gives. Thread-safe.
 */
public final class SchedulingCycle {

    private final List<FilterPlugin> filters;
    private final List<ScorePlugin> scorers;

    public SchedulingCycle(List<FilterPlugin> filters, List<ScorePlugin> scorers) {
        this.filters = List.copyOf(filters);
        this.scorers = List.copyOf(scorers);
    }

    /** @param draw answers a number from 0 to below its argument: which of so many equally good nodes is taken */
    public Decision schedule(PodInfo pod, Snapshot snapshot, IntUnaryOperator draw) {
        if (snapshot.nodes().isEmpty()) {
            return new Decision.Wait(
                    "no nodes available to schedule pods",
                    filters.stream().map(FilterPlugin::name).collect(Collectors.toSet()));
        }
        Filtering filtering = new Filtering(filters, pod, snapshot);
        if (filtering.rejection().isPresent()) {
            return new Decision.Wait(
                    "0/%d nodes are available: %s. not found"
                            .formatted(
                                    snapshot.nodes().size(),
                                    filtering.rejection().get()),
                    filtering.rejectedBy());
        }
        // The node that preemption made room on goes first, so that the room is not given away.
        NodeInfo promised = pod.nominatedNode().flatMap(snapshot::node).orElse(null);
        if (promised != null && filtering.judge(promised).verdict() instanceof Verdict.Fits) {
            return new Decision.Bind(promised.name());
        }
        List<NodeInfo> feasible = new ArrayList<>();
        List<Filtering.Judged> refusals = new ArrayList<>();
        for (NodeInfo node : snapshot.nodes()) {
            Filtering.Judged judged = filtering.judge(node);
            if (judged.verdict() instanceof Verdict.Fits) {
                feasible.add(node);
            } else {
                refusals.add(judged);
            }
        }
        return feasible.isEmpty()
                ? refuse(pod, snapshot, refusals)
                : new Decision.Bind(best(pod, snapshot, feasible, draw));
    }

    private String best(PodInfo pod, Snapshot snapshot, List<NodeInfo> feasible, IntUnaryOperator draw) {
        if (feasible.size() == 1) {
            return feasible.getFirst().name();
        }
        long[] totals = new long[feasible.size()];
        for (ScorePlugin scorer : scorers) {
            long[] scores = scorer.score(pod, feasible, snapshot);
            for (int i = 0; i < scores.length; i++) {
                totals[i] += scores[i] * scorer.weight();
            }
        }
        long highest = Long.MIN_VALUE;
        List<NodeInfo> best = new ArrayList<>();
        for (int i = 0; i < totals.length; i++) {
            if (totals[i] > highest) {
                highest = totals[i];
                best.clear();
            }
            if (totals[i] == highest) {
                best.add(feasible.get(i));
            }
        }
        return best.get(draw.applyAsInt(best.size())).name();
    }

    private Decision refuse(PodInfo pod, Snapshot snapshot, List<Filtering.Judged> refusals) {
        Set<String> refusedBy = refusals.stream().map(Filtering.Judged::plugin).collect(Collectors.toSet());
        String message = FitMessage.of(
                snapshot.nodes().size(),
                refusals.stream().map(Filtering.Judged::verdict).toList());
        return switch (new Preemption(filters, pod, snapshot).find(refusals)) {
            case Preemption.Result.Room(String node, List<PodInfo> victims) ->
                new Decision.Preempt(node, victims, message, refusedBy);
            // Upstream's device claims plugin has its say before preemption; nothing here can release claims.
            case Preemption.Result.NoRoom(String why) ->
                new Decision.Wait(message + " no new claims to deallocate, preemption: " + why, refusedBy);
        };
    }
}
