package io.quarterdeck.api.validation;

/** Something that must hold at a place of an object. What does not hold becomes a finding of the {@link Field}. */
@FunctionalInterface
public interface Rule {
    void check(Field field);
}
