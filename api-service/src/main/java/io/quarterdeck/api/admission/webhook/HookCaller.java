package io.quarterdeck.api.admission.webhook;

import io.quarterdeck.api.admission.AdmissionRequest;
import io.quarterdeck.api.admission.ReviewedRequest;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.registry.ResourceDefinition;
import io.quarterdeck.api.schema.GoBase64;
import io.quarterdeck.api.schema.GoJson;
import io.quarterdeck.model.StatusException;
import io.quarterdeck.model.StatusException.Cause;
import io.quarterdeck.model.StatusException.Details;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
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
final class HookCaller implements AutoCloseable {

    private static final int HTTPS = 443;

    private final ServiceEndpoints endpoints;
    private final HookConnection connection = new HookConnection();

    /** Where a webhook is. {@code url} is how errors show it. */
    private record Target(InetSocketAddress address, String host, int port, String path, String url) {}

    HookCaller(ServiceEndpoints endpoints) {
        this.endpoints = endpoints;
    }

    @Override
    public void close() throws IOException {
        connection.close();
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
        JsonNode answer = call(hook, review.toString().getBytes(StandardCharsets.UTF_8));
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

    private JsonNode call(Hook hook, byte[] review) throws CallException {
        Target target = null;
        HookConnection.Answer answer;
        String url = url(hook);
        try {
            target = target(hook, url);
            answer = connection.post(
                    target.address(),
                    target.host(),
                    target.port(),
                    target.path(),
                    authorities(hook),
                    review,
                    hook.timeout());
        } catch (IOException e) {
            throw new CallException(
                    hook.name(), "failed to call webhook: Post \"%s\": %s".formatted(url, e.getMessage()));
        }
        if (answer.status() < 200 || answer.status() >= 300) {
            throw new CallException(hook.name(), "failed to call webhook: " + failure(answer));
        }
        return read(hook, answer);
    }

    private static JsonNode read(Hook hook, HookConnection.Answer answer) throws CallException {
        if (answer.body().length == 0) {
            throw new CallException(
                    hook.name(),
                    "failed to call webhook: 0-length response with status code: %d and content type: %s"
                            .formatted(answer.status(), answer.contentType()));
        }
        try {
            return JsonMapper.shared().readTree(answer.body());
        } catch (JacksonException e) {
            throw new CallException(
                    hook.name(),
                    "failed to call webhook: couldn't get version/kind; json parse error: "
                            + GoJson.syntaxError(answer.body()));
        }
    }

    /** As upstream's client reads an answer that is no success. */
    private static String failure(HookConnection.Answer answer) {
        boolean text = answer.contentType().isEmpty() || answer.contentType().startsWith("text/");
        String body = text ? new String(answer.body(), StandardCharsets.UTF_8).strip() : "";
        return switch (answer.status()) {
            case 400 -> "the server rejected our request for an unknown reason";
            case 401 -> "the server has asked for the client to provide credentials";
            case 403 -> body.isEmpty() ? "unknown" : body;
            case 404 -> "the server could not find the requested resource";
            case 405 -> "the server does not allow this method on the requested resource";
            case 409 -> "the server reported a conflict";
            case 422 -> "the server rejected our request due to an error in our request";
            case 429 -> "the server has received too many requests and has asked us to try again later";
            case 503 -> "the server is currently unable to handle the request";
            case 504 ->
                "the server was unable to return a response in the time allotted, but may still be processing the request";
            default ->
                answer.status() >= 500
                        ? "an error on the server (\"%s\") has prevented the request from succeeding"
                                .formatted(body.isEmpty() ? "unknown" : body)
                        : "the server responded with the status code %d but did not return more information"
                                .formatted(answer.status());
        };
    }

    private static String authorities(Hook hook) throws CallException {
        String bundle = hook.node().path("clientConfig").path("caBundle").asString("");
        try {
            return new String(Base64.getDecoder().decode(bundle), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new CallException(
                    hook.name(), "could not get REST client: unable to load root certificates: " + bundle);
        }
    }

    private static String url(Hook hook) {
        JsonNode config = hook.node().path("clientConfig");
        String base = config.path("url").asString("");
        if (base.isEmpty()) {
            JsonNode service = config.path("service");
            base = "https://%s.%s.svc:%d%s"
                    .formatted(
                            service.path("name").asString(""),
                            service.path("namespace").asString(""),
                            service.path("port").asInt(HTTPS),
                            service.path("path").asString(""));
        }
        return base + (base.contains("?") ? "&" : "?") + "timeout="
                + hook.timeout().toSeconds() + "s";
    }

    private Target target(Hook hook, String url) throws IOException {
        URI uri = URI.create(url);
        int port = uri.getPort() < 0 ? HTTPS : uri.getPort();
        String host = uri.getHost();
        String path = (uri.getRawPath().isEmpty() ? "/" : uri.getRawPath()) + "?" + uri.getRawQuery();
        JsonNode service = hook.node().path("clientConfig").path("service");
        InetSocketAddress address = service.isObject()
                ? endpoints.resolve(
                        service.path("namespace").asString(""),
                        service.path("name").asString(""),
                        port)
                : new InetSocketAddress(host, port);
        String name = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        return new Target(address, name, port, path, url);
    }

    private static JsonNode verified(Hook hook, JsonNode review, String uid, String version, boolean mutating)
            throws CallException {
        String apiVersion = review.path("apiVersion").asString("");
        String kind = review.path("kind").asString("");
        if (isKnown(apiVersion, kind) && !(kind.equals("AdmissionReview") && apiVersion.endsWith("/" + version))) {
            throw new CallException(
                    hook.name(),
                    "failed to call webhook: converting (%s.%s) to (%s.AdmissionReview): unknown conversion"
                            .formatted(apiVersion.substring(apiVersion.indexOf('/') + 1), kind, version));
        }
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
        if (!apiVersion.equals("admission.k8s.io/v1") || !kind.equals("AdmissionReview")) {
            throw invalid(
                    hook,
                    "expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got %s, Kind=%s"
                            .formatted(apiVersion, kind));
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
        return response;
    }

    /** The kinds that upstream's client of webhooks can read. */
    private static boolean isKnown(String apiVersion, String kind) {
        return (kind.equals("AdmissionReview") && apiVersion.startsWith("admission.k8s.io/v1"))
                || (kind.equals("Status") && apiVersion.equals("v1"));
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
        try {
            if (JsonMapper.shared().readTree(decoded) instanceof ArrayNode array) {
                return requireKnownType(hook, response, array);
            }
        } catch (JacksonException e) {
            throw undecodable(hook, GoJson.syntaxError(decoded));
        }
        throw undecodable(hook, "json: cannot unmarshal object into Go value of type jsonpatch.Patch");
    }

    private static ArrayNode requireKnownType(Hook hook, JsonNode response, ArrayNode patch) throws CallException {
        String type = response.path("patchType").asString("JSONPatch");
        if (!type.equals("JSONPatch")) {
            throw new CallException(hook.name(), "unsupported patch type \"%s\"".formatted(type));
        }
        return patch;
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
        return new StatusException(
                Math.max(400, status.path("code").asInt(0)), reason, shown, details(status.path("details")));
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
