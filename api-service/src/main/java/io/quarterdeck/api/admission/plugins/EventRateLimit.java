package io.quarterdeck.api.admission.plugins;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.quarterdeck.api.admission.AdmissionPlugin;
import io.quarterdeck.api.admission.AdmissionRequest;
import io.quarterdeck.api.admission.AdmissionRequest.Operation;
import io.quarterdeck.api.admission.plugins.EventRateLimitProperties.Limit;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.model.StatusException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.stereotype.Component;

/**
 * Nobody floods the server with events.
 *
 * <p>Source: Kubernetes documentation, "Event Rate Limit Configuration (v1alpha1)".
 */
@Component
@EnableConfigurationProperties(EventRateLimitProperties.class)
final class EventRateLimit implements AdmissionPlugin {

    private record Enforced(Limit limit, Cache<String, Bucket> buckets) {}

    private final List<Enforced> limits = new ArrayList<>();

    EventRateLimit(EventRateLimitProperties properties) {
        for (Limit limit : properties.limits()) {
            limits.add(new Enforced(
                    limit, Caffeine.newBuilder().maximumSize(limit.cacheSize()).build()));
        }
    }

    @Override
    public String name() {
        return "EventRateLimit";
    }

    @Override
    public boolean onByDefault() {
        return false;
    }

    @Override
    public void validate(AdmissionRequest request) {
        boolean writes = request.operation() == Operation.CREATE || request.operation() == Operation.UPDATE;
        if (!writes
                || !request.resource().kind().equals("Event")
                || request.request().dryRun()) {
            return;
        }
        for (Enforced enforced : limits) {
            Limit limit = enforced.limit();
            String key = key(limit, request);
            Bucket bucket = Objects.requireNonNull(enforced.buckets()
                    .get(key, any -> new Bucket(limit.burst(), request.request().now())));
            if (!bucket.take(limit, request.request().now())) {
                throw StatusException.tooManyRequests(
                        "limit reached on type %s for key %s".formatted(limit.type(), key), 1);
            }
        }
    }

    private static String key(Limit limit, AdmissionRequest request) {
        Document event = request.body();
        return switch (limit.type()) {
            case Server -> "";
            case Namespace -> request.request().key().namespace();
            case User -> request.request().user().name();
            case SourceAndObject ->
                String.join(
                        "",
                        event.text("source.component"),
                        event.text("source.host"),
                        event.text("involvedObject.kind"),
                        event.text("involvedObject.namespace"),
                        event.text("involvedObject.name"),
                        event.text("involvedObject.uid"),
                        event.text("involvedObject.apiVersion"));
        };
    }

    /** An allowance that fills up again. */
    private static final class Bucket {
        private double allowance;
        private Instant at;

        Bucket(double allowance, Instant at) {
            this.allowance = allowance;
            this.at = at;
        }

        synchronized boolean take(Limit limit, Instant now) {
            double passed = Math.max(0, Duration.between(at, now).toNanos() / 1e9);
            allowance = Math.min(limit.burst(), allowance + passed * limit.qps());
            at = now.isAfter(at) ? now : at;
            if (allowance < 1) {
                return false;
            }
            allowance -= 1;
            return true;
        }
    }
}
