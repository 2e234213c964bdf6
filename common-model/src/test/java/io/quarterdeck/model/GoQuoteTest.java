package io.quarterdeck.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class GoQuoteTest {
    @Test
    void quotesAsGoDoes() {
        assertThat(GoQuote.quote("a\"b\\\n\u0007\u0001\u007f")).isEqualTo("\"a\\\"b\\\\\\n\\a\\x01\\x7f\"");
        assertThat(GoQuote.quote("é日\ud83d\ude00")).isEqualTo("\"é日\ud83d\ude00\"");
        assertThat(GoQuote.quote("\u2028\u00a0\u0085")).isEqualTo("\"\\u2028\\u00a0\\u0085\"");
    }

    @Test
    void halfAPairIsNoCharacter() {
        assertThat(GoQuote.quote("\udc00a")).isEqualTo("\"\ufffda\"");
    }

    @Test
    void printsLists() {
        assertThat(GoQuote.listed(List.of("a", "b c"))).isEqualTo("[\"a\" \"b c\"]");
        assertThat(GoQuote.slice(List.of("a", "b"))).isEqualTo("[]string{\"a\", \"b\"}");
        assertThat(GoQuote.slice(List.of())).isEqualTo("[]string(nil)");
    }
}
