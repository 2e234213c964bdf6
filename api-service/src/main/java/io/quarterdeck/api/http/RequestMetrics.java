package io.quarterdeck.api.http;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

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

    private final MeterRegistry registry;
    private final AtomicInteger reading = new AtomicInteger();
    private final AtomicInteger writing = new AtomicInteger();
    private final Map<Key, Timer> timers = new ConcurrentHashMap<>();
    private final java.util.function.Predicate<RequestPath> known;

    /** @param known whether a path names a served resource */
    public RequestMetrics(MeterRegistry registry, java.util.function.Predicate<RequestPath> known) {
        this.registry = registry;
        this.known = known;
        registry.gauge("apiserver_current_inflight_requests", Tags.of("request_kind", "readOnly"), reading);
        registry.gauge("apiserver_current_inflight_requests", Tags.of("request_kind", "mutating"), writing);
    }

    void started(Exchange exchange) {
        kind(exchange).incrementAndGet();
    }

    void answered(Exchange exchange, long nanos) {
        kind(exchange).decrementAndGet();
        RequestPath path = exchange.path();
        boolean served = path.isResource() && known.test(path);
        String scope = !served
                ? ""
                : !path.name().isEmpty() ? "resource" : path.namespace().isEmpty() ? "cluster" : "namespace";
        Key key = new Key(
                served ? path.verb().toUpperCase(java.util.Locale.ROOT) : knownMethod(exchange.method()),
                served ? path.group() : "",
                served ? path.version() : "",
                served ? path.resource() : "",
                served ? path.subresource() : "",
                scope,
                exchange.status());
        Timer timer = timers.get(key);
        if (timer == null) {
            if (timers.size() > 20_000) {
                return;
            }
            timer = timers.computeIfAbsent(key, this::timer);
        }
        timer.record(nanos, TimeUnit.NANOSECONDS);
    }

    private static String knownMethod(String method) {
        return Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
                        .contains(method)
                ? method
                : "other";
    }

    private Timer timer(Key key) {
        // The count of this histogram by code is upstream's apiserver_request_total as well; see the metrics endpoint.
        return Timer.builder("apiserver_request_duration_seconds")
                .description(
                        "Response latency distribution in seconds for each verb, group, version, resource, subresource,"
                                + " scope and code.")
                .tags(
                        "verb", key.verb,
                        "group", key.group,
                        "version", key.version,
                        "resource", key.resource,
                        "subresource", key.subresource,
                        "scope", key.scope,
                        "code", String.valueOf(key.code),
                        "component", "apiserver",
                        "dry_run", "")
                .serviceLevelObjectives(BUCKETS)
                .register(registry);
    }

    private AtomicInteger kind(Exchange exchange) {
        return WRITES.contains(exchange.path().verb()) ? writing : reading;
    }
}
