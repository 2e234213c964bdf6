package io.quarterdeck.api.admission.webhook;

import io.quarterdeck.api.schema.GoJson;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeType;

/**
 * What Go's JSON says of an AdmissionReview whose values are of other types than its fields. Pure.
 *
 * <p>Source: API admission.k8s.io/v1, AdmissionResponse; meta/v1, Status.
 */
final class ReviewTypes {

    private record Type(String go, JsonNodeType json) {}

    private static final Map<String, Type> RESPONSE = Map.of(
            "uid", new Type("types.UID", JsonNodeType.STRING),
            "allowed", new Type("bool", JsonNodeType.BOOLEAN),
            "status", new Type("v1.Status", JsonNodeType.OBJECT),
            "patchType", new Type("v1.PatchType", JsonNodeType.STRING),
            "auditAnnotations", new Type("map[string]string", JsonNodeType.OBJECT),
            "warnings", new Type("[]string", JsonNodeType.ARRAY));
    private static final Map<String, Type> STATUS = Map.of(
            "status", new Type("string", JsonNodeType.STRING),
            "message", new Type("string", JsonNodeType.STRING),
            "reason", new Type("v1.StatusReason", JsonNodeType.STRING),
            "details", new Type("v1.StatusDetails", JsonNodeType.OBJECT),
            "code", new Type("int32", JsonNodeType.NUMBER));
    private static final Map<String, Type> DETAILS = Map.of(
            "name", new Type("string", JsonNodeType.STRING),
            "group", new Type("string", JsonNodeType.STRING),
            "kind", new Type("string", JsonNodeType.STRING),
            "uid", new Type("types.UID", JsonNodeType.STRING),
            "causes", new Type("[]v1.StatusCause", JsonNodeType.ARRAY),
            "retryAfterSeconds", new Type("int32", JsonNodeType.NUMBER));

    private ReviewTypes() {}

    /** The first value of another type; empty when all fit. */
    static String misfit(JsonNode review) {
        JsonNode dryRun = review.path("request").path("dryRun");
        if (present(dryRun) && !dryRun.isBoolean()) {
            return GoJson.misfit(dryRun, "AdmissionRequest.request.dryRun", "bool");
        }
        JsonNode response = review.path("response");
        if (!present(response)) {
            return "";
        }
        if (!response.isObject()) {
            return GoJson.misfit(response, "AdmissionReview.response", "v1.AdmissionResponse");
        }
        for (var field : response.properties()) {
            String found = inResponse(field.getKey(), field.getValue());
            if (!found.isEmpty()) {
                return found;
            }
        }
        return "";
    }

    private static String inResponse(String name, JsonNode value) {
        String path = "AdmissionResponse.response." + name;
        if (name.equals("patch") && value.isArray()) {
            return elements(value, JsonNodeType.NUMBER, path, "uint8");
        }
        String found = field(RESPONSE, "AdmissionResponse.response.", name, value);
        if (!found.isEmpty() || !present(value)) {
            return found;
        }
        return switch (name) {
            case "warnings", "auditAnnotations" -> elements(value, JsonNodeType.STRING, path, "string");
            case "status" -> {
                for (var field : value.properties()) {
                    String inside = field(STATUS, "Status.response.status.", field.getKey(), field.getValue());
                    if (inside.isEmpty() && field.getKey().equals("details")) {
                        inside = field.getValue().properties().stream()
                                .map(each -> field(
                                        DETAILS,
                                        "StatusDetails.response.status.details.",
                                        each.getKey(),
                                        each.getValue()))
                                .filter(text -> !text.isEmpty())
                                .findFirst()
                                .orElse("");
                    }
                    if (!inside.isEmpty()) {
                        yield inside;
                    }
                }
                yield "";
            }
            default -> "";
        };
    }

    private static String field(Map<String, Type> types, String prefix, String name, JsonNode value) {
        Type type = types.get(name);
        if (type == null || !present(value)) {
            return "";
        }
        if (value.getNodeType() != type.json()) {
            return GoJson.misfit(value, prefix + name, type.go());
        }
        if (type.go().equals("int32") && !(value.isIntegralNumber() && value.canConvertToInt())) {
            return GoJson.misfit("number " + value, prefix + name, "int32");
        }
        return "";
    }

    private static String elements(JsonNode container, JsonNodeType type, String path, String go) {
        for (JsonNode each : container) {
            if (present(each) && each.getNodeType() != type) {
                return GoJson.misfit(each, path, go);
            }
        }
        return "";
    }

    private static boolean present(JsonNode node) {
        return !node.isMissingNode() && !node.isNull();
    }
}
