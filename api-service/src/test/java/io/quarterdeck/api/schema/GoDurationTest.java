package io.quarterdeck.api.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GoDurationTest {

    @ParameterizedTest
    @CsvSource({"32s,PT32S", "1m30s,PT1M30S", "1.5h,PT1H30M", "250ms,PT0.25S", "-2s,PT-2S", "0,PT0S", ".5s,PT0.5S"})
    void readsGosDurations(String text, Duration expected) {
        assertThat(GoDuration.parse(text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "bogus,time: invalid duration \"bogus\"",
        "5,time: missing unit in duration \"5\"",
        "5x,time: unknown unit \"x\" in duration \"5x\"",
        "5s!,time: unknown unit \"s!\" in duration \"5s!\"",
        "1s-,time: unknown unit \"s-\" in duration \"1s-\"",
        "999999999h,time: invalid duration \"999999999h\""
    })
    void refusesOthersInGosWords(String text, String expected) {
        assertThatThrownBy(() -> GoDuration.parse(text)).hasMessage(expected);
    }
}
