package io.quarterdeck.api.customresources.schema;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StringFormatsTest {

    @ParameterizedTest(name = "{1}: {2}")
    @CsvSource({
        "mac, 00:00:5e:00:53:01, true",
        "mac, 02-00-5e-10-00-00-00-01, true",
        "mac, 00-00:5e-00-53-01, false",
        "mac, 0200.5e10.0000.0001, true",
        "mac, 00005e005301, true",
        "mac, 02005e1000000001, true",
        "mac, 00000000fe8000000000000002005e1000000001, true",
        "mac, 02005e10000001, false",
        "mac, 00005e00530g, false",
    })
    void formatsAreThoseOfGo(String format, String text, boolean accepted) {
        assertThat(StringFormats.accepts(format, text)).isEqualTo(accepted);
    }
}
