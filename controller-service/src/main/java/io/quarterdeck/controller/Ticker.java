package io.quarterdeck.controller;

import io.quarterdeck.model.StatusException;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Does something again and again, with a pause between, until stopped. Failures are logged and do not end it. */
public final class Ticker {

    private static final Logger log = LoggerFactory.getLogger(Ticker.class);

    private final String name;
    private final Duration pause;
    private final Tick tick;
    private volatile String lastError = "";
    private @Nullable Thread thread;

    @FunctionalInterface
    public interface Tick {
        void run() throws InterruptedException;
    }

    public Ticker(String name, Duration pause, Tick tick) {
        this.name = name;
        this.pause = pause;
        this.tick = tick;
    }

    public synchronized void start() {
        thread = Thread.ofVirtual().name(name).start(this::run);
    }

    private void run() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                try {
                    tick.run();
                    lastError = "";
                } catch (StatusException refused) {
                    lastError = refused.text();
                    log.warn("{}: {}", name, refused.text());
                } catch (CancellationException stopped) {
                    throw stopped;
                } catch (RuntimeException fault) {
                    lastError = String.valueOf(fault);
                    log.error("{} failed", name, fault);
                }
                Thread.sleep(pause);
            }
        } catch (InterruptedException | CancellationException stopped) {
            log.debug("{} ends", name);
        }
    }

    public synchronized void stop() {
        Thread running = thread;
        thread = null;
        if (running != null) {
            running.interrupt();
            try {
                running.join(Duration.ofSeconds(5));
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    public synchronized boolean running() {
        return thread != null;
    }

    public String lastError() {
        return lastError;
    }
}
