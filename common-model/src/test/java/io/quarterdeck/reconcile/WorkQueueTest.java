package io.quarterdeck.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class WorkQueueTest {

    private final AtomicLong now = new AtomicLong();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final WorkQueue<String> queue = new WorkQueue<>(now::get, new WorkQueueMetrics(registry, "test"));

    @Test
    void aKeyWaitsOnce() {
        queue.add("a");
        queue.add("b");
        queue.add("a");

        assertThat(queue.depth()).isEqualTo(2);
        assertThat(queue.poll()).contains("a");
        assertThat(queue.poll()).contains("b");
        assertThat(queue.poll()).isEmpty();
    }

    @Test
    void aKeyInWorkIsNotHandedOutAgainUntilItIsDone() {
        queue.add("a");
        queue.poll();
        queue.add("a");

        assertThat(queue.poll()).isEmpty();
        queue.done("a");
        assertThat(queue.poll()).contains("a");
    }

    @Test
    void delaysEndInTheirOrderAndTheEarliestOfAKeyCounts() {
        queue.addAfter("late", Duration.ofSeconds(10));
        queue.addAfter("soon", Duration.ofSeconds(5));
        queue.addAfter("late", Duration.ofSeconds(1));
        queue.addAfter("soon", Duration.ofSeconds(7));

        assertThat(queue.poll()).isEmpty();
        now.addAndGet(Duration.ofSeconds(1).toNanos());
        assertThat(queue.poll()).contains("late");
        queue.done("late");
        now.addAndGet(Duration.ofSeconds(20).toNanos());
        assertThat(queue.poll()).contains("soon");
        queue.done("soon");
        assertThat(queue.poll()).isEmpty();
    }

    @Test
    void backOffDoublesUpToItsBoundAndStartsAnewOnceForgotten() {
        for (long expected = 5; expected < 1_000_000; expected *= 2) {
            queue.addRateLimited("a");
            now.addAndGet(Duration.ofMillis(expected).toNanos() - 1);
            assertThat(queue.poll()).isEmpty();
            now.addAndGet(1);
            assertThat(queue.poll()).contains("a");
            queue.done("a");
        }
        queue.addRateLimited("a");
        now.addAndGet(Duration.ofSeconds(1000).toNanos());
        assertThat(queue.poll()).contains("a");
        queue.done("a");

        queue.forget("a");
        queue.addRateLimited("a");
        now.addAndGet(Duration.ofMillis(5).toNanos());
        assertThat(queue.poll()).contains("a");
    }

    @Test
    void manyFailuresStayAtTheBound() {
        for (int i = 0; i < 100; i++) {
            queue.addRateLimited("a");
        }
        assertThat(queue.failures("a")).isEqualTo(100);
        now.addAndGet(Duration.ofSeconds(1000).toNanos());
        assertThat(queue.poll()).contains("a");
    }

    @Test
    void aClosedQueueHandsOutNothing() throws InterruptedException {
        queue.add("a");
        queue.close();
        queue.add("b");
        assertThat(queue.poll()).isEmpty();
        assertThat(queue.take()).isEmpty();
    }

    @Test
    void countsUnderUpstreamsNames() {
        queue.add("a");
        queue.add("a");
        assertThat(registry.get("workqueue.adds").tag("name", "test").counter().count())
                .isEqualTo(1);
        assertThat(registry.get("workqueue.depth").gauge().value()).isEqualTo(1);
        queue.poll();
        assertThat(registry.get("workqueue.depth").gauge().value()).isZero();
    }
}
