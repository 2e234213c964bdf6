package io.quarterdeck.node.probes;

/** What one probe found. The output is bounded. */
public record Answer(Verdict verdict, String output) {

    public enum Verdict {
        SUCCESS,
        FAILURE,
        /** The probe itself could not be carried out: neither good nor bad. */
        UNKNOWN
    }

    static Answer success(String output) {
        return new Answer(Verdict.SUCCESS, output);
    }

    static Answer failure(String output) {
        return new Answer(Verdict.FAILURE, output);
    }
}
