package io.quarterdeck.api.validation;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.model.FieldError;
import io.quarterdeck.model.Formats;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A kind's rules as a table of path and rule, checked in order; all findings are reported at once.
 *
 * <pre>{@code
 * Rules.of(
 *     at("spec.replicas", nonNegative()),
 *     at("spec.selector", required(), labelSelector(), immutable()))
 * }</pre>
 */
public final class Rules {

    private static final Rules NONE = new Rules(List.of());

    private final List<Rule> rules;

    private Rules(List<Rule> rules) {
        this.rules = rules;
    }

    public static Rules of(Rule... rules) {
        return new Rules(List.of(rules));
    }

    public static Rules none() {
        return NONE;
    }

    public Rules and(Rule... more) {
        List<Rule> all = new ArrayList<>(rules);
        all.addAll(List.of(more));
        return new Rules(all);
    }

    public Rules and(Rules more) {
        List<Rule> all = new ArrayList<>(rules);
        all.addAll(more.rules);
        return new Rules(all);
    }

    /** @param old null when the object is being created */
    public List<FieldError> check(Document next, @Nullable Document old) {
        List<FieldError> findings = new ArrayList<>();
        Field root = Field.root(next, old, findings);
        rules.forEach(rule -> rule.check(root));
        return findings;
    }

    // ---- the words of the table
    // ---------------------------------------------------------------------------------------

    public static Rule at(String path, Rule... rules) {
        return field -> {
            Field below = field.at(path);
            for (Rule rule : rules) {
                rule.check(below);
            }
        };
    }

    /** Each item of the list. */
    public static Rule each(Rule... rules) {
        return field -> {
            for (Field item : field.items()) {
                for (Rule rule : rules) {
                    rule.check(item);
                }
            }
        };
    }

    /** Only where something stands. */
    public static Rule optional(Rule... rules) {
        return field -> {
            if (field.present()) {
                for (Rule rule : rules) {
                    rule.check(field);
                }
            }
        };
    }

    /** Only in an update. */
    public static Rule onUpdate(Rule... rules) {
        return field -> {
            if (field.updating()) {
                for (Rule rule : rules) {
                    rule.check(field);
                }
            }
        };
    }

    public static Rule required() {
        return Field::require;
    }

    public static Rule required(String why) {
        return field -> {
            if (field.empty()) {
                field.required(why);
            }
        };
    }

    public static Rule requiredFormat(Function<String, List<String>> format) {
        return field -> field.requireFormat(format);
    }

    /** Where something stands it must have this form. */
    public static Rule format(Function<String, List<String>> format) {
        return field -> {
            if (!field.empty()) {
                field.format(format);
            }
        };
    }

    public static Rule nonNegative() {
        return Field::nonNegative;
    }

    public static Rule atLeast(long minimum, String why) {
        return field -> {
            if (field.isNumber() && field.number() < minimum) {
                field.invalid(why);
            }
        };
    }

    public static Rule range(long low, long high) {
        return field -> {
            if (field.isNumber()) {
                field.invalid(Formats.range(field.number(), low, high));
            }
        };
    }

    public static Rule oneOf(String... values) {
        return field -> field.oneOf(values);
    }

    public static Rule optionallyOneOf(String... values) {
        return field -> field.optionallyOneOf(values);
    }

    public static Rule immutable() {
        return Field::immutable;
    }

    public static Rule labels() {
        return Labels::check;
    }

    public static Rule labelSelector() {
        return Labels::checkSelector;
    }
}
