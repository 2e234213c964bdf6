package io.quarterdeck.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuantityTest {

    @ParameterizedTest(name = "{0} is written {1}")
    @CsvSource({
        "0, 0",
        "1, 1",
        "1000m, 1",
        "0.1, 100m",
        "100m, 100m",
        "1.5, 1500m",
        "1e3, 1e3",
        "1E3, 1E3",
        "2k, 2k",
        "+1, +1",
        "010, 010",
        "1., 1.",
        ".5, 500m",
        "Ki, 0",
        "1024, 1024",
        "1e+20, 100e18",
        "1024Ki, 1Mi",
        "1536Mi, 1536Mi",
        "1.5Gi, 1536Mi",
        "2048Ki, 2Mi",
        "0.5Ki, 512",
        "0.5Mi, 512Ki",
        "1000, 1k",
        "-2000Mi, -2000Mi",
        "123456789123456789123, 123456789123456789123",
        "0.0000000001, 1n",
        "16Ei, 9223372036854775807",
    })
    void isCanonical(String text, String canonical) {
        assertThat(Quantity.parse(text)).hasToString(canonical);
    }

    @ParameterizedTest(name = "\"{0}\"")
    @ValueSource(strings = {"", "x", "1x", "1 Gi", "1KI", "1.2.3", "1e3Ki", "0x10", "1,5"})
    void refusesWhatIsNoQuantity(String text) {
        assertThatThrownBy(() -> Quantity.parse(text)).hasMessageStartingWith("quantities must match");
    }

    @ParameterizedTest(name = "\"{0}\"")
    @ValueSource(strings = {"--1", "1e"})
    void refusesUnknownSuffixes(String text) {
        assertThatThrownBy(() -> Quantity.parse(text)).hasMessage("unable to parse quantity's suffix");
    }

    @ParameterizedTest(name = "{0} is {1} in thousandths, {2} in units")
    @CsvSource({"1500m, 1500, 2", "1, 1000, 1", "1Ki, 1024000, 1024", "1n, 1, 1"})
    void roundsUp(String text, long milli, long units) {
        assertThat(Quantity.parse(text).milliValue()).isEqualTo(milli);
        assertThat(Quantity.parse(text).longValue()).isEqualTo(units);
    }
}
