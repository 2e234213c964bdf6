package io.quarterdeck.node.server;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.quarterdeck.client.ApiClient;
import io.quarterdeck.model.StatusException;
import java.time.Duration;
import java.util.Locale;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Asks the API whether somebody may use this node: each path belongs to a subresource of {@code nodes}. Members of
 * {@code system:masters} may do everything, as everywhere.
 */
final class CallerAuthorization {

    private static final Duration REMEMBERED = Duration.ofSeconds(30);
    private static final int MAX_REMEMBERED = 1000;

    private final ApiClient api;
    private final String nodeName;
    private final Cache<Question, Boolean> answers = Caffeine.newBuilder()
            .maximumSize(MAX_REMEMBERED)
            .expireAfterWrite(REMEMBERED)
            .build();

    private record Question(Caller caller, String verb, String subresource) {}

    CallerAuthorization(ApiClient api, String nodeName) {
        this.api = api;
        this.nodeName = nodeName;
    }

    /** Throws {@link StatusException} with upstream's words when not. */
    void require(Caller caller, String method, String path) {
        if (caller.groups().contains("system:masters")) {
            return;
        }
        String verb = switch (method) {
            case "POST" -> "create";
            case "PUT" -> "update";
            case "PATCH" -> "patch";
            case "DELETE" -> "delete";
            default -> "get";
        };
        String subresource = subresource(path);
        if (!answers.get(new Question(caller, verb, subresource), this::review)) {
            throw new StatusException(
                    403,
                    "Forbidden",
                    "Forbidden (user=%s, verb=%s, resource=nodes, subresource(s)=[%s])\n"
                            .formatted(caller.user(), verb, subresource),
                    null);
        }
    }

    private static String subresource(String path) {
        String first = path.substring(1).split("/", 2)[0].toLowerCase(Locale.ROOT);
        return switch (first) {
            case "stats" -> "stats";
            case "metrics" -> "metrics";
            case "logs" -> "log";
            case "spec" -> "spec";
            case "pods", "runningpods" -> "pods";
            case "healthz" -> "healthz";
            default -> "proxy";
        };
    }

    private boolean review(Question question) {
        ObjectNode body = api.serialization().mapper().createObjectNode();
        body.put("apiVersion", "authorization.k8s.io/v1").put("kind", "SubjectAccessReview");
        ObjectNode spec = body.putObject("spec");
        spec.put("user", question.caller().user()).put("uid", question.caller().uid());
        ArrayNode groups = spec.putArray("groups");
        question.caller().groups().forEach(groups::add);
        ObjectNode extra = spec.putObject("extra");
        question.caller().extra().forEach((key, values) -> {
            ArrayNode list = extra.putArray(key);
            values.forEach(list::add);
        });
        spec.putObject("resourceAttributes")
                .put("verb", question.verb())
                .put("version", "v1")
                .put("resource", "nodes")
                .put("subresource", question.subresource())
                .put("name", nodeName);
        return api.raw("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", "application/json", body)
                .path("status")
                .path("allowed")
                .asBoolean(false);
    }
}
