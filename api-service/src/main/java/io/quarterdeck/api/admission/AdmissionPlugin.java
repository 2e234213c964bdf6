package io.quarterdeck.api.admission;

/**
 * One rule of admission, under upstream's name; one file each. A plugin may do either or both. Refusals are {@link
 * io.quarterdeck.model.StatusException}. Thread-safe.
 */
public interface AdmissionPlugin {

    /** Upstream's name, by which it can be switched: {@code ServiceAccount}. */
    String name();

    /** Changes {@link AdmissionRequest#object} in place. */
    default void mutate(AdmissionRequest request) {}

    /** Judges the object after all changes. */
    default void validate(AdmissionRequest request) {}
}
