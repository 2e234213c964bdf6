package io.quarterdeck.embedded.postgres;

/** PostgreSQL could not be started or stopped; the message is one line, fit for a user. */
public final class PostgresException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    PostgresException(String message) {
        super(message);
    }

    PostgresException(String message, Throwable cause) {
        super(message, cause);
    }
}
