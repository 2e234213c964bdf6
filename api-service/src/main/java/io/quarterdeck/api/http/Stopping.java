package io.quarterdeck.api.http;

import org.springframework.context.SmartLifecycle;

/** Ends all watches before the container waits for its requests to finish. Thread-safe. */
public final class Stopping implements SmartLifecycle {

    private volatile boolean running;
    private volatile boolean begun;

    public boolean begun() {
        return begun;
    }

    @Override
    public void start() {
        begun = false;
        running = true;
    }

    @Override
    public void stop() {
        begun = true;
        running = false;
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    @Override
    public int getPhase() {
        return Integer.MAX_VALUE;
    }
}
