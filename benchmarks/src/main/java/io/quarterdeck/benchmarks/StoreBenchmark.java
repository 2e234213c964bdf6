package io.quarterdeck.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import com.zaxxer.hikari.HikariDataSource;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quarterdeck.api.cache.CacheLimits;
import io.quarterdeck.api.cache.EventCursor;
import io.quarterdeck.api.cache.Freshness;
import io.quarterdeck.api.cache.ListQuery;
import io.quarterdeck.api.cache.Listing;
import io.quarterdeck.api.cache.Selection;
import io.quarterdeck.api.cache.StoreWatchCache;
import io.quarterdeck.api.cache.WatchStart;
import io.quarterdeck.api.registry.SelectableField;
import io.quarterdeck.api.registry.StreamingHeaderReader;
import io.quarterdeck.api.store.Entry;
import io.quarterdeck.api.store.EntryHeader;
import io.quarterdeck.api.store.Operation;
import io.quarterdeck.api.store.StoreKey;
import io.quarterdeck.api.store.Transaction;
import io.quarterdeck.api.store.postgres.ConnectionSource;
import io.quarterdeck.api.store.postgres.PostgresOrderedStore;
import io.quarterdeck.api.store.postgres.StoreProperties;
import io.quarterdeck.embedded.postgres.EmbeddedPostgres;
import io.quarterdeck.model.FieldSelector;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.LabelSelector;
import io.quarterdeck.model.ObjectKey;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.flywaydb.core.Flyway;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/**
 * Create, list and watch of the core alone, without HTTP: ordered store on a durable PostgreSQL of its own, and the watch
 * cache over it. Objects are 2.2 KiB, the size of a typical Pod.
 */
public final class StoreBenchmark {

    private static final GroupResource PODS = new GroupResource("", "pods");
    private static final Transaction.Attribution NOBODY = new Transaction.Attribution("benchmark", "", "");
    private static final int BODY_BYTES = 2_252;
    private static final Duration EACH = Duration.ofSeconds(6);
    private static final int LISTED = 10_000;
    private static final int WATCHERS = 1_000;

    private final PostgresOrderedStore store;
    private final StoreWatchCache cache;
    private final AtomicInteger names = new AtomicInteger();

    private StoreBenchmark(PostgresOrderedStore store, StoreWatchCache cache) {
        this.store = store;
        this.cache = cache;
    }

    public static void main(String[] arguments) throws Exception {
        try (EmbeddedPostgres server = EmbeddedPostgres.temporary();
                HikariDataSource pool = new HikariDataSource()) {
            pool.setJdbcUrl(server.jdbcUrl());
            pool.setUsername(server.username());
            pool.setPassword(server.password());
            Flyway.configure().dataSource(pool).load().migrate();
            try (PostgresOrderedStore store = new PostgresOrderedStore(
                            pool,
                            ConnectionSource.of(
                                    server.jdbcUrl(), server.username(), server.password(), "quarterdeck-benchmark"),
                            new StreamingHeaderReader(storage -> List.of(SelectableField.of("spec.nodeName"))),
                            new Binder(new MapConfigurationPropertySource(Map.of()))
                                    .bindOrCreate("quarterdeck.store", StoreProperties.class),
                            new SimpleMeterRegistry());
                    StoreWatchCache cache = new StoreWatchCache(store, CacheLimits.standard())) {
                cache.start();
                new StoreBenchmark(store, cache).run();
            }
        }
    }

    private void run() throws Exception {
        create("warm-up", 64);
        for (int writers : new int[] {1, 8, 64}) {
            create("create", writers);
        }
        list();
        watch();
        watchOneNodeEach();
    }

    private static Operation.Put pod(String name, String node) {
        EntryHeader header =
                new EntryHeader("uid-" + name, Map.of("app", "web"), Map.of("spec.nodeName", node), List.of(), false);
        String head = "\"metadata\":{\"resourceVersion\":\"\",\"name\":\"" + name + "\",\"namespace\":\"default\","
                + "\"uid\":\"" + header.uid() + "\",\"labels\":{\"app\":\"web\"}},\"spec\":{\"nodeName\":\"" + node
                + "\",\"padding\":\"";
        StringBuilder body = new StringBuilder(head);
        for (int i = 0; body.length() < BODY_BYTES - 3; i++) {
            body.append(Integer.toHexString(name.hashCode() * 31 + i * 7_919));
        }
        return new Operation.Put(
                new StoreKey(PODS, new ObjectKey("default", name)),
                0,
                "v1",
                body.append("\"}}").toString().getBytes(StandardCharsets.UTF_8),
                header);
    }

    private Entry write(Operation operation) {
        return store.commit(Transaction.of(operation, NOBODY)).join().getFirst();
    }

