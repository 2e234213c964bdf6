package io.quarterdeck.api.authz;

import java.util.List;

/** What a user may do, as far as rules can list it, and what could not be listed. Immutable. */
public record Holdings(List<PolicyRule> rules, List<String> errors) {

    static final Holdings NONE = new Holdings(List.of(), List.of());

    public Holdings {
        rules = List.copyOf(rules);
        errors = List.copyOf(errors);
    }
}
