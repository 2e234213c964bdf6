package io.quarterdeck.api.bootstrap;

import io.quarterdeck.api.cache.EventCursor;
import io.quarterdeck.api.cache.Freshness;
import io.quarterdeck.api.cache.Selection;
import io.quarterdeck.api.cache.WatchCache;
import io.quarterdeck.api.cache.WatchStart;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.StatusException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Writes the {@link ServerConditions} as soon as anything changes that they depend on. One thread per storage, which sleeps in
 * a watch; it may be refused at any time and tries again with the next change or the next round.
 */
final class ConditionKeeper implements SmartLifecycle {

    private static final Logger LOG = LoggerFactory.getLogger(ConditionKeeper.class);
    private static final Duration ROUND = Duration.ofSeconds(30);
    private static final Duration AFTER_FAILURE = Duration.ofSeconds(1);
    private static final int MANY = 256;

    private static final String FLOW_CONSUMER = "api-priority-and-fairness-config-consumer-v1";

    private static final GroupResource FLOW_SCHEMAS = new GroupResource("flowcontrol.apiserver.k8s.io", "flowschemas");
    private static final GroupResource PRIORITY_LEVELS =
            new GroupResource("flowcontrol.apiserver.k8s.io", "prioritylevelconfigurations");

    private final ServerObjects objects;
    private final WatchCache cache;
    private final InstantSource clock;
    private volatile List<Thread> threads = List.of();

    ConditionKeeper(ServerObjects objects, WatchCache cache, InstantSource clock) {
        this.objects = objects;
        this.cache = cache;
        this.clock = clock;
    }

    @Override
    public void start() {
        threads = List.of(
                follow("flow-schemas", FLOW_SCHEMAS, this::judgeFlowSchemas),
                follow("flow-levels", PRIORITY_LEVELS, this::judgeFlowSchemas));
    }

    private Thread follow(String name, GroupResource resource, Runnable judge) {
        return Thread.ofVirtual().name("conditions-" + name).start(() -> {
            while (!Thread.currentThread().isInterrupted()) {
                try (EventCursor changes =
                        cache.watch(resource, Selection.ALL, new WatchStart.Existing(new Freshness.Any()))) {
                    while (true) {
                        // Whatever came at once is judged at once; without any change the round makes good what was
                        // refused.
                        changes.next(MANY, ROUND);
                        judge.run();
                    }
                } catch (InterruptedException stopped) {
                    Thread.currentThread().interrupt();
                } catch (StatusException behind) {
                    LOG.debug("Watching {} again: {}", resource, behind.text());
                } catch (RuntimeException failed) {
                    LOG.error("Judging after a change of {} failed", resource, failed);
                    pause();
                }
            }
        });
    }

    private static void pause() {
        try {
            Thread.sleep(AFTER_FAILURE);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void judgeFlowSchemas() {
        Set<String> levels = new HashSet<>();
        objects.list(PRIORITY_LEVELS).forEach(level -> levels.add(level.name()));
        for (Document schema : objects.list(FLOW_SCHEMAS)) {
            boolean exists = levels.contains(schema.text("spec.priorityLevelConfiguration.name"));
            ServerConditions.dangling(schema, exists, now())
                    .ifPresent(
                            next -> attempt(schema, () -> objects.applyConditions(FLOW_SCHEMAS, next, FLOW_CONSUMER)));
        }
    }

    private static void attempt(Document object, Runnable write) {
        try {
            write.run();
        } catch (StatusException refused) {
            // Changed or removed meanwhile: that change is judged next.
            LOG.debug("{} {}: {}", object.kind(), object.name(), refused.text());
        }
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.SECONDS);
    }

    @Override
    public void stop() {
        threads.forEach(Thread::interrupt);
        threads = List.of();
    }

    @Override
    public boolean isRunning() {
        return !threads.isEmpty();
    }
}
