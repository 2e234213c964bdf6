package io.quarterdeck.api.callout;

import io.quarterdeck.api.schema.GoShape;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Asks a server for reviews of one kind, TokenReviews or SubjectAccessReviews, and again where the failure may pass.
 * Blocking, thread-safe.
 *
 * <p>Source: apiserver, util/webhook, WithExponentialBackoff and DefaultShouldRetry.
 */
public final class ReviewWebhook {

    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final int LARGEST_ANSWER = 3 << 20;

    private final KubeconfigWebhook webhook;
    private final WebhookClient.Review kind;
    private final GoShape shape;

    /**
     * @param version of the reviews, v1 or v1beta1
     * @param status what an answer's status has
     * @throws IllegalArgumentException for another version
     */
    public ReviewWebhook(KubeconfigWebhook webhook, String group, String version, String kind, GoShape status) {
        if (!version.equals("v1") && !version.equals("v1beta1")) {
            throw new IllegalArgumentException(
                    "unsupported version \"%s\" of %s, supported versions are \"v1\", \"v1beta1\""
                            .formatted(version, kind));
        }
        this.webhook = webhook;
        this.kind = new WebhookClient.Review(group, version, kind, LARGEST_ANSWER);
        this.shape = GoShape.struct(version + "." + kind, Map.of("status", status));
    }

    /**
     * @param review without its kind and version
     * @return the answer's status
     * @throws IOException in upstream's words when there is no answer, or none that can be understood
     */
    public JsonNode status(ObjectNode review) throws IOException, InterruptedException {
        review.put("kind", kind.kind()).put("apiVersion", kind.apiVersion());
        BackOff tries = new BackOff(FIRST_PAUSE);
        while (true) {
            try {
                JsonNode answer = webhook.ask(review, kind);
                String misfit = shape.misfit(answer);
                if (!misfit.isEmpty()) {
                    throw new IOException(misfit);
                }
                return answer.path("status");
            } catch (IOException failed) {
                if (!KubeconfigWebhook.isPassing(failed) || !tries.awaitNext()) {
                    throw failed;
                }
            }
        }
    }
}
