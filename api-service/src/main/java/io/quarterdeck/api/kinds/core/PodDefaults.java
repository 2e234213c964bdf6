package io.quarterdeck.api.kinds.core;

import io.quarterdeck.model.Quantity;
import java.util.List;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Defaults of pods that depend on other fields. Works on trees in place; whatever is set stays. */
final class PodDefaults {

    private static final Pattern REFERENCE =
            Pattern.compile("(?:[A-Za-z0-9.:\\[\\]-]+/)?[a-z0-9]+(?:[._-]+[a-z0-9]+|/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*"
                    + "(?<tag>:[\\w][\\w.-]{0,127})?(?<digest>@[A-Za-z][A-Za-z0-9+._-]*:[0-9a-fA-F]{32,})?");
    private static final List<String> VOLUME_EXTRAS = List.of("name");

    private PodDefaults() {}

    /** In a pod spec wherever it stands. */
    static void spec(JsonNode spec) {
        if (!(spec instanceof ObjectNode object)) {
            return;
        }
        for (String list : List.of("containers", "initContainers", "ephemeralContainers")) {
            for (JsonNode container : spec.path(list)) {
                if (container instanceof ObjectNode target && !target.has("imagePullPolicy")) {
                    target.put(
                            "imagePullPolicy", pullPolicy(target.path("image").asString("")));
                }
            }
        }
        for (JsonNode volume : spec.path("volumes")) {
            volume(volume);
        }
        String account = spec.path("serviceAccountName").asString("");
        if (account.isEmpty()) {
            account = spec.path("serviceAccount").asString("");
        }
        if (!account.isEmpty()) {
            object.put("serviceAccountName", account);
            object.put("serviceAccount", account);
        }
    }

    /** In a real pod only. */
    static void pod(JsonNode spec) {
        for (String list : List.of("containers", "initContainers")) {
            for (JsonNode container : spec.path(list)) {
                requestsFromLimits(container.path("resources"));
                if (spec.path("hostNetwork").asBoolean(false)) {
                    hostPorts(container);
                }
            }
        }
        podRequests(spec);
    }

    /** {@code Always} for images whose content may change under their name. */
    static String pullPolicy(String image) {
        var matcher = REFERENCE.matcher(image);
        if (!matcher.matches()) {
            return "IfNotPresent";
        }
        String tag = matcher.group("tag");
        boolean latest = tag == null ? matcher.group("digest") == null : tag.equals(":latest");
        return latest ? "Always" : "IfNotPresent";
    }

    private static void volume(JsonNode volume) {
        if (!(volume instanceof ObjectNode object)) {
            return;
        }
        if (object.propertyNames().stream().allMatch(VOLUME_EXTRAS::contains)) {
            object.putObject("emptyDir");
        }
        if (object.path("image") instanceof ObjectNode image && !image.has("pullPolicy")) {
            image.put("pullPolicy", pullPolicy(image.path("reference").asString("")));
        }
    }

    private static void requestsFromLimits(JsonNode resources) {
        if (resources.path("limits").isObject() && resources instanceof ObjectNode object) {
            ObjectNode requests =
                    object.path("requests") instanceof ObjectNode present ? present : object.putObject("requests");
            resources.path("limits").properties().forEach(limit -> {
                if (!requests.has(limit.getKey())) {
                    requests.set(limit.getKey(), limit.getValue());
                }
            });
        }
    }

    private static void hostPorts(JsonNode container) {
        for (JsonNode port : container.path("ports")) {
            if (port instanceof ObjectNode object && object.path("hostPort").asInt(0) == 0) {
                object.set("hostPort", object.path("containerPort"));
            }
        }
    }

    /** Requests of the pod as a whole follow from its containers' requests, else from its own limits. */
    private static void podRequests(JsonNode spec) {
        if (!(spec.path("resources") instanceof ObjectNode resources)
                || !resources.path("limits").isObject()) {
            return;
        }
        ObjectNode requests =
                resources.path("requests") instanceof ObjectNode present ? present : resources.putObject("requests");
        resources.path("limits").properties().forEach(limit -> {
            String name = limit.getKey();
            if (requests.has(name)) {
                return;
            }
            Quantity sum = Quantity.ZERO;
            boolean any = false;
            for (JsonNode container : spec.path("containers")) {
                JsonNode request = container.path("resources").path("requests").path(name);
                any |= request.isString();
                sum = sum.plus(ResourceRules.quantityOrZero(request));
            }
            if (any && ResourceRules.overcommittable(name)) {
                requests.put(name, sum.toString());
            } else {
                requests.set(name, limit.getValue());
            }
        });
    }
}
