package io.quarterdeck.api.flowcontrol;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarterdeck.api.authz.AccessRequest;
import io.quarterdeck.api.cache.CacheFollower;
import io.quarterdeck.api.cache.CachedObjects;
import io.quarterdeck.api.cache.WatchCache;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.store.Change;
import io.quarterdeck.api.store.Entry;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.StatusException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Lets requests in by priority and fairness, as FlowSchema and PriorityLevelConfiguration objects say now. Thread-safe.
 *
 * <p>Source: Kubernetes documentation, "API Priority and Fairness"; KEP-1040.
 */
public final class FlowControl implements AutoCloseable {

    private static final GroupResource SCHEMAS = new GroupResource("flowcontrol.apiserver.k8s.io", "flowschemas");
    private static final GroupResource LEVELS =
            new GroupResource("flowcontrol.apiserver.k8s.io", "prioritylevelconfigurations");
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final Duration ADJUSTMENT = Duration.ofSeconds(10);
    private static final int RETRY_AFTER_SECONDS = 1;
    private static final String CATCH_ALL = "catch-all";
    private static final LevelRules EXEMPT_LEVEL = new LevelRules("exempt", "", true, 0, 0, -1, 0, 0, 0);
    private static final LevelRules CATCH_ALL_LEVEL = new LevelRules(CATCH_ALL, "", false, 5, 0, -1, 0, 0, 0);

    private final CacheFollower follower;
    private final WorkEstimate estimate;
    private final MeterRegistry meters;
    private final int serverSeats;
    private final Map<String, FlowSchema> schemaObjects = new TreeMap<>();
    private final Map<String, LevelRules> levelObjects = new TreeMap<>();
    private final Map<String, FairQueues> levels = new ConcurrentHashMap<>();
    private final Map<String, LevelSeries> levelSeries = new ConcurrentHashMap<>();
    private final Map<List<String>, FlowSeries> flowSeries = new ConcurrentHashMap<>();
    private final AtomicReference<Double> fairFraction = new AtomicReference<>(0.0);
    private final Thread adjusting;
    private volatile boolean dirty = true;
    private volatile boolean closed;
    private volatile List<FlowSchema> inOrder = List.of();

    /**
     * @param counts how many objects a list goes through
     * @param serverSeats what all levels have together
     */
    public FlowControl(WatchCache cache, ToLongFunction<AccessRequest> counts, int serverSeats, MeterRegistry meters) {
        Map<GroupResource, BiConsumer<Change.Type, Entry>> handlers = new LinkedHashMap<>();
        handlers.put(LEVELS, this::level);
        handlers.put(SCHEMAS, this::schema);
        this.follower = new CacheFollower(cache, handlers, this::forget);
        this.estimate = new WorkEstimate(counts);
        this.serverSeats = serverSeats;
        this.meters = meters;
        Gauge.builder("apiserver_flowcontrol_seat_fair_frac", fairFraction, AtomicReference::get)
                .description("Fair fraction of server's concurrency to allocate to each priority level that can use it")
                .register(meters);
        this.adjusting = Thread.ofVirtual().name("flow-control").start(this::adjust);
    }

    private synchronized void forget() {
        schemaObjects.clear();
        levelObjects.clear();
        dirty = true;
    }

    private synchronized void level(Change.Type type, Entry entry) {
        String name = entry.key().key().name();
        if (type == Change.Type.DELETED) {
            levelObjects.remove(name);
        } else {
            levelObjects.put(name, LevelRules.of(CachedObjects.document(entry)));
        }
        dirty = true;
    }

    private synchronized void schema(Change.Type type, Entry entry) {
        String name = entry.key().key().name();
        Document document = CachedObjects.document(entry);
        if (type == Change.Type.DELETED) {
            schemaObjects.remove(name);
        } else {
            schemaObjects.put(name, FlowSchema.of(document));
        }
        dirty = true;
    }

    private void upToDate() {
        follower.catchUp();
        if (dirty) {
            rebuild();
        }
    }

    private synchronized void rebuild() {
        if (!dirty) {
            return;
        }
        Map<String, LevelRules> wanted = new TreeMap<>(levelObjects);
        // Both must be there, whatever becomes of their objects.
        wanted.putIfAbsent("exempt", EXEMPT_LEVEL);
        wanted.putIfAbsent(CATCH_ALL, CATCH_ALL_LEVEL);
        int shares = wanted.values().stream().mapToInt(LevelRules::shares).sum();
        wanted.forEach((name, rules) -> {
            SeatAllocation.Bounds bounds = SeatAllocation.bounds(rules, serverSeats, shares);
            FairQueues known = levels.get(name);
            if (known == null) {
                FairQueues made = new FairQueues(rules, bounds.nominal());
                levels.put(name, made);
                levelSeries.put(name, new LevelSeries(meters, name, made));
            } else {
                known.reconfigure(rules);
                known.limit(bounds.nominal());
            }
            Objects.requireNonNull(levelSeries.get(name)).bounds(bounds);
        });
        // What still runs there gives its seats back to the old queues.
        levels.keySet().retainAll(wanted.keySet());
        levelSeries.values().removeIf(series -> series.closedUnless(levels.keySet()));
        inOrder = FlowSchema.inOrder(schemaObjects, wanted.keySet());
        dirty = false;
    }

