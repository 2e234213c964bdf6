package io.quarterdeck.api.admission.podsecurity;

/** What a control forbids and where the pod does it. */
public record Violation(String reason, String detail) {

    @Override
    public String toString() {
        return detail.isEmpty() ? reason : reason + " (" + detail + ")";
    }
}
