package io.quarterdeck.node.runtime;

/** Hears that a pod's sandbox or containers changed. Be quick. */
public interface RuntimeListener {

    void changed(String podUid);

    /** Events may have been missed: look at everything. */
    void lost();
}
