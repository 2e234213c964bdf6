package io.quarterdeck.api.flowcontrol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quarterdeck.api.authn.User;
import io.quarterdeck.api.authz.AccessRequest;
import io.quarterdeck.api.flowcontrol.FairQueues.Outcome;
import io.quarterdeck.api.flowcontrol.FairQueues.Refusal;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FairQueuesTest {

    private static final Duration LONG = Duration.ofMinutes(1);

    private static LevelRules level(int queues, int hand, int length) {
        return new LevelRules("level", "uid", false, 10, 0, -1, queues, hand, length);
    }

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

    private FairQueues.Ticket ticket(String flow) {
        return new FairQueues.Ticket(
                "s",
                flow,
                AccessRequest.path(User.ANONYMOUS, "get", "/"),
                Instant.EPOCH,
                new FlowSeries(meters, "s", "level"));
    }

    private record Entered(String who, FairQueues.Seat seat) {}

    private final BlockingQueue<Entered> entered = new LinkedBlockingQueue<>();

    private void wantAsync(FairQueues queues, String who, int seats) {
        int before = queues.waitingRequests() + queues.executingRequests();
        Thread.ofVirtual().start(() -> {
            try {
                Outcome outcome = queues.enter(ShuffleSharding.hash("s", who), ticket(who), seats, LONG);
                if (outcome.seat() != null) {
                    entered.add(new Entered(who, outcome.seat()));
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        await().until(() -> queues.waitingRequests() + queues.executingRequests() > before);
    }

    private Entered next() throws InterruptedException {
        return Objects.requireNonNull(entered.poll(30, TimeUnit.SECONDS));
    }

    @Test
    void aQuietFlowDoesNotWaitForANoisyOne() throws InterruptedException {
        FairQueues queues = new FairQueues(level(64, 6, 50), 2);
        for (int i = 0; i < 40; i++) {
            wantAsync(queues, "noisy", 1);
        }
        Entered first = next();
        Entered second = next();
        assertThat(first.who() + second.who()).isEqualTo("noisynoisy");
        // The noisy one's queues have used time by now.
        queues.leave(first.seat());
        Entered third = next();
        queues.leave(second.seat());
        Entered fourth = next();
        wantAsync(queues, "quiet", 1);
        queues.leave(third.seat());
        Entered fifth = next();
        queues.leave(fourth.seat());
        Entered sixth = next();
        assertThat(List.of(fifth.who(), sixth.who())).contains("quiet");
    }

    @Test
    void nobodyIsLostAndNoSeatIsGivenTwice() throws InterruptedException {
        FairQueues queues = new FairQueues(level(8, 3, 100), 3);
        for (int i = 0; i < 60; i++) {
            wantAsync(queues, "flow-" + i % 7, 1 + i % 3);
        }
        for (int i = 0; i < 60; i++) {
            Entered one = next();
            assertThat(queues.executingSeats()).isBetween(1, 3);
            queues.leave(one.seat());
        }
        assertThat(queues.executingSeats()).isZero();
        assertThat(queues.waitingRequests()).isZero();
    }

    @Test
    void refusesWhatFindsNoRoom() throws InterruptedException {
        FairQueues queues = new FairQueues(level(1, 1, 2), 1);
        wantAsync(queues, "a", 1);
        wantAsync(queues, "a", 1);
        wantAsync(queues, "a", 1);
        assertThat(queues.enter(1, ticket("a"), 1, LONG).refusal()).isEqualTo(Refusal.QUEUE_FULL);
        FairQueues rejecting = new FairQueues(level(0, 0, 0), 1);
        Outcome in = rejecting.enter(1, ticket("a"), 1, LONG);
        assertThat(in.seat()).isNotNull();
        assertThat(rejecting.enter(1, ticket("a"), 1, LONG).refusal()).isEqualTo(Refusal.CONCURRENCY_LIMIT);
        rejecting.leave(Objects.requireNonNull(in.seat()));
        assertThat(rejecting.enter(1, ticket("a"), 1, LONG).seat()).isNotNull();
    }

    @Test
    void patienceEnds() throws InterruptedException {
        FairQueues queues = new FairQueues(level(4, 2, 10), 1);
        Outcome in = queues.enter(1, ticket("a"), 1, LONG);
        assertThat(queues.enter(2, ticket("b"), 1, Duration.ofMillis(20)).refusal())
                .isEqualTo(Refusal.TIME_OUT);
        assertThat(queues.waitingRequests()).isZero();
        assertThat(queues.states().stream()
                        .mapToInt(FairQueues.QueueState::seats)
                        .sum())
                .isEqualTo(1);
        queues.leave(Objects.requireNonNull(in.seat()));
        assertThat(queues.executingSeats()).isZero();
        assertThat(queues.totals()).isEqualTo(new FairQueues.Totals(1, 0, 1, 0));
        assertThat(meters.get("apiserver_flowcontrol_dispatched_requests")
                        .counter()
                        .count())
                .isEqualTo(1);
    }

    @Test
    void theExemptNeverWait() throws InterruptedException {
        FairQueues queues = new FairQueues(new LevelRules("exempt", "", true, 0, 0, -1, 0, 0, 0), 0);
        for (int i = 0; i < 1000; i++) {
            assertThat(queues.enter(i, ticket(""), 10, Duration.ZERO).seat()).isNotNull();
        }
    }

    @Test
    void aRequestThatIsWiderThanTheLevelRunsAlone() throws InterruptedException {
        FairQueues queues = new FairQueues(level(4, 2, 10), 2);
        Outcome wide = queues.enter(1, ticket("a"), 10, LONG);
        assertThat(Objects.requireNonNull(wide.seat()).seats()).isEqualTo(2);
    }

    @ParameterizedTest(name = "{0} queues, hands of {1}")
    @CsvSource({"64, 8", "128, 6", "8, 8", "3, 5", "1, 1"})
    void dealsDifferentQueues(int queues, int hand) {
        Set<Integer> used = new HashSet<>();
        for (int flow = 0; flow < 2000; flow++) {
            int[] cards = ShuffleSharding.deal(ShuffleSharding.hash("s", "f" + flow), queues, hand);
            assertThat(cards).hasSize(Math.min(queues, hand)).doesNotHaveDuplicates();
            assertThat(Arrays.stream(cards).allMatch(card -> card >= 0 && card < queues))
                    .isTrue();
            Arrays.stream(cards).forEach(used::add);
        }
        assertThat(used).hasSize(queues);
    }

    @Test
    void twoFlowsSeldomShareAllQueues() {
        Set<Integer> noisy = new HashSet<>();
        for (int card : ShuffleSharding.deal(ShuffleSharding.hash("s", "noisy"), 128, 6)) {
            noisy.add(card);
        }
        int swallowed = 0;
        for (int flow = 0; flow < 10_000; flow++) {
            int[] cards = ShuffleSharding.deal(ShuffleSharding.hash("s", "f" + flow), 128, 6);
            swallowed += Arrays.stream(cards).allMatch(noisy::contains) ? 1 : 0;
        }
        assertThat(swallowed).isZero();
    }
}
