package io.quarterdeck.standalone.server;

/** The embedded broker for operators, over JMX, which only the server's own user can attach to. */
public interface KafkaControlMXBean {
    /** Takes the broker away, as in an outage: everything goes on over HTTP watches. */
    void pause();

    /** Brings it back. */
    void resume();

    int getPort();
}
