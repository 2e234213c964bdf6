package io.quarterdeck.api.customresources;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Counts calls of conversion webhooks, under upstream's names. Thread-safe. */
final class ConversionMetrics {

    private static final Duration[] BUCKETS = Stream.of(
                    5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 30_000, 45_000, 60_000)
            .map(Duration::ofMillis)
            .toArray(Duration[]::new);
    private static final Duration[] BUCKETS_BY_DEFINITION =
            IntStream.range(0, 15).mapToObj(i -> Duration.ofMillis(1L << i)).toArray(Duration[]::new);

    private final MeterRegistry registry;

    ConversionMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    /** @param flaw null for a call that succeeded */
    void called(String definition, String from, String to, Duration took, ConversionReview.@Nullable Flaw flaw) {
        Tags result = Tags.of(
                "result", flaw == null ? "success" : "failure", "failure_type", flaw == null ? "" : flaw.label());
        registry.counter("apiserver_conversion_webhook_request", result).increment();
        Timer.builder("apiserver_conversion_webhook_duration_seconds")
                .description("Conversion webhook request latency")
                .tags(result)
                .serviceLevelObjectives(BUCKETS)
                .register(registry)
                .record(took);
        Timer.builder("apiserver_crd_conversion_webhook_duration_seconds")
                .description("CRD webhook conversion duration in seconds")
                .tags(
                        "crd_name", definition,
                        "from_version", from,
                        "to_version", to,
                        "succeeded", String.valueOf(flaw == null))
                .serviceLevelObjectives(BUCKETS_BY_DEFINITION)
                .register(registry)
                .record(took);
    }
}
