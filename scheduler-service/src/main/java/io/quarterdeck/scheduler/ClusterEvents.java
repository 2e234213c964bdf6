package io.quarterdeck.scheduler;

import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.quarterdeck.feed.ChangeHandler;
import io.quarterdeck.feed.Informers;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.scheduler.framework.ClusterEvent;
import io.quarterdeck.scheduler.framework.PodInfo;
import io.quarterdeck.scheduler.queue.SchedulingQueue;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Turns what the informers tell into cluster state, queue entries, and events that wake refused pods. */
final class ClusterEvents {

    private final ClusterState state;
    private final SchedulingQueue queue;
    private final String schedulerName;

    ClusterEvents(ClusterState state, SchedulingQueue queue, String schedulerName) {
        this.state = state;
        this.queue = queue;
        this.schedulerName = schedulerName;
    }

    void follow(Informers informers) {
        informers.of(Node.class).handle(new Nodes());
        informers.of(Namespace.class).handle(new Namespaces());
        informers.of(PodDisruptionBudget.class).handle(new Budgets());
        informers.of(Pod.class).handle(new Pods());
    }

    private final class Pods implements ChangeHandler<Pod> {

        @Override
        public void added(Pod pod) {
            if (finished(pod)) {
                gone(pod);
                return;
            }
            PodInfo info = PodInfo.of(pod);
            Optional<String> node = info.nodeName();
            if (node.isPresent()) {
                boolean known = state.nodeOf(info.uid()).isPresent();
                queue.remove(key(pod));
                state.place(info, node.get());
                queue.happened(known ? ClusterEvent.POD_LABELS_CHANGED : ClusterEvent.POD_BOUND);
            } else if (ours(pod)) {
                if (state.nodeOf(info.uid()).isEmpty()) {
                    info.nominatedNode().ifPresent(nominated -> state.nominate(info, nominated));
                    queue.offer(info);
                }
            }
        }

        @Override
        public void updated(Pod before, Pod after) {
            if (!before.getMetadata().getUid().equals(after.getMetadata().getUid())) {
                deleted(before);
            }
            if (after.getSpec().getNodeName() != null && !finished(after) && !matters(before, after)) {
                return;
            }
            added(after);
        }

        /** Most updates of running pods are their status, which no rule looks at. */
        private boolean matters(Pod before, Pod after) {
            return !Objects.equals(before.getSpec(), after.getSpec())
                    || !Objects.equals(
                            before.getMetadata().getLabels(),
                            after.getMetadata().getLabels())
                    || !Objects.equals(
                            before.getMetadata().getDeletionTimestamp(),
                            after.getMetadata().getDeletionTimestamp());
        }

        @Override
        public void deleted(Pod last) {
            gone(last);
        }

        private void gone(Pod pod) {
            queue.remove(key(pod));
            state.forgetNomination(pod.getMetadata().getUid());
            if (state.unplace(pod.getMetadata().getUid())) {
                queue.happened(ClusterEvent.POD_GONE);
            }
        }

        /** Pods with gates are not offered: opening the last gate is an update that offers them. */
        private boolean ours(Pod pod) {
            return schedulerName.equals(pod.getSpec().getSchedulerName())
                    && pod.getMetadata().getDeletionTimestamp() == null
                    && Objects.requireNonNullElse(pod.getSpec().getSchedulingGates(), List.of())
                            .isEmpty();
        }

        private static boolean finished(Pod pod) {
            String phase = pod.getStatus() == null ? null : pod.getStatus().getPhase();
            return "Succeeded".equals(phase) || "Failed".equals(phase);
        }

        private static ObjectKey key(Pod pod) {
            return new ObjectKey(
                    pod.getMetadata().getNamespace(), pod.getMetadata().getName());
        }
    }

    private final class Nodes implements ChangeHandler<Node> {

        @Override
        public void added(Node node) {
            state.setNode(node);
            queue.happened(ClusterEvent.NODE_ADDED);
        }

        @Override
        public void updated(Node before, Node after) {
            state.setNode(after);
            if (!Objects.equals(
                    before.getMetadata().getLabels(), after.getMetadata().getLabels())) {
                queue.happened(ClusterEvent.NODE_LABELS_CHANGED);
            }
            if (!Objects.equals(before.getSpec(), after.getSpec())) {
                queue.happened(ClusterEvent.NODE_TAINTS_CHANGED);
            }
            if (!Objects.equals(
                    before.getStatus().getAllocatable(), after.getStatus().getAllocatable())) {
                queue.happened(ClusterEvent.NODE_ALLOCATABLE_CHANGED);
            }
        }

        @Override
        public void deleted(Node last) {
            state.removeNode(last.getMetadata().getName());
        }
    }

    private final class Namespaces implements ChangeHandler<Namespace> {

        @Override
        public void added(Namespace namespace) {
            state.setNamespace(
                    namespace.getMetadata().getName(),
                    Objects.requireNonNullElse(namespace.getMetadata().getLabels(), Map.of()));
        }

        @Override
        public void updated(Namespace before, Namespace after) {
            added(after);
            if (!Objects.equals(
                    before.getMetadata().getLabels(), after.getMetadata().getLabels())) {
                queue.happened(ClusterEvent.NAMESPACE_CHANGED);
            }
        }

        @Override
        public void deleted(Namespace last) {
            state.removeNamespace(last.getMetadata().getName());
        }
    }

    private final class Budgets implements ChangeHandler<PodDisruptionBudget> {

        @Override
        public void added(PodDisruptionBudget budget) {
            state.setBudget(budget);
        }

        @Override
        public void updated(PodDisruptionBudget before, PodDisruptionBudget after) {
            state.setBudget(after);
        }

        @Override
        public void deleted(PodDisruptionBudget last) {
            state.removeBudget(last.getMetadata().getUid());
        }
    }
}
