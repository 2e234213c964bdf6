package io.quarterdeck.api.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

class CanonicalJsonTest {

    @ParameterizedTest(name = "{0} is written {1}")
    @CsvSource({
        "0.5, 0.5",
        "1.0, 1",
        "100000000000000000000, 100000000000000000000",
        "1e21, 1e+21",
        "1.5e300, 1.5e+300",
        "0.000001, 0.000001",
        "0.00000123, 0.00000123",
        "1e-7, 1e-7",
        "1e-100, 1e-100",
        "-2.5, -2.5",
    })
    void writesFloatsAsGoDoes(double value, String expected) {
        assertThat(CanonicalJson.number(value)).isEqualTo(expected);
    }

    @Test
    void escapesAsGoDoes() {
        String text = "a<b>&\"\\\n\t\u0001\u0000\u2028\u00e9\ud83d\ude00\ud800x";
        assertThat(new String(CanonicalJson.bytes(JsonNodeFactory.instance.stringNode(text)), StandardCharsets.UTF_8))
                .isEqualTo("\"a\\u003cb\\u003e\\u0026\\\"\\\\\\n\\t\\u0001\\u0000\\u2028\u00e9\ud83d\ude00\ufffdx\"");
    }

    @Test
    void storesMetadataFirstWithAnEmptySlot() {
        ObjectNode tree = (ObjectNode) Json.tree(
                "{\"kind\":\"X\",\"z\":1,\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"n\",\"resourceVersion\":\"7\"},\"a\":{\"kind\":\"kept\"}}"
                        .getBytes(StandardCharsets.UTF_8));
        assertThat(new String(CanonicalJson.stored(tree), StandardCharsets.UTF_8))
                .isEqualTo("\"metadata\":{\"resourceVersion\":\"\",\"name\":\"n\"},\"a\":{\"kind\":\"kept\"},\"z\":1}");
    }
}
