package io.quarterdeck.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EventCorrelatorTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private final EventCorrelator correlator = new EventCorrelator();
    private final EventCorrelator.Matter matter = new EventCorrelator.Matter("c", "pod", "Normal", "Started");

    @Test
    void theSameEventIsCountedUp() {
        EventCorrelator.Decision first = correlator.decide(matter, "m", NOW).orElseThrow();
        assertThat(first.before()).isEmpty();
        correlator.written(matter, "m", new EventCorrelator.Recorded("e1", 1, NOW));

        EventCorrelator.Decision second = correlator.decide(matter, "m", NOW).orElseThrow();

        assertThat(second.before()).map(EventCorrelator.Recorded::name).contains("e1");
    }

    @Test
    void tenDifferentMessagesBecomeOneCombinedEvent() {
        for (int i = 1; i < 10; i++) {
            assertThat(correlator.decide(matter, "m" + i, NOW).orElseThrow().message())
                    .isEqualTo("m" + i);
        }
        EventCorrelator.Decision tenth = correlator.decide(matter, "m10", NOW).orElseThrow();
        assertThat(tenth.message()).isEqualTo("(combined from similar events): m10");
        correlator.written(matter, tenth.message(), new EventCorrelator.Recorded("all", 1, NOW));

        EventCorrelator.Decision eleventh =
                correlator.decide(matter, "m11", NOW).orElseThrow();

        assertThat(eleventh.before()).map(EventCorrelator.Recorded::name).contains("all");
    }

    @Test
    void similarityEndsAfterTenMinutes() {
        for (int i = 1; i < 10; i++) {
            correlator.decide(matter, "m" + i, NOW);
        }
        assertThat(correlator
                        .decide(matter, "m10", NOW.plus(Duration.ofMinutes(11)))
                        .orElseThrow()
                        .message())
                .isEqualTo("m10");
    }

    @Test
    void anObjectMayCauseABurstAndThenOneInFiveMinutes() {
        for (int i = 0; i < 25; i++) {
            assertThat(correlator.decide(matter, "m", NOW)).isPresent();
        }
        assertThat(correlator.decide(matter, "m", NOW)).isEqualTo(Optional.empty());
        assertThat(correlator.decide(matter, "m", NOW.plus(Duration.ofMinutes(5))))
                .isPresent();
    }
}
