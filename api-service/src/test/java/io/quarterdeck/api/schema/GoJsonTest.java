package io.quarterdeck.api.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

class GoJsonTest {
    static Stream<Arguments> documents() {
        return Stream.of(
                arguments("an object", "{\"a\": [1, 2.5e3, true, null, \"x\"]}", ""),
                arguments("nothing", "", "unexpected end of JSON input"),
                arguments("an open object", "{\"a\": 1", "unexpected end of JSON input"),
                arguments("an open word", "{\"a\":tr", "invalid character ' ' in literal true (expecting 'u')"),
                arguments("a sign alone", "-", "invalid character ' ' in numeric literal"),
                arguments("an open exponent", "1e", "invalid character ' ' in exponent of numeric literal"),
                arguments("an open string", "\"x", "unexpected end of JSON input"),
                arguments("an open escape", "\"\\", "invalid character ' ' in string escape code"),
                arguments("an open code", "\"\\u1", "invalid character ' ' in \\u hexadecimal character escape"),
                arguments("a control character", "\u0007", "invalid character '\\a' looking for beginning of value"),
                arguments("a word", "yes", "invalid character 'y' looking for beginning of value"),
                arguments("two values", "{} {}", "invalid character '{' after top-level value"),
                arguments("a trailing comma", "[1,]", "invalid character ']' looking for beginning of value"),
                arguments("a number as long as the parser takes", "1".repeat(1000), ""),
                arguments("a longer number", "3".repeat(1001), "number of more than 1000 characters"),
                arguments(
                        "a long name",
                        "{\"" + "n".repeat(60_000) + "\": 1}",
                        "object key of more than 50000 characters"),
                arguments("too deep", "[".repeat(600) + "]".repeat(600), "exceeded max depth"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("documents")
    void saysWhatIsWrong(String name, String json, String error) {
        assertThat(GoJson.syntaxError(json.getBytes(StandardCharsets.UTF_8))).isEqualTo(error);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("documents")
    void whatTheParserRefusesHasAName(String name, String json, String error) {
        boolean refused;
        try {
            refused = new JsonMapper().readTree(json).isMissingNode();
        } catch (JacksonException e) {
            refused = true;
        }
        assertThat(refused).as(error).isEqualTo(!error.isEmpty());
    }
}
