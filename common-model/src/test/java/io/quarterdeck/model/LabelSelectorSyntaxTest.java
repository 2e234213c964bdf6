package io.quarterdeck.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LabelSelectorSyntaxTest {

    private static final Map<String, String> WEB = Map.of("app", "web", "n", "5", "empty", "");

    @ParameterizedTest(name = "{0} selects: {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "''|true",
                "app=web|true",
                "app==web|true",
                "app = web , n|true",
                "app!=web|false",
                "other!=web|true",
                "app in (db,web)|true",
                "app notin (db,web)|false",
                "other notin (db)|true",
                "app in ()|false",
                "empty=|true",
                "empty in ()|true",
                "!other|true",
                "!app|false",
                "n>4|true",
                "n<5|false",
            })
    void selects(String text, boolean expected) {
        assertThat(LabelSelectorSyntax.parse(text).matches(WEB)).isEqualTo(expected);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "!!|unable to parse requirement: found '!', expected: identifier",
                "a=b c|found 'c', expected: ',' or 'end of string'",
                "a,|found '', expected: identifier after ','",
                ",a|found ',', expected: !, identifier, or 'end of string'",
                "a b|unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt",
                "a in b|unable to parse requirement: found 'b' expected: '('",
                "a in (b|unable to parse requirement: found '', expected: ',' or ')'",
            })
    void refuses(String text, String message) {
        assertThatThrownBy(() -> LabelSelectorSyntax.parse(text)).hasMessage(message);
    }

    @Test
    void whatIsRefusedIsShownAsGoShowsIt() {
        assertThatThrownBy(() -> LabelSelectorSyntax.parse("a=\"b\""))
                .hasMessageStartingWith("unable to parse requirement: values[0][a]: Invalid value: \"\\\"b\\\"\": ");
        assertThatThrownBy(() -> LabelSelectorSyntax.parse("y".repeat(254) + "/a=b"))
                .hasMessageEndingWith("/a\": prefix part must be no more than 253 bytes");
    }

    @Test
    void fieldSelectorsEscape() {
        assertThat(FieldSelectorSyntax.parse("metadata.name=a\\,b,x!=y").requirements())
                .containsExactly(
                        new FieldSelector.Requirement("metadata.name", true, "a,b"),
                        new FieldSelector.Requirement("x", false, "y"));
        assertThatThrownBy(() -> FieldSelectorSyntax.parse("metadata.name"))
                .hasMessage("invalid selector: 'metadata.name'; can't understand 'metadata.name'");
    }
}
