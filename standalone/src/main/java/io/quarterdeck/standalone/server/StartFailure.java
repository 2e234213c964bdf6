package io.quarterdeck.standalone.server;

import io.quarterdeck.embedded.kafka.KafkaStartException;
import io.quarterdeck.embedded.postgres.PostgresException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.web.server.PortInUseException;

/** Turns the failure of a start into the one line that a user sees. */
final class StartFailure {
    private StartFailure() {}

    static String oneLine(Throwable failure) {
        Throwable root = failure;
        for (Throwable t = failure; t != null; t = t.getCause()) {
            if (t instanceof PostgresException || t instanceof KafkaStartException) {
                return firstLine(t.getMessage());
            }
            if (t instanceof PortInUseException port) {
                return "port " + port.getPort() + " is taken";
            }
            root = t;
        }
        return firstLine(root.getMessage());
    }

    private static String firstLine(@Nullable String message) {
        return message == null
                ? "the start failed"
                : message.lines().findFirst().orElse(message);
    }
}
