package io.quarterdeck.controller.replicas;

import org.jspecify.annotations.Nullable;

/**
 * The numbers of a status.
 *
 * @param fullyLabeled replicas that have every label of the template
 */
public record ReplicaCounts(int replicas, int fullyLabeled, int ready, int available, int terminating) {

    /** The API leaves zeros of optional numbers out. */
    public static @Nullable Integer orAbsent(int number) {
        return number == 0 ? null : number;
    }
}
