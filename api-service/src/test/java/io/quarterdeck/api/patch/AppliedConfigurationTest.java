package io.quarterdeck.api.patch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AppliedConfigurationTest {

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "{ | error decoding YAML: error converting YAML to JSON: yaml: line 1: did not find expected node content",
                "[] | error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go value of type map[string]interface {}",
                "'a: b: c' | error decoding YAML: error converting YAML to JSON: yaml: mapping values are not allowed in this context",
            })
    void refusesInUpstreamsWords(String body, String message) {
        assertThatThrownBy(() -> AppliedConfiguration.read(body.getBytes(StandardCharsets.UTF_8)))
                .hasMessage(message);
    }

    @Test
    void repeatedKeysAreRefusedWhenStrict() {
        byte[] body = "kind: ConfigMap\ndata: {k: v, k: w}\n".getBytes(StandardCharsets.UTF_8);
        AppliedConfiguration.Read read = AppliedConfiguration.read(body);
        assertThat(read.document().text("data.k")).isEqualTo("w");
        assertThat(read.warnings()).containsExactly("line 2: key \"k\" already set in map");
        assertThatThrownBy(read::requireNoDuplicates)
                .hasMessage("error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n"
                        + "  line 2: key \"k\" already set in map");
    }
}
