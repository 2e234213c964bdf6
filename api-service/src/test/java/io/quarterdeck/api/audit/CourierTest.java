package io.quarterdeck.api.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class CourierTest {

    private static final byte[] EVENT = {'{', '}'};

    private final AtomicInteger tries = new AtomicInteger();
    private final AtomicInteger lost = new AtomicInteger();

    private Courier courier(int failures) {
        return courier(events -> {
            if (tries.incrementAndGet() <= failures) {
                throw new IOException("not now");
            }
        });
    }

    private Courier courier(Receiver receiver) {
        Delivery delivery = new Delivery() {
            @Override
            public void deliver(List<byte[]> events) throws Exception {
                receiver.receive(events);
            }

            @Override
            public void close() {}
        };
        return new Courier("test", delivery, Duration.ZERO, lost::addAndGet);
    }

    private interface Receiver {
        void receive(List<byte[]> events) throws Exception;
    }

    @Test
    void fiveTriesAreMade() {
        assertThat(new BlockingBackend(courier(4), true).take(EVENT)).isTrue();
        assertThat(tries).hasValue(5);
        assertThat(lost).hasValue(0);
    }

    @Test
    void onlyTheStrictModeRefusesWhatIsNotRecorded() {
        assertThat(new BlockingBackend(courier(5), false).take(EVENT)).isTrue();
        assertThat(lost).hasValue(1);
        tries.set(0);
        assertThat(new BlockingBackend(courier(5), true).take(EVENT)).isFalse();
        assertThat(lost).hasValue(2);
    }

    /** A receiver that does not answer holds up its own batch alone. */
    @Test
    void throttledBatchesGoSideBySide() throws InterruptedException {
        CountDownLatch answer = new CountDownLatch(1);
        ConcurrentLinkedQueue<Integer> arrived = new ConcurrentLinkedQueue<>();
        Courier slow = courier(events -> {
            arrived.add(events.size());
            answer.await();
        });
        BufferedBackend backend =
                new BufferedBackend(new BufferedBackend.Limits(10, 1, Duration.ZERO), slow, new Throttle(10, 15));
        backend.take(EVENT);
        backend.take(EVENT);
        await().until(() -> arrived.size() == 2);
        answer.countDown();
        backend.close();
        assertThat(lost).hasValue(0);
    }

    @Test
    void afterABurstTurnsComeAtTheirPace() {
        Throttle throttle = new Throttle(10, 2);
        long now = System.nanoTime();
        assertThat(throttle.reserve(now)).isZero();
        assertThat(throttle.reserve(now)).isZero();
        assertThat(throttle.reserve(now)).isEqualTo(TimeUnit.MILLISECONDS.toNanos(100));
        assertThat(throttle.reserve(now)).isEqualTo(TimeUnit.MILLISECONDS.toNanos(200));
        assertThat(throttle.reserve(now + TimeUnit.MILLISECONDS.toNanos(300))).isZero();
    }
}
