package io.quarterdeck.api.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarterdeck.model.GroupVersionKind;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

/** YAML that begins like JSON is YAML all the same, and is told of as Go tells. */
class FlowYamlTest {

    @Test
    void aBodyThatNamesAnotherKindIsReadByTheSameSyntax() {
        String body = "{apiVersion: certificates.k8s.io/v1, kind: '', gracePeriodSeconds: 8}\n---\na: !!binary x\n";

        Decoded options = new SchemaCodec()
                .decode(
                        body.getBytes(StandardCharsets.UTF_8),
                        Encoding.YAML,
                        new GroupVersionKind("", "v1", "DeleteOptions"));

        assertThat(options.document().at("gracePeriodSeconds").intValue()).isEqualTo(8);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            in braces            | `{a: b, a: c, b: {x: 1, x: 2}}`     | line 1: key "a" already set in map;line 1: key "x" already set in map
            as JSON              | `{"a": 1,\\n"a": 2}`                 | line 2: key "a" already set in map
            a value further down | `a: 1\\na:\\n  b: 1\\n`               | line 3: key "a" already set in map
            """)
    void repeatedKeysAreToldByTheLineOfTheirValues(String name, String body, String told) {
        String duplicates = YamlReader.read(body.translateEscapes().getBytes(StandardCharsets.UTF_8))
                .duplicates();

        assertThat(YamlReader.warnings(duplicates)).containsExactly(told.split(";"));
    }

    @Test
    void aKeyOfNothingIsNone() {
        assertThatThrownBy(() -> YamlReader.read("{a: b, null: c, ~: w}".getBytes(StandardCharsets.UTF_8)))
                .hasMessage("unsupported map key of type: %!s(<nil>), key: <nil>, value: \"w\"");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            a time              | `{"t":"2026-01-02T03:04:05Z"}`   | `t: "2026-01-02T03:04:05Z"\\n`
            a date              | `{"t":"2026-01-02"}`             | `t: "2026-01-02"\\n`
            base 60             | `{"t":"10:30"}`                  | `t: "10:30"\\n`
            a merge key         | `{"t":"<<"}`                     | `t: "<<"\\n`
            a tab               | `{"t":"a\\tb"}`                  | `t: "a\\tb"\\n`
            a control character | `{"t":"a\\u0001"}`               | `t: "a\\x01"\\n`
            plain text          | `{"t":"a: b"}`                    | `t: 'a: b'\\n`
            """)
    void textsAreQuotedWhereReadersWouldTakeThemForSomethingElse(String name, String json, String yaml) {
        assertThat(YamlWriter.write(JsonMapper.shared().readTree(json))).isEqualTo(yaml.replace("\\n", "\n"));
    }

    @Test
    void longLinesAreFoldedBehindTheEightiethColumn() {
        String words = "word ".repeat(20).strip();

        assertThat(YamlWriter.write(JsonMapper.shared().createObjectNode().put("message", words)))
                .isEqualTo("message: " + "word ".repeat(15).strip() + "\n  "
                        + "word ".repeat(5).strip() + "\n");
    }

    @Test
    void numbersThatNothingHoldsAreText() {
        String large = "1" + "0".repeat(1_500);

        var tree = YamlReader.read(("{a: " + large + ", b: 18446744073709551615, c: 1" + "0".repeat(30) + "}")
                        .getBytes(StandardCharsets.UTF_8))
                .tree();

        assertThat(tree.path("a").stringValue()).isEqualTo(large);
        assertThat(tree.path("b").isIntegralNumber()).isTrue();
        assertThat(tree.path("c").doubleValue()).isEqualTo(1e30);
    }
}
