package io.quarterdeck.reconcile;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.List;
import java.util.Optional;

/**
 * What became of a plan's actions.
 *
 * @param written the objects as the API answered them, in the order of the actions
 * @param failure why the first failed action failed, in the API's words; empty when all succeeded
 */
public record Outcome(List<HasMetadata> written, Optional<Failure> failure) {

    /** The API's refusal: HTTP status, reason and message. */
    public record Failure(Action action, int code, String reason, String message) {}
}
