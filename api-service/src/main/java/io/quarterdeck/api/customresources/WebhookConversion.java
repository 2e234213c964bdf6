package io.quarterdeck.api.customresources;

import io.quarterdeck.api.callout.WebhookClient;
import io.quarterdeck.api.customresources.ConversionReview.Failed;
import io.quarterdeck.api.customresources.ConversionReview.Flaw;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.model.GroupVersionKind;
import io.quarterdeck.model.StatusException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Conversion by the webhook that a definition names. What is asked for together goes out in one call, or in a few when it is
 * very much. Thread-safe.
 */
final class WebhookConversion implements Conversion {

    /** As upstream's client of webhooks waits when nothing else is said. */
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private static final int MOST_ASKED_BYTES = 8 << 20;
    private static final int MOST_ANSWERED_BYTES = 4 * MOST_ASKED_BYTES;

    private final WebhookClient client;
    private final ConversionMetrics metrics;
    private final String definition;
    private final JsonNode clientConfig;
    private final List<String> reviewVersions;

    /** @param conversion the definition's {@code spec.conversion} */
    WebhookConversion(WebhookClient client, ConversionMetrics metrics, String definition, JsonNode conversion) {
        this.client = client;
        this.metrics = metrics;
        this.definition = definition;
        JsonNode webhook = conversion.path("webhook");
        this.clientConfig = webhook.path("clientConfig");
        this.reviewVersions = webhook.path("conversionReviewVersions")
                .valueStream()
                .map(version -> version.asString(""))
                .toList();
    }

    @Override
    public List<Document> convert(List<Document> objects, String apiVersion) {
        List<Document> converted = new ArrayList<>(objects.size());
        List<byte[]> due = new ArrayList<>();
        long bytes = 0;
        for (Document object : objects) {
            byte[] shown = ConversionReview.shown(object);
            if (!due.isEmpty() && bytes + shown.length > MOST_ASKED_BYTES) {
                converted.addAll(call(next(objects, converted.size(), due.size()), due, apiVersion));
                due.clear();
                bytes = 0;
            }
            due.add(shown);
            bytes += shown.length;
        }
        if (!due.isEmpty()) {
            converted.addAll(call(next(objects, converted.size(), due.size()), due, apiVersion));
        }
        return converted;
    }

    private static List<Document> next(List<Document> objects, int from, int count) {
        return objects.subList(from, from + count);
    }

    private List<Document> call(List<Document> objects, List<byte[]> shown, String apiVersion) {
        String version = ConversionReview.version(reviewVersions)
                .orElseThrow(() -> new StatusException(500, "", "no supported conversion review versions", null));
        ConversionReview review =
                new ConversionReview(version, UUID.randomUUID().toString(), apiVersion);
        long begun = System.nanoTime();
        Flaw flaw = Flaw.CALL;
        try {
            List<Document> converted = review.answered(ask(review, objects.getFirst(), shown), objects);
            flaw = null;
            return converted;
        } catch (Failed failed) {
            flaw = failed.flaw();
            throw failed.status();
        } finally {
            observe(objects.getFirst(), apiVersion, begun, flaw);
        }
    }

    private JsonNode ask(ConversionReview review, Document first, List<byte[]> shown) throws Failed {
        try {
            return client.post(clientConfig, review.kind(MOST_ANSWERED_BYTES), review.request(shown), TIMEOUT);
        } catch (IOException | WebhookClient.NoClientException e) {
            throw new Failed(Flaw.CALL, "%s failed: %s".formatted(ConversionReview.about(first), e.getMessage()));
        }
    }

    private void observe(Document first, String apiVersion, long begun, @Nullable Flaw flaw) {
        metrics.called(
                definition,
                GroupVersionKind.of(first.apiVersion(), "").version(),
                GroupVersionKind.of(apiVersion, "").version(),
                Duration.ofNanos(System.nanoTime() - begun),
                flaw);
    }
}
