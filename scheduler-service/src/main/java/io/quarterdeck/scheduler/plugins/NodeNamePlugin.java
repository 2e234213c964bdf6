package io.quarterdeck.scheduler.plugins;

import io.quarterdeck.scheduler.framework.ClusterEvent;
import io.quarterdeck.scheduler.framework.FilterPlugin;
import io.quarterdeck.scheduler.framework.PodInfo;
import io.quarterdeck.scheduler.framework.Preparation;
import io.quarterdeck.scheduler.framework.Snapshot;
import io.quarterdeck.scheduler.framework.Verdict;
import java.util.Set;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/** A pod that names its node goes there or nowhere. */
@Component
@Order(20)
final class NodeNamePlugin implements FilterPlugin {

    @Override
    public String name() {
        return "NodeName";
    }

    @Override
    public Set<ClusterEvent> requeueOn() {
        return Set.of(ClusterEvent.NODE_ADDED);
    }

    @Override
    public Preparation prepare(PodInfo pod, Snapshot snapshot) {
        return pod.nodeName()
                .<Preparation>map(
                        wanted -> new Preparation.Ask(node -> node.name().equals(wanted)
                                ? Verdict.FITS
                                : Verdict.unresolvable("node(s) didn't match the requested node name")))
                .orElse(Preparation.SKIP);
    }
}
