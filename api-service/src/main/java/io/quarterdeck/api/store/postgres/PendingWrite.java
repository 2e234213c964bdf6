package io.quarterdeck.api.store.postgres;

import io.quarterdeck.api.store.Entry;
import io.quarterdeck.api.store.Operation;
import io.quarterdeck.api.store.StoreKey;
import io.quarterdeck.api.store.Transaction;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A transaction that waits for its commit. */
record PendingWrite(Transaction transaction, long bytes, long deadlineNanos, CompletableFuture<List<Entry>> answer) {

    static PendingWrite of(Transaction transaction, long deadlineNanos) {
        long bytes = 0;
        for (Operation operation : transaction.operations()) {
            bytes += switch (operation) {
                case Operation.Put put -> put.body().length;
                case Operation.Remove remove -> remove.lastBody().length;
            };
        }
        return new PendingWrite(transaction, bytes, deadlineNanos, new CompletableFuture<>());
    }

    List<StoreKey> written() {
        return transaction.operations().stream().map(Operation::key).toList();
    }

    List<StoreKey> guarded() {
        return transaction.guards().stream().map(Transaction.Guard::key).toList();
    }
}
