package io.quarterdeck.api.admission.webhook;

/** A webhook could not be asked, or its answer cannot be used: failurePolicy decides. The message is upstream's. */
final class CallException extends Exception {

    private static final long serialVersionUID = 1;

    CallException(String webhook, String why) {
        super("failed calling webhook \"%s\": %s".formatted(webhook, why), null, false, false);
    }
}
