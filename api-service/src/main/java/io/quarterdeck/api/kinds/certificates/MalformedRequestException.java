package io.quarterdeck.api.kinds.certificates;

/** A certificate request cannot be read, or does not hold; the message is upstream's. */
final class MalformedRequestException extends Exception {

    private static final long serialVersionUID = 1;

    MalformedRequestException(String message) {
        super(message, null, false, false);
    }

    static MalformedRequestException syntax(String what) {
        return new MalformedRequestException("asn1: syntax error: " + what);
    }

    static MalformedRequestException structure(String what) {
        return new MalformedRequestException("asn1: structure error: " + what);
    }
}
