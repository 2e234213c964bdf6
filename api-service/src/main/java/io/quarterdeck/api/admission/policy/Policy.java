package io.quarterdeck.api.admission.policy;

import io.quarterdeck.api.document.Document;

/** An admission policy whose expressions are compiled. Immutable. */
sealed interface Policy permits MutatingPolicy, ValidatingPolicy {

    Document document();

    default String name() {
        return document().name();
    }

    default boolean ignoresFailures() {
        return document().text("spec.failurePolicy").equals("Ignore");
    }
}
