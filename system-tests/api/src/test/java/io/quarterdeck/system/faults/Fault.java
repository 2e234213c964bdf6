package io.quarterdeck.system.faults;

/** What a stack has to live through. */
enum Fault {
    /** kill -9 of one api-service, which is started again. */
    API_KILL,
    /** The same of the one that publishes. */
    PUBLISHER_KILL,
    API_PAUSE,
    /** kill -9 of one PostgreSQL backend: the server then restarts all of them. */
    BACKEND_KILL,
    /** The connections of flushers, listeners and relay are cut. */
    SESSIONS_CUT,
    POSTGRES_KILL,
    POSTGRES_PAUSE,
    /** All connections that PostgreSQL gives are taken by somebody else. */
    CONNECTIONS_TAKEN,
    KAFKA_KILL,
    KAFKA_PAUSE,
    /** Kafka is killed and its data directory deleted. */
    KAFKA_WIPE;

    /** Whether a process dies of it. */
    boolean kills() {
        return switch (this) {
            case API_KILL, PUBLISHER_KILL, BACKEND_KILL, POSTGRES_KILL, KAFKA_KILL, KAFKA_WIPE -> true;
            case API_PAUSE, POSTGRES_PAUSE, KAFKA_PAUSE, SESSIONS_CUT, CONNECTIONS_TAKEN -> false;
        };
    }
}
