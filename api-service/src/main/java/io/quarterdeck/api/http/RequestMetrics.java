package io.quarterdeck.api.http;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/** Requests under upstream's metric names. Thread-safe. */
public final class RequestMetrics {

    private static final Duration[] BUCKETS = {
        Duration.ofMillis(5), Duration.ofMillis(25), Duration.ofMillis(50), Duration.ofMillis(100),
                Duration.ofMillis(200),
        Duration.ofMillis(400), Duration.ofMillis(600), Duration.ofMillis(800), Duration.ofSeconds(1),
                Duration.ofMillis(1500),
        Duration.ofSeconds(2), Duration.ofSeconds(5), Duration.ofSeconds(10), Duration.ofSeconds(30),
                Duration.ofSeconds(60)
    };
    private static final Set<String> WRITES = Set.of("create", "update", "patch", "delete", "deletecollection");

    /** Bounded: unknown resources share one. */
    private record Key(
            String verb, String group, String version, String resource, String subresource, String scope, int code) {}

    private record Series(Counter total, Timer duration) {}

    private final MeterRegistry registry;
    private final AtomicInteger reading = new AtomicInteger();
    private final AtomicInteger writing = new AtomicInteger();
    private final Map<Key, Series> answered = new ConcurrentHashMap<>();
    private final Map<Key, AtomicInteger> longRunning = new ConcurrentHashMap<>();
    private final Predicate<RequestPath> known;

    /** @param known whether a path names a served resource */
    public RequestMetrics(MeterRegistry registry, Predicate<RequestPath> known) {
        this.registry = registry;
        this.known = known;
        registry.gauge("apiserver_current_inflight_requests", Tags.of("request_kind", "readOnly"), reading);
        registry.gauge("apiserver_current_inflight_requests", Tags.of("request_kind", "mutating"), writing);
    }

    /** Counts a request as running; what is returned is to be run once it ended. */
    Runnable started(Exchange exchange) {
        AtomicInteger counter = counter(exchange);
        counter.incrementAndGet();
        return counter::decrementAndGet;
    }

    void answered(Exchange exchange, long nanos) {
        Key key = key(exchange, exchange.status());
        Series series = answered.get(key);
        if (series == null) {
            if (answered.size() > 20_000) {
                return;
            }
            series = answered.computeIfAbsent(key, this::series);
        }
        series.total.increment();
        series.duration.record(nanos, TimeUnit.NANOSECONDS);
    }

    private Key key(Exchange exchange, int code) {
        RequestPath path = exchange.path();
        boolean served = path.isResource() && known.test(path);
        String scope = !served
                ? ""
                : !path.name().isEmpty() ? "resource" : path.namespace().isEmpty() ? "cluster" : "namespace";
        return new Key(
                served ? path.verb().toUpperCase(Locale.ROOT) : knownMethod(exchange.method()),
                served ? path.group() : "",
                served ? path.version() : "",
                served ? path.resource() : "",
                served ? path.subresource() : "",
                scope,
                code);
    }

    private static String knownMethod(String method) {
        return Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
                        .contains(method)
                ? method
                : "other";
    }

    /** The duration is the same for all codes, as upstream's. */
    private Series series(Key key) {
        Counter total = Counter.builder("apiserver_request_total")
                .description(
                        "Counter of apiserver requests broken out for each verb, dry run value, group, version, resource,"
                                + " scope, component, and HTTP response code.")
                .tags(labels(key).and("code", String.valueOf(key.code), "dry_run", ""))
                .register(registry);
        Timer duration = Timer.builder("apiserver_request_duration_seconds")
                .description(
                        "Response latency distribution in seconds for each verb, dry run value, group, version, resource,"
                                + " subresource, scope and component.")
                .tags(labels(key).and("dry_run", ""))
                .serviceLevelObjectives(BUCKETS)
                .register(registry);
        return new Series(total, duration);
    }

    private static Tags labels(Key key) {
        return Tags.of(
                "verb", key.verb,
                "group", key.group,
                "version", key.version,
                "resource", key.resource,
                "subresource", key.subresource,
                "scope", key.scope,
                "component", "apiserver");
    }

    /** Where a request counts while it runs: streams apart from what is in flight. */
    private AtomicInteger counter(Exchange exchange) {
        RequestPath path = exchange.path();
        boolean stream = path.verb().equals("watch") || path.isStreamed();
        if (!stream || !known.test(path)) {
            return WRITES.contains(path.verb()) ? writing : reading;
        }
        return longRunning.computeIfAbsent(key(exchange, 0), this::gauge);
    }

    private AtomicInteger gauge(Key key) {
        AtomicInteger count = new AtomicInteger();
        Gauge.builder("apiserver_longrunning_requests", count, AtomicInteger::get)
                .description("Gauge of all active long-running apiserver requests broken out by verb, group, version,"
                        + " resource, scope and component. Not all requests are tracked this way.")
                .tags(labels(key))
                .register(registry);
        return count;
    }
}
