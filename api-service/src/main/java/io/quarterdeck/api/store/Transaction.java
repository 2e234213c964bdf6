package io.quarterdeck.api.store;

import java.util.List;

/**
 * Writes that happen together or not at all.
 *
 * @param operations at most one on each object
 * @param guards objects that must still be as they were judged
 * @param attribution who asked, for the change log
 */
public record Transaction(List<Operation> operations, List<Guard> guards, Attribution attribution) {

    public Transaction {
        operations = List.copyOf(operations);
        guards = List.copyOf(guards);
        if (operations.isEmpty()) {
            throw new IllegalArgumentException("a transaction needs an operation");
        }
        if (operations.stream().map(Operation::key).distinct().count() < operations.size()) {
            throw new IllegalArgumentException("a transaction writes an object once");
        }
    }

    /** {@code key} must have {@code revision}; 0 means absent. */
    public record Guard(StoreKey key, long revision) {}

    /** User name, audit id of the request and an optional cause (for example the change set that it belongs to). */
    public record Attribution(String actor, String auditId, String cause) {}

    public static Transaction of(Operation operation, Attribution attribution) {
        return new Transaction(List.of(operation), List.of(), attribution);
    }
}
