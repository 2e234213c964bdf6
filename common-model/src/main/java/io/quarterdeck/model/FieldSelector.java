package io.quarterdeck.model;

import java.util.List;
import java.util.Map;

/** Requirements on selectable fields, all of which must hold. An absent field has the value "". Immutable. */
public record FieldSelector(List<Requirement> requirements) {

    public static final FieldSelector EVERYTHING = new FieldSelector(List.of());

    public FieldSelector {
        requirements = List.copyOf(requirements);
    }

    /** {@code field = value}, or {@code field != value} when not {@code equal}. */
    public record Requirement(String field, boolean equal, String value) {}

    public boolean isEverything() {
        return requirements.isEmpty();
    }

    public boolean matches(Map<String, String> fields) {
        for (Requirement requirement : requirements) {
            if (fields.getOrDefault(requirement.field(), "").equals(requirement.value()) != requirement.equal()) {
                return false;
            }
        }
        return true;
    }
}
