package io.quarterdeck.system.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quarterdeck.api.cache.CacheLimits;
import io.quarterdeck.api.cache.StoreWatchCache;
import io.quarterdeck.api.publish.ChangePublisher;
import io.quarterdeck.api.publish.KafkaClients;
import io.quarterdeck.api.publish.PublisherProperties;
import io.quarterdeck.api.publish.RelayLock;
import io.quarterdeck.api.store.Change;
import io.quarterdeck.api.store.CrashPoint;
import io.quarterdeck.api.store.Entry;
import io.quarterdeck.api.store.OrderedStore;
import io.quarterdeck.api.store.StoreKey;
import io.quarterdeck.api.store.memory.MemoryOrderedStore;
import io.quarterdeck.embedded.kafka.EmbeddedKafka;
import io.quarterdeck.embedded.kafka.KafkaSettings;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.GroupVersionKind;
import io.quarterdeck.system.history.HistoryChecker;
import io.quarterdeck.system.history.InProcessApi;
import io.quarterdeck.system.history.Load;
import io.quarterdeck.system.history.Model;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/** The topic under a publisher that dies again and again while changes come. */
class PublisherFaultsIT {

    private static final Load.Shape SHAPE = new Load.Shape(4, 0, 2, 0, 2, 10, Duration.ofMillis(5));
    private static final GroupResource HIDDEN = new GroupResource("quarterdeck.io", "nodeports");

    @TempDir
    Path directory;

    private EmbeddedKafka kafka;
    private PublisherProperties properties;

    @BeforeEach
    void startKafka() {
        kafka = EmbeddedKafka.start(KafkaSettings.in(directory));
        properties = new Binder(new MapConfigurationPropertySource(Map.of(
                        "quarterdeck.publisher.batch", "20",
                        "quarterdeck.publisher.retry-pause", "100ms")))
                .bindOrCreate("quarterdeck.publisher", PublisherProperties.class);
    }

    @AfterEach
    void stopKafka() {
        CrashPoint.arm(null);
        kafka.close();
    }

    private ChangePublisher publisher(OrderedStore store) {
        ChangePublisher publisher = new ChangePublisher(
                store,
                RelayLock.alone(),
                new KafkaClients(new HashMap<>(kafka.clientProperties()), properties),
                storage -> storage.equals(InProcessApi.STORAGE)
                        ? Optional.of(new GroupVersionKind("", "v1", "ConfigMap"))
                        : Optional.empty(),
                () -> Set.of(InProcessApi.STORAGE),
                storage -> false,
                properties,
                new SimpleMeterRegistry());
        publisher.start();
        return publisher;
    }

    private static final class Died extends Error {
        Died(CrashPoint point) {
            super(point.name(), null, false, false);
        }
    }

    @FunctionalInterface
    private interface Life {
        void lead(OrderedStore store, Load load) throws Exception;
    }

    /** Runs publishers under a load; answers what the topic's reader has against them. */
    private List<String> verdict(MemoryOrderedStore store, Life life) throws Exception {
        Properties client = new Properties();
        client.putAll(kafka.clientProperties());
        try (StoreWatchCache cache = new StoreWatchCache(store, CacheLimits.standard())) {
            cache.start();
            try (TopicReader topic = new TopicReader(client);
                    Load load = new Load(SHAPE, number -> new InProcessApi(store, cache))) {
                load.start(0);
                life.lead(store, load);
                assertThat(load.end()).isTrue();
                HistoryChecker.Verdict verdict = HistoryChecker.check(load.history(), 100_000);
                assertThat(verdict.violations()).isEmpty();
                Model model = verdict.model();
                try (ChangePublisher last = publisher(store)) {
                    Model.Event end = model.sequence().getLast();
                    await().atMost(Duration.ofMinutes(2)).until(() -> topic.reached(end.key(), end.revision()));
                    return new ArrayList<>(topic.verdict(model));
                }
            }
        }
    }

    private void dieAt(CrashPoint point, OrderedStore store, Load load) throws Exception {
        AtomicBoolean hit = new AtomicBoolean();
        CrashPoint.arm(passed -> {
            if (passed == point && hit.compareAndSet(false, true)) {
                throw new Died(passed);
            }
        });
        try (ChangePublisher dying = publisher(store)) {
            // It ends by what the trap throws, and leaves its transaction open as a killed process would.
            await().dontCatchUncaughtExceptions().atMost(Duration.ofMinutes(1)).untilTrue(hit);
        }
        CrashPoint.arm(null);
        long size = load.history().size();
        await().until(() -> load.history().size() > size + 20);
    }

    @Test
    void aPublisherThatDiesAnywhereLosesAndDoublesNothing() throws Exception {
        assertThat(verdict(new MemoryOrderedStore(InstantSource.system()), (store, load) -> {
                    for (CrashPoint point : List.of(
                            CrashPoint.RESET_TOLD,
                            CrashPoint.SNAPSHOT_WRITTEN,
                            CrashPoint.RELAY_BEGUN,
                            CrashPoint.CHANGES_SENT,
                            CrashPoint.CHANGES_PUBLISHED,
                            CrashPoint.CHANGES_SENT,
                            CrashPoint.RELAY_BEGUN,
                            CrashPoint.CHANGES_PUBLISHED)) {
                        dieAt(point, store, load);
                    }
                }))
                .isEmpty();
    }

    /** The seeded bug: the first change behind a restart is taken for one that has no topic. */
    @Test
    void aPublisherThatSkipsBehindARestartIsFound() throws Exception {
        assertThat(verdict(new MemoryOrderedStore(InstantSource.system()), (store, load) -> {
                    dieAt(CrashPoint.CHANGES_PUBLISHED, store, load);
                    dieAt(CrashPoint.CHANGES_PUBLISHED, skipping(store), load);
                }))
                .isNotEmpty();
    }

    private static OrderedStore skipping(OrderedStore store) {
        AtomicBoolean skipped = new AtomicBoolean();
        return (OrderedStore) Proxy.newProxyInstance(
                OrderedStore.class.getClassLoader(),
                new Class<?>[] {OrderedStore.class},
                (proxy, method, arguments) -> {
                    try {
                        Object answer = method.invoke(store, arguments);
                        if (!method.getName().equals("changesAfter")) {
                            return answer;
                        }
                        List<Change> changes = new ArrayList<>();
                        for (Object element : (List<?>) answer) {
                            Change change = (Change) element;
                            changes.add(skipped.compareAndSet(false, true) ? hidden(change) : change);
                        }
                        return changes;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private static Change hidden(Change change) {
        Entry entry = change.entry();
        return new Change(
                change.type(),
                new Entry(
                        new StoreKey(HIDDEN, entry.key().key()),
                        entry.revision(),
                        entry.createdRevision(),
                        entry.storedVersion(),
                        entry.body(),
                        entry.header()),
                change.previousRevision(),
                change.transactionRevision(),
                change.at(),
                change.actor(),
                change.auditId(),
                change.cause());
    }
}
