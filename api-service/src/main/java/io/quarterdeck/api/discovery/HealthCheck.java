package io.quarterdeck.api.discovery;

import java.util.concurrent.Callable;

/** One thing that must be well for the server to be. Found as a bean; called on each probe, so quick. Thread-safe. */
public interface HealthCheck {

    String name();

    /** Throws, or answers false, when it is not well. */
    boolean healthy() throws Exception;

    /** Whether a failure means that a restart could help; others only withhold traffic. */
    default boolean liveness() {
        return true;
    }

    /** Whether {@code /livez} and {@code /healthz} leave it out, as {@code readyz} alone asks it. */
    static HealthCheck of(String name, boolean liveness, Callable<Boolean> check) {
        return new HealthCheck() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public boolean healthy() throws Exception {
                return check.call();
            }

            @Override
            public boolean liveness() {
                return liveness;
            }
        };
    }
}