    private void create(String what, int writers) throws Exception {
        long end = System.nanoTime() + EACH.toNanos();
        List<Future<List<Long>>> running = new ArrayList<>();
        long started = System.nanoTime();
        long cpu = cpuNanos();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int w = 0; w < writers; w++) {
                running.add(threads.submit(() -> {
                    List<Long> times = new ArrayList<>();
                    while (System.nanoTime() < end) {
                        Operation.Put pod = pod("pod-" + names.incrementAndGet(), "node-" + names.get() % 100);
                        long sent = System.nanoTime();
                        write(pod);
                        times.add(System.nanoTime() - sent);
                    }
                    return times;
                }));
            }
        }
        double seconds = (System.nanoTime() - started) / 1e9;
        List<Long> all = new ArrayList<>();
        for (Future<List<Long>> done : running) {
            all.addAll(done.get());
        }
        long[] times = all.stream().mapToLong(Long::longValue).sorted().toArray();
        if (what.equals("create")) {
            print(
                    "create",
                    "writers",
                    writers,
                    "writesPerSecond",
                    times.length / seconds,
                    "p50Millis",
                    percentile(times, 50),
                    "p99Millis",
                    percentile(times, 99),
                    "cpuMicrosPerWrite",
                    (cpuNanos() - cpu) / 1e3 / times.length);
        }
    }

    private static double percentile(long[] sorted, int percent) {
        return sorted.length == 0 ? 0 : sorted[(int) ((long) (sorted.length - 1) * percent / 100)] / 1e6;
    }

    /** What a list costs before a socket sees it: freshness, walk, and touching every byte array. */
    private void list() {
        long lists = 0;
        long bytes = 0;
        long end = System.nanoTime() + EACH.toNanos();
        long started = System.nanoTime();
        long cpu = cpuNanos();
        while (System.nanoTime() < end) {
            Listing listing = cache.list(
                    PODS, new ListQuery(Selection.ALL, new Freshness.Consistent(), LISTED, Optional.empty()));
            for (Entry entry : listing.entries()) {
                bytes += entry.body().length;
            }
            lists++;
        }
        double seconds = (System.nanoTime() - started) / 1e9;
        double cpuSeconds = (cpuNanos() - cpu) / 1e9;
        print(
                "list",
                "objects",
                LISTED,
                "listsPerSecond",
                lists / seconds,
                "megabytesPerSecond",
                bytes / 1e6 / seconds,
                "megabytesPerCpuSecond",
                bytes / 1e6 / cpuSeconds);
    }

    /** Every watcher gets every event. */
    private void watch() throws Exception {
        AtomicLong delivered = new AtomicLong();
        fanOut("watch-all", delivered, i -> Selection.ALL, 400);
    }

    /** As kubelets do: each watcher follows one node, so an event concerns about one in a hundred. */
    private void watchOneNodeEach() throws Exception {
        AtomicLong delivered = new AtomicLong();
        fanOut(
                "watch-one-node",
                delivered,
                i -> new Selection(
                        "",
                        "",
                        LabelSelector.EVERYTHING,
                        new FieldSelector(
                                List.of(new FieldSelector.Requirement("spec.nodeName", true, "node-" + i % 100)))),
                4_000);
    }

    private interface Selections {
        Selection of(int watcher);
    }

    private void fanOut(String what, AtomicLong delivered, Selections selections, int events) throws Exception {
        long behind = cache.revision();
        List<EventCursor> cursors = new ArrayList<>();
        for (int i = 0; i < WATCHERS; i++) {
            cursors.add(cache.watch(PODS, selections.of(i), new WatchStart.Behind(behind)));
        }
        long started = System.nanoTime();
        long cpu = cpuNanos();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> writers = new ArrayList<>();
            long last = behind + events;
            List<Future<?>> watchers = new ArrayList<>();
            for (EventCursor cursor : cursors) {
                watchers.add(threads.submit(() -> {
                    while (cursor.progress() < last) {
                        delivered.addAndGet(
                                cursor.next(1_000, Duration.ofMillis(200)).size());
                    }
                    return null;
                }));
            }
            for (int w = 0; w < 8; w++) {
                writers.add(threads.submit(() -> {
                    for (int i = 0; i < events / 8; i++) {
                        write(pod("pod-" + names.incrementAndGet(), "node-" + i % 100));
                    }
                }));
            }
            for (Future<?> done : writers) {
                done.get();
            }
            for (Future<?> done : watchers) {
                done.get();
            }
        }
        double seconds = (System.nanoTime() - started) / 1e9;
        double cpuSeconds = (cpuNanos() - cpu) / 1e9;
        for (EventCursor cursor : cursors) {
            cursor.close();
        }
        print(
                what,
                "watchers",
                WATCHERS,
                "events",
                events,
                "deliveriesPerSecond",
                delivered.get() / seconds,
                "deliveriesPerCpuSecond",
                delivered.get() / cpuSeconds);
    }

    private static long cpuNanos() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    }

    private static void print(String what, Object... namesAndFigures) {
        StringBuilder line = new StringBuilder("{\"benchmark\":\"" + what + "\"");
        for (int i = 0; i < namesAndFigures.length; i += 2) {
            Object figure = namesAndFigures[i + 1];
            line.append(",\"")
                    .append(namesAndFigures[i])
                    .append("\":")
                    .append(
                            figure instanceof Double number
                                    ? String.format(Locale.ROOT, "%.2f", number)
                                    : figure.toString());
        }
        System.out.println(line.append('}'));
    }
}
