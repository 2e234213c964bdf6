package io.quarterdeck.api.discovery;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.quarterdeck.api.http.Exchange;
import io.quarterdeck.api.http.PathHandler;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Set;

/** {@code /metrics}: what the registry holds, as Prometheus text. */
public final class MetricsHandler implements PathHandler {

    private static final String TYPE = "text/plain; version=0.0.4; charset=utf-8; escaping=underscores";

    private final PrometheusMeterRegistry registry;

    public MetricsHandler(PrometheusMeterRegistry registry) {
        this.registry = registry;
    }

    @Override
    public Set<String> paths() {
        return Set.of("/metrics");
    }

    @Override
    public void handle(Exchange exchange) throws IOException {
        ByteArrayOutputStream text = new ByteArrayOutputStream(64 * 1024);
        registry.scrape(text, "text/plain; version=0.0.4");
        exchange.answerPacked(200, TYPE, text.toByteArray());
    }
}
