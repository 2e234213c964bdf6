package io.quarterdeck.controller.endpoints;

import io.quarterdeck.model.ObjectKey;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which changes of services and pods were already told of in the annotation last-change-trigger-time. It is a memory
 * for measuring latencies only: no decision about endpoints rests on it. Thread-safe for different services.
 */
final class Triggers {

    private final Map<ObjectKey, Map<String, Instant>> told = new ConcurrentHashMap<>();

    /** The earliest change that was not told of yet; all are told of afterwards. */
    Optional<Instant> earliestNew(ObjectKey service, Map<String, Instant> times) {
        Map<String, Instant> before = told.getOrDefault(service, Map.of());
        told.put(service, Map.copyOf(times));
        return times.entrySet().stream()
                .filter(time -> time.getValue().isAfter(before.getOrDefault(time.getKey(), Instant.MIN)))
                .map(Map.Entry::getValue)
                .min(Instant::compareTo);
    }

    void forget(ObjectKey service) {
        told.remove(service);
    }
}
