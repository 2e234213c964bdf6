package io.quarterdeck.api.kinds.apps;

import io.quarterdeck.api.kinds.core.PodTemplates;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Labels;
import io.quarterdeck.api.validation.Values;
import io.quarterdeck.model.Formats;
import io.quarterdeck.model.GoQuote;
import java.util.Arrays;
import java.util.stream.Collectors;

/** What the kinds of this group share. */
final class WorkloadRules {

    private WorkloadRules() {}

    /** A selector that must be there and choose something; whether it can be read at all is told. */
    static boolean selector(Field selector, String kind, boolean requireReadable) {
        if (!selector.present()) {
            selector.required();
            return true;
        }
        int before = selector.findings().size();
        Labels.checkSelector(selector);
        boolean readable = selector.findings().size() == before;
        if (Labels.emptySelector(selector)) {
            selector.invalid("empty selector is invalid for " + kind);
        }
        if (!readable && requireReadable) {
            selector.invalid("invalid label selector");
        }
        return readable;
    }

    /** The selector and the template that it must choose. */
    static void selectorAndTemplate(Field spec, String selectorKind, String controller) {
        if (selector(spec.at("selector"), selectorKind, true)) {
            PodTemplates.checkRunning(spec.at("template"), spec.at("selector").node(), controller);
        }
    }

    /** A count or a percentage. */
    static void countOrPercent(Field field) {
        if (field.isString()) {
            field.format(Formats::percent);
        } else {
            field.nonNegative();
        }
    }

    static void atMostAll(Field field) {
        if (percent(field) > 100) {
            field.invalid("must not be greater than 100%");
        }
    }

    /** The percentage, or -1 for anything else. */
    static int percent(Field field) {
        String text = field.text();
        return field.isString() && Formats.percent(text).isEmpty() && text.length() < 9
                ? Integer.parseInt(text.substring(0, text.length() - 1))
                : -1;
    }

    static boolean zero(Field field) {
        return field.isString() ? percent(field) == 0 : field.number() == 0;
    }

    /** An update strategy as Go prints it, with these fields of its rolling update in this order. */
    static Values.Raw shown(Field strategy, String... fields) {
        Field rolling = strategy.at("rollingUpdate");
        String shown = Arrays.stream(fields)
                .map(field -> "\"%s%s\":%s"
                        .formatted(
                                Character.toUpperCase(field.charAt(0)),
                                field.substring(1),
                                Values.json(rolling.at(field).node())))
                .collect(Collectors.joining(",", "{", "}"));
        return new Values.Raw("{\"Type\":%s,\"RollingUpdate\":%s}"
                .formatted(GoQuote.quote(strategy.at("type").text()), rolling.present() ? shown : "null"));
    }
}
