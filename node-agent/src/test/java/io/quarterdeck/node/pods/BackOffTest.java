package io.quarterdeck.node.pods;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class BackOffTest {

    @Test
    void doublesUpToFiveMinutesAndIsForgottenAfterTen() {
        Instant end = Instant.parse("2026-01-01T00:00:00Z");
        BackOff backOff = BackOff.after(end);
        for (int expected : new int[] {20, 40, 80, 160, 300, 300}) {
            end = end.plusSeconds(1);
            backOff = backOff.next(end);
            assertThat(backOff.delay()).isEqualTo(Duration.ofSeconds(expected));
            assertThat(backOff.until(end)).isEqualTo(end.plusSeconds(expected));
        }
        assertThat(backOff.next(end.plus(Duration.ofMinutes(11))).delay()).isEqualTo(Duration.ofSeconds(10));
    }
}
