package io.quarterdeck.scheduler.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.PodBuilder;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.scheduler.framework.ClusterEvent;
import io.quarterdeck.scheduler.framework.PodInfo;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SchedulingQueueTest {

    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final SchedulingQueue queue = new SchedulingQueue(
            () -> now,
            Map.of("Fit", Set.of(ClusterEvent.POD_GONE), "Taints", Set.of(ClusterEvent.NODE_TAINTS_CHANGED)),
            Duration.ofSeconds(1),
            Duration.ofSeconds(10));

    @Test
    void theMostImportantGoesFirstThenTheOldest() throws Exception {
        queue.offer(pod("old", 0));
        now = now.plusSeconds(1);
        queue.offer(pod("young", 0));
        queue.offer(pod("important", 7));
        assertThat(next()).isEqualTo("important");
        assertThat(next()).isEqualTo("old");
        assertThat(next()).isEqualTo("young");
    }

    @Test
    void aRefusedPodWaitsForAnEventThatItsRuleNamed() throws Exception {
        queue.offer(pod("p", 0));
        queue.take();
        queue.refused(Set.of("Fit"));
        now = now.plusSeconds(2);
        queue.happened(ClusterEvent.NODE_TAINTS_CHANGED);
        assertThat(queue.depth()).isEqualTo(new SchedulingQueue.Depth(0, 0, 1));
        queue.happened(ClusterEvent.POD_GONE);
        assertThat(queue.depth()).isEqualTo(new SchedulingQueue.Depth(1, 0, 0));
    }

    @Test
    void aHelpedPodRestsUntilItsBackOffEnds() throws Exception {
        queue.offer(pod("p", 0));
        queue.take();
        queue.refused(Set.of("Fit"));
        queue.happened(ClusterEvent.POD_GONE);
        assertThat(queue.depth()).isEqualTo(new SchedulingQueue.Depth(0, 1, 0));
        now = now.plusSeconds(1);
        assertThat(next()).isEqualTo("p");
    }

    @Test
    void whatHappensWhileAPodIsTriedIsNotMissed() throws Exception {
        queue.offer(pod("p", 0));
        queue.take();
        queue.happened(ClusterEvent.POD_GONE);
        queue.refused(Set.of("Fit"));
        assertThat(queue.depth()).isEqualTo(new SchedulingQueue.Depth(0, 1, 0));
    }

    @Test
    void aChangeOfWhatAPodAsksForMakesItActiveAgain() throws Exception {
        queue.offer(pod("p", 0));
        queue.take();
        queue.refused(Set.of("Taints"));
        now = now.plusSeconds(2);
        queue.offer(pod("p", 3));
        assertThat(queue.depth()).isEqualTo(new SchedulingQueue.Depth(1, 0, 0));
    }

    @Test
    void aPodForgottenByEveryEventIsTriedAgainInTheEnd() throws Exception {
        queue.offer(pod("p", 0));
        queue.take();
        queue.refused(Set.of("Taints"));
        now = now.plus(SchedulingQueue.LONGEST_WAIT).plusSeconds(1);
        assertThat(next()).isEqualTo("p");
    }

    @Test
    void aDeletedPodIsNotTried() throws Exception {
        queue.offer(pod("gone", 9));
        queue.offer(pod("stays", 0));
        queue.remove(ObjectKey.namespaced("ns", "gone"));
        assertThat(next()).isEqualTo("stays");
    }

    private String next() throws InterruptedException {
        String name = queue.take().orElseThrow().pod().name();
        queue.done();
        return name;
    }

    private static PodInfo pod(String name, int priority) {
        return PodInfo.of(new PodBuilder()
                .withNewMetadata()
                .withNamespace("ns")
                .withName(name)
                .withUid("uid-" + name)
                .endMetadata()
                .withNewSpec()
                .withPriority(priority)
                .addNewContainer()
                .withName("c")
                .endContainer()
                .endSpec()
                .build());
    }
}
