package io.quarterdeck.node.volumes;

/** A volume cannot be set up for now; the message is upstream's. */
public final class VolumeFailure extends RuntimeException {

    public VolumeFailure(String message) {
        super(message);
    }

    public String text() {
        return String.valueOf(getMessage());
    }
}