    /** A request that was let in. {@link #close} gives its seats back, once. */
    public static final class Admission implements AutoCloseable {
        private final FairQueues queues;
        private final FairQueues.Seat seat;
        private final String schemaUid;
        private final String levelUid;
        private boolean left;

        Admission(FairQueues queues, FairQueues.Seat seat, String schemaUid, String levelUid) {
            this.queues = queues;
            this.seat = seat;
            this.schemaUid = schemaUid;
            this.levelUid = levelUid;
        }

        public String schemaUid() {
            return schemaUid;
        }

        public String levelUid() {
            return levelUid;
        }

        @Override
        public synchronized void close() {
            if (!left) {
                left = true;
                queues.leave(seat);
            }
        }
    }

    /** Told which schema and level a request belongs to, before it waits. */
    public interface Classified {
        void as(String schemaUid, String levelUid);
    }

    /**
     * Waits for the request's turn.
     *
     * @param limit of a list's page; 0 for all
     * @throws StatusException 429 when there is no room, or its turn does not come in time
     */
    public Admission enter(AccessRequest request, long limit, Classified classified) {
        upToDate();
        FlowSchema schema = classify(request);
        String level = schema == null ? CATCH_ALL : schema.level();
        FairQueues queues = levels.get(level);
        if (queues == null) {
            throw refused();
        }
        String schemaName = schema == null ? level : schema.name();
        String schemaUid = schema == null ? "" : schema.uid();
        String levelUid = queues.rules().uid();
        classified.as(schemaUid, levelUid);
        String flow = schema == null ? "" : schema.flow(request);
        FlowSeries series = flowSeries.computeIfAbsent(
                List.of(schemaName, level), labels -> new FlowSeries(meters, schemaName, level));
        FairQueues.Outcome outcome;
        try {
            outcome = queues.enter(
                    ShuffleSharding.hash(schemaName, flow),
                    new FairQueues.Ticket(schemaName, flow, request, Instant.now(), series),
                    estimate.seats(request, limit),
                    PATIENCE);
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            throw StatusException.unavailable("the server is shutting down");
        }
        FairQueues.Seat seat = outcome.seat();
        FairQueues.Refusal refusal = outcome.refusal();
        series.waited(seat != null, outcome.waitedNanos());
        if (seat == null) {
            series.rejected(refusal == null ? "" : refusal.text());
            throw refused();
        }
        return new Admission(queues, seat, schemaUid, levelUid);
    }

    private static StatusException refused() {
        return StatusException.tooManyRequests("too many requests, please try again later.", RETRY_AFTER_SECONDS);
    }

    private @Nullable FlowSchema classify(AccessRequest request) {
        for (FlowSchema schema : inOrder) {
            if (schema.matches(request)) {
                return schema;
            }
        }
        return null;
    }

    private void adjust() {
        while (!closed) {
            try {
                Thread.sleep(ADJUSTMENT);
            } catch (InterruptedException stopping) {
                return;
            }
            adjustNow();
        }
    }

    /** Gives seats that some levels do not use to those that want more. */
    synchronized void adjustNow() {
        List<FairQueues> all = new ArrayList<>(levels.values());
        int shares = all.stream().mapToInt(each -> each.rules().shares()).sum();
        List<SeatAllocation.Bounds> bounds = all.stream()
                .map(each -> SeatAllocation.bounds(each.rules(), serverSeats, shares))
                .toList();
        List<SeatAllocation.Demand> demands =
                all.stream().map(FairQueues::demand).toList();
        int total = bounds.stream().mapToInt(SeatAllocation.Bounds::nominal).sum();
        SeatAllocation.Shares given = SeatAllocation.current(total, bounds, demands);
        for (int i = 0; i < all.size(); i++) {
            all.get(i).limit(given.seats()[i]);
            LevelSeries series = levelSeries.get(all.get(i).rules().name());
            if (series != null) {
                series.demand(demands.get(i), given.targets()[i]);
            }
        }
        fairFraction.set(given.fairFraction());
    }

    Map<String, FairQueues> levels() {
        upToDate();
        return new TreeMap<>(levels);
    }

    @Override
    public void close() {
        closed = true;
        adjusting.interrupt();
    }
}
