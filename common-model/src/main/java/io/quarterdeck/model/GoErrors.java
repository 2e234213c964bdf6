package io.quarterdeck.model;

import java.util.Collection;
import java.util.List;

/** Several errors told as one. Pure. */
public final class GoErrors {

    private GoErrors() {}

    /**
     * Each text once, in brackets where there are several; empty when there is none.
     *
     * <p>Source: apimachinery, util/errors, Aggregate.
     */
    public static String aggregate(Collection<String> errors) {
        List<String> told = errors.stream().distinct().toList();
        return told.size() > 1 ? "[" + String.join(", ", told) + "]" : String.join("", told);
    }
}
