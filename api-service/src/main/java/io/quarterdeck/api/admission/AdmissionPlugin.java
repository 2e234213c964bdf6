package io.quarterdeck.api.admission;

/**
 * One rule of admission, under upstream's name; one file each. A plugin may do either or both. Refusals are {@link
 * io.quarterdeck.model.StatusException}. Thread-safe.
 */
public interface AdmissionPlugin {

    /** Upstream's name, by which it can be switched: {@code ServiceAccount}. */
    String name();

    /** Whether it runs where nobody says otherwise. */
    default boolean onByDefault() {
        return true;
    }

    /** Whether settings may name it; false for a rule of the server that upstream does not keep as a plugin. */
    default boolean canBeSwitched() {
        return true;
    }

    /** Changes {@link AdmissionRequest#object} in place. */
    default void mutate(AdmissionRequest request) {}

    /** Changes the object, knowing the round; only for plugins that call others. */
    default void mutate(AdmissionRequest request, Reinvocation round) {
        mutate(request);
    }

    /** Judges the object after all changes. */
    default void validate(AdmissionRequest request) {}

    /** What the object costs; asked last, by the thread that commits. */
    default Charge charge(AdmissionRequest request) {
        return Charge.NONE;
    }
}
