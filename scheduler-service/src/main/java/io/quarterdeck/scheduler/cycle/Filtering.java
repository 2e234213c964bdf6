package io.quarterdeck.scheduler.cycle;

import io.quarterdeck.scheduler.framework.FilterPlugin;
import io.quarterdeck.scheduler.framework.NodeFilter;
import io.quarterdeck.scheduler.framework.NodeInfo;
import io.quarterdeck.scheduler.framework.PodInfo;
import io.quarterdeck.scheduler.framework.Preparation;
import io.quarterdeck.scheduler.framework.Snapshot;
import io.quarterdeck.scheduler.framework.Verdict;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** All filter rules, prepared for one pod and one snapshot. The first rule that refuses a node has the word. */
final class Filtering {

    /** A node's verdict and the rule that gave it; the name is empty when the node fits. */
    record Judged(NodeInfo node, Verdict verdict, String plugin) {}

    private record Prepared(String plugin, NodeFilter filter) {}

    private final List<FilterPlugin> plugins;
    private final PodInfo pod;
    private final Snapshot snapshot;
    private final List<Prepared> prepared = new ArrayList<>();
    private final Set<String> narrowing = new TreeSet<>();
    private Optional<Set<String>> only = Optional.empty();
    private Optional<String> rejection = Optional.empty();
    private Set<String> rejectedBy = Set.of();

    Filtering(List<FilterPlugin> plugins, PodInfo pod, Snapshot snapshot) {
        this.plugins = plugins;
        this.pod = pod;
        this.snapshot = snapshot;
        for (FilterPlugin plugin : plugins) {
            switch (plugin.prepare(pod, snapshot)) {
                case Preparation.Skip skip -> {}
                case Preparation.Ask(NodeFilter filter) -> prepared.add(new Prepared(plugin.name(), filter));
                case Preparation.AskOnly(Set<String> nodes, NodeFilter filter) -> {
                    prepared.add(new Prepared(plugin.name(), filter));
                    narrowing.add(plugin.name());
                    Set<String> both = new HashSet<>(only.orElse(nodes));
                    both.retainAll(nodes);
                    only = Optional.of(both);
                }
                case Preparation.Reject(String reason) -> {
                    if (rejection.isEmpty()) {
                        rejection = Optional.of(reason);
                        rejectedBy = Set.of(plugin.name());
                    }
                }
            }
        }
    }

    /** Why no node can fit, when that is clear before looking at any. */
    Optional<String> rejection() {
        return rejection;
    }

    Set<String> rejectedBy() {
        return rejectedBy;
    }

    Judged judge(NodeInfo node) {
        if (only.isPresent() && !only.get().contains(node.name())) {
            return new Judged(
                    node,
                    Verdict.unresolvable(
                            "node(s) didn't satisfy plugin(s) [%s]".formatted(String.join(" ", narrowing))),
                    narrowing.iterator().next());
        }
        // A node must fit with the pods that were promised its room, and also without them: they may go elsewhere.
        List<PodInfo> promised = snapshot.nominatedTo(node.name()).stream()
                .filter(other -> !other.equals(pod) && other.priority() >= pod.priority())
                .filter(other -> !node.pods().contains(other))
                .toList();
        if (!promised.isEmpty()) {
            NodeInfo full = node;
            for (PodInfo other : promised) {
                full = full.with(other);
            }
            Judged crowded = new Filtering(plugins, pod, snapshot.with(full)).ask(full);
            if (!(crowded.verdict() instanceof Verdict.Fits)) {
                return crowded;
            }
        }
        return ask(node);
    }

    private Judged ask(NodeInfo node) {
        for (Prepared rule : prepared) {
            Verdict verdict = rule.filter().filter(node);
            if (!(verdict instanceof Verdict.Fits)) {
                return new Judged(node, verdict, rule.plugin());
            }
        }
        return new Judged(node, Verdict.FITS, "");
    }
}
