package io.quarterdeck.node.runtime;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * A container as it stands. Times are {@link Instant#EPOCH} and the exit code is 0 while they do not apply; the pid is 0
 * unless it runs. Reason and message say why it ended, in upstream's words.
 */
public record Container(
        String id,
        PodRef pod,
        String name,
        int attempt,
        String sandboxId,
        State state,
        Instant createdAt,
        Instant startedAt,
        Instant finishedAt,
        int exitCode,
        String reason,
        String message,
        String image,
        String imageId,
        long pid,
        String stopSignal,
        boolean tty,
        Optional<ProcessUser> user,
        Map<String, String> labels) {

    public enum State {
        CREATED,
        RUNNING,
        EXITED
    }

    public boolean running() {
        return state == State.RUNNING;
    }
}
