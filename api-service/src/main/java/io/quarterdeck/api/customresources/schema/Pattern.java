package io.quarterdeck.api.customresources.schema;

import com.google.re2j.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * A regular expression of Go's dialect. It is matched in time linear to the text, so that no client can stop the server
 * with one. Thread-safe.
 *
 * @param compiled null when the expression cannot be read
 */
public record Pattern(String expression, com.google.re2j.@Nullable Pattern compiled, String error) {

    static Pattern of(String expression) {
        try {
            return new Pattern(expression, com.google.re2j.Pattern.compile(expression), "");
        } catch (PatternSyntaxException e) {
            return new Pattern(
                    expression, null, "error parsing regexp: %s: `%s`".formatted(e.getDescription(), e.getPattern()));
        }
    }

    /** Whether the expression is found in the text. */
    boolean in(String text) {
        return compiled != null && compiled.matcher(text).find();
    }
}
