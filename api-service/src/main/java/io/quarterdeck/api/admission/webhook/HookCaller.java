package io.quarterdeck.api.admission.webhook;

import io.quarterdeck.api.admission.AdmissionRequest;
import io.quarterdeck.api.admission.ReviewedRequest;
import io.quarterdeck.api.callout.WebhookClient;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.registry.ResourceDefinition;
import io.quarterdeck.api.schema.GoBase64;
import io.quarterdeck.api.schema.GoJson;
import io.quarterdeck.model.StatusException;
import io.quarterdeck.model.StatusException.Cause;
import io.quarterdeck.model.StatusException.Details;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Asks one webhook and understands its answer. Blocking, thread-safe.
 *
 * <p>Source: Kubernetes documentation, "Dynamic Admission Control"; API admission.k8s.io/v1.
 */
@Component
final class HookCaller {

    /** More than any object can take, patches of it included. */
    private static final int LARGEST_ANSWER = 16 << 20;

    private static final int LARGEST_CODE = 999;

    private final WebhookClient client;

    HookCaller(WebhookClient client) {
        this.client = client;
    }

    /**
     * @param object as the webhook is to see it; null for a deletion
     * @return what is to be changed, as a JSON patch; empty for nothing
     * @throws CallException when it cannot be asked or understood
     * @throws StatusException when it refuses
     */
    ArrayNode ask(
            Hook hook,
            AdmissionRequest request,
            ResourceDefinition matched,
            @Nullable Document object,
            @Nullable Document old,
            boolean mutating)
            throws CallException {
        if (request.request().dryRun() && !hook.free()) {
            throw StatusException.badRequest(
                    "admission webhook \"%s\" does not support dry run".formatted(hook.name()));
        }
        String version = hook.reviewVersions().stream()
                .filter(known -> known.equals("v1") || known.equals("v1beta1"))
                .findFirst()
                .orElseThrow(
                        () -> new CallException(
                                hook.name(),
                                "could not create admission objects: webhook does not accept known AdmissionReview versions (v1, v1beta1)"));
        String uid = UUID.randomUUID().toString();
        ObjectNode review = JsonNodeFactory.instance
                .objectNode()
                .put("kind", "AdmissionReview")
                .put("apiVersion", "admission.k8s.io/" + version);
        ObjectNode asked = review.putObject("request").put("uid", uid);
        asked.setAll(ReviewedRequest.of(request, matched));
        asked.set("object", object == null ? JsonNodeFactory.instance.nullNode() : object.tree());
        asked.set("oldObject", old == null ? JsonNodeFactory.instance.nullNode() : old.tree());
        JsonNode answer = call(
                hook,
                version,
                review.toString().getBytes(StandardCharsets.UTF_8),
                request.request().patience(hook.timeout()));
        JsonNode response = verified(hook, answer, uid, version, mutating);
        response.path("auditAnnotations")
                .properties()
                .forEach(annotation -> request.request()
                        .annotate(
                                hook.name() + "/" + annotation.getKey(),
                                annotation.getValue().asString("")));
        response.path("warnings").forEach(warning -> request.request().warn(warning.asString("")));
        if (!response.path("allowed").asBoolean(false)) {
            throw refusal(hook, response.path("status"));
        }
        return mutating ? patch(hook, response) : JsonNodeFactory.instance.arrayNode();
    }

    private JsonNode call(Hook hook, String version, byte[] review, Duration patience) throws CallException {
        try {
            JsonNode answer = client.post(hook.node().path("clientConfig"), kind(version), review, patience);
            String misfit = ReviewTypes.misfit(answer);
            if (!misfit.isEmpty()) {
                throw new IOException(misfit);
            }
            return answer;
        } catch (WebhookClient.NoClientException e) {
            throw new CallException(hook.name(), "could not get REST client: " + e.getMessage());
        } catch (IOException e) {
            throw new CallException(hook.name(), "failed to call webhook: " + e.getMessage());
        }
    }

    private static WebhookClient.Review kind(String version) {
        return new WebhookClient.Review("admission.k8s.io", version, "AdmissionReview", LARGEST_ANSWER);
    }

