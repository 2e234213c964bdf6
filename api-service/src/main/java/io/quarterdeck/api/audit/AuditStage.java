package io.quarterdeck.api.audit;

/** A moment of a request at which an event is made. */
public enum AuditStage {
    REQUEST_RECEIVED("RequestReceived"),
    /** Only of long requests: the head of the answer is out, the body is not. */
    RESPONSE_STARTED("ResponseStarted"),
    RESPONSE_COMPLETE("ResponseComplete"),
    PANIC("Panic");

    private final String text;

    AuditStage(String text) {
        this.text = text;
    }

    public String text() {
        return text;
    }

    /** @throws IllegalArgumentException in upstream's words for any other text */
    static AuditStage of(String text) {
        for (AuditStage stage : values()) {
            if (stage.text.equals(text)) {
                return stage;
            }
        }
        throw new IllegalArgumentException("invalid stage: \"" + text + "\"");
    }
}
