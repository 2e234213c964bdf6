package io.quarterdeck.reconcile;

/** Something that works only while this process leads. Start and stop may alternate; neither is called twice in a row. */
public interface Controller {

    String name();

    void start();

    /** Ends all work before it returns. */
    void stop();

    State state();

    /** For operators: keys that wait, what went wrong last (empty when nothing did) and when. */
    record State(String name, boolean running, int depth, String lastError, String lastErrorAt) {}
}
