package io.quarterdeck.node.images;

import java.time.Instant;

/** The image is not there. Reason and message are those of the container's waiting state. */
public final class ImageFailure extends RuntimeException {

    private final String reason;
    private final Instant retryAt;

    ImageFailure(String reason, String message, Instant retryAt) {
        super(message);
        this.reason = reason;
        this.retryAt = retryAt;
    }

    public String reason() {
        return reason;
    }

    public String text() {
        return String.valueOf(getMessage());
    }

    public Instant retryAt() {
        return retryAt;
    }
}
