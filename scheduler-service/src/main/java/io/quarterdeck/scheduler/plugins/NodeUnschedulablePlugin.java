package io.quarterdeck.scheduler.plugins;

import io.fabric8.kubernetes.api.model.Taint;
import io.quarterdeck.model.Tolerations;
import io.quarterdeck.scheduler.framework.ClusterEvent;
import io.quarterdeck.scheduler.framework.FilterPlugin;
import io.quarterdeck.scheduler.framework.PodInfo;
import io.quarterdeck.scheduler.framework.Preparation;
import io.quarterdeck.scheduler.framework.Snapshot;
import io.quarterdeck.scheduler.framework.Verdict;
import java.util.Set;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/** A cordoned node takes only pods that tolerate being unschedulable. */
@Component
@Order(10)
final class NodeUnschedulablePlugin implements FilterPlugin {

    private static final Taint UNSCHEDULABLE = new Taint("NoSchedule", "node.kubernetes.io/unschedulable", null, null);

    @Override
    public String name() {
        return "NodeUnschedulable";
    }

    @Override
    public Set<ClusterEvent> requeueOn() {
        return Set.of(ClusterEvent.NODE_ADDED, ClusterEvent.NODE_TAINTS_CHANGED);
    }

    @Override
    public Preparation prepare(PodInfo pod, Snapshot snapshot) {
        if (Tolerations.tolerated(UNSCHEDULABLE, pod.tolerations())) {
            return Preparation.SKIP;
        }
        return new Preparation.Ask(
                node -> node.unschedulable() ? Verdict.unresolvable("node(s) were unschedulable") : Verdict.FITS);
    }
}