    private static JsonNode verified(Hook hook, JsonNode review, String uid, String version, boolean mutating)
            throws CallException {
        JsonNode response = review.path("response");
        if (!response.isObject()) {
            throw invalid(hook, "webhook response was absent");
        }
        String encoded = response.path("patch").asString("");
        if (!GoBase64.error(encoded).isEmpty()) {
            throw new CallException(hook.name(), "failed to call webhook: " + GoBase64.error(encoded));
        }
        if (version.equals("v1beta1")) {
            return response;
        }
        String given = response.path("uid").asString("");
        if (!given.equals(uid)) {
            throw invalid(hook, "expected response.uid=\"%s\", got \"%s\"".formatted(uid, given));
        }
        String misnomer = WebhookClient.misnomer(review, kind(version));
        if (!misnomer.isEmpty()) {
            throw invalid(hook, misnomer);
        }
        boolean patch = !encoded.isEmpty();
        boolean typed = response.has("patchType") && !response.path("patchType").isNull();
        if (!mutating && patch) {
            throw invalid(hook, "validating webhook may not return response.patch");
        }
        if (!mutating && typed) {
            throw invalid(hook, "validating webhook may not return response.patchType");
        }
        if (patch && !typed) {
            throw invalid(hook, "webhook returned response.patch but not response.patchType");
        }
        if (!patch && typed) {
            throw invalid(hook, "webhook returned response.patchType but not response.patch");
        }
        if (typed && response.path("patchType").asString("").isEmpty()) {
            throw invalid(hook, "webhook returned invalid response.patchType of \"\"");
        }
        return response;
    }

    private static CallException invalid(Hook hook, String why) {
        return new CallException(hook.name(), "received invalid webhook response: " + why);
    }

    private static ArrayNode patch(Hook hook, JsonNode response) throws CallException {
        String patch = response.path("patch").asString("");
        if (patch.isEmpty()) {
            return JsonNodeFactory.instance.arrayNode();
        }
        byte[] decoded = Base64.getMimeDecoder().decode(patch);
        JsonNode operations;
        try {
            operations = JsonMapper.shared().readTree(decoded);
        } catch (JacksonException e) {
            throw undecodable(hook, GoJson.syntaxError(decoded));
        }
        if (operations.isNull() || operations.isArray() && operations.isEmpty()) {
            return JsonNodeFactory.instance.arrayNode();
        }
        if (!(operations instanceof ArrayNode array)) {
            throw undecodable(hook, GoJson.misfit(operations, "jsonpatch.Patch"));
        }
        for (JsonNode operation : array) {
            if (!operation.isObject()) {
                throw undecodable(hook, GoJson.misfit(operation, "jsonpatch.Operation"));
            }
        }
        String type = response.path("patchType").asString("JSONPatch");
        if (!type.equals("JSONPatch")) {
            throw new CallException(hook.name(), "unsupported patch type \"%s\"".formatted(type));
        }
        return array;
    }

    private static CallException undecodable(Hook hook, String why) {
        return new CallException(hook.name(), "received undecodable patch in webhook response: " + why);
    }

    /** The webhook's own Status, made a refusal where it is none. */
    private static StatusException refusal(Hook hook, JsonNode status) {
        String denied = "admission webhook \"%s\" denied the request".formatted(hook.name());
        String message = status.path("message").asString("");
        String reason = status.path("reason").asString("");
        String shown = !message.isEmpty()
                ? denied + ": " + message
                : reason.isEmpty() ? denied + " without explanation" : denied + ": " + reason;
        return new StatusException(code(status.path("code").asInt(0)), reason, shown, details(status.path("details")));
    }

    /** A refusal is no success, and HTTP has no codes of four digits. */
    private static int code(int wanted) {
        return wanted > LARGEST_CODE ? 500 : Math.max(400, wanted);
    }

    private static @Nullable Details details(JsonNode details) {
        if (!details.isObject()) {
            return null;
        }
        List<Cause> causes = new ArrayList<>();
        details.path("causes")
                .forEach(cause -> causes.add(new Cause(
                        cause.path("reason").asString(""),
                        cause.path("message").asString(""),
                        cause.path("field").asString(""))));
        return new Details(
                details.path("name").asString(""),
                details.path("group").asString(""),
                details.path("kind").asString(""),
                details.path("uid").asString(""),
                causes,
                details.path("retryAfterSeconds").asInt(0));
    }
}
