package io.quarterdeck.api.audit;

/** How much is recorded of a request; each holds all that the one before holds. */
public enum AuditLevel {
    NONE("None"),
    METADATA("Metadata"),
    REQUEST("Request"),
    REQUEST_RESPONSE("RequestResponse");

    private final String text;

    AuditLevel(String text) {
        this.text = text;
    }

    public String text() {
        return text;
    }

    /** @throws IllegalArgumentException in upstream's words for any other text */
    static AuditLevel of(String text) {
        for (AuditLevel level : values()) {
            if (level.text.equals(text)) {
                return level;
            }
        }
        throw new IllegalArgumentException(
                text.isEmpty()
                        ? "level: Required value"
                        : "level: Unsupported value: \"%s\": supported values: \"Metadata\", \"None\", \"Request\", \"RequestResponse\""
                                .formatted(text));
    }

    boolean atLeast(AuditLevel other) {
        return compareTo(other) >= 0;
    }
}
