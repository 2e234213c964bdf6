package io.quarterdeck.embedded.kafka;

/** The broker could not be started; the message is one line, fit for a user. */
public final class KafkaStartException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    KafkaStartException(String message, Throwable cause) {
        super(message, cause);
    }
}
