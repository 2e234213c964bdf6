package io.quarterdeck.reconcile;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.List;
import java.util.Optional;

/**
 * What became of a plan's actions.
 *
 * @param results one for each action that was tried, in the order of the actions; those of {@link Action.Together}
 *     stand for themselves
 */
public record Outcome(List<Result> results) {

    public static final Outcome NOTHING_TRIED = new Outcome(List.of());

    public Outcome {
        results = List.copyOf(results);
    }

    /**
     * What became of one action.
     *
     * @param written the objects as the API answered them; of {@link Action.CreateMany} those that were created
     * @param failure why it failed; of {@link Action.CreateMany} the first refusal
     */
    public record Result(Action action, List<HasMetadata> written, Optional<Failure> failure) {}

    /** The API's refusal: HTTP status, reason and message. */
    public record Failure(int code, String reason, String message) {

        /** The object changed since it was read, or came or went meanwhile: looking again is the remedy. */
        public boolean outdated() {
            return code == 409 && reason.equals("Conflict");
        }

        /** Nothing can be created any more in a namespace that goes: neither repeating nor telling helps. */
        public boolean namespaceTerminating() {
            return code == 403 && message.endsWith("because it is being terminated");
        }
    }

    /** The first failure. */
    public Optional<Failure> failure() {
        return results.stream().flatMap(result -> result.failure().stream()).findFirst();
    }

    public List<HasMetadata> written() {
        return results.stream().flatMap(result -> result.written().stream()).toList();
    }
}
