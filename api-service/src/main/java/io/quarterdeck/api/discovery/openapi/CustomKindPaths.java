package io.quarterdeck.api.discovery.openapi;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The operations of a custom resource, in the form of OpenAPI v2: those of a built-in one in other words. Pure.
 *
 * <p>Source: apiextensions-apiserver, pkg/controller/openapi.
 */
final class CustomKindPaths {

    private static final String PATTERN_PATH = "/apis/apps/v1/namespaces/{namespace}/deployments";
    private static final String PATTERN_MODEL = "#/definitions/io.k8s.api.apps.v1.Deployment";
    private static final String PATTERN_KIND = "Deployment";
    private static final String PATTERN_ID = "AppsV1";

    private final CustomKind kind;
    private final JsonNode patterns;

    /** @param patterns the operations of the built-in resources, by path */
    CustomKindPaths(CustomKind kind, JsonNode patterns) {
        this.kind = kind;
        this.patterns = patterns;
    }

    ObjectNode paths() {
        ObjectNode paths = JsonNodeFactory.instance.objectNode();
        String version = "/apis/%s/%s/".formatted(kind.group(), kind.version());
        String place = version + (kind.namespaced() ? "namespaces/{namespace}/" : "") + kind.plural();
        if (kind.namespaced()) {
            paths.set(version + kind.plural(), path("/apis/apps/v1/deployments"));
        }
        paths.set(place, path(PATTERN_PATH));
        paths.set(place + "/{name}", path(PATTERN_PATH + "/{name}"));
        if (kind.status()) {
            paths.set(place + "/{name}/status", path(PATTERN_PATH + "/{name}/status"));
        }
        if (kind.scale()) {
            paths.set(place + "/{name}/scale", path(PATTERN_PATH + "/{name}/scale"));
        }
        return paths;
    }

    private ObjectNode path(String pattern) {
        ObjectNode path = (ObjectNode) patterns.path(pattern).deepCopy();
        rename(path);
        if (!kind.namespaced() && path.get("parameters") instanceof ArrayNode parameters) {
            parameters.removeIf(parameter -> parameter.path("$ref").asString("").startsWith("#/parameters/namespace-"));
        }
        JsonNode listed = path.path("get").path("parameters");
        for (Map.Entry<String, JsonNode> operation : path.properties()) {
            if (operation.getValue() instanceof ObjectNode node) {
                settle(operation.getKey(), node, listed);
            }
        }
        return path;
    }

    private void settle(String verb, ObjectNode operation, JsonNode listed) {
        String id = operation.path("operationId").asString("");
        operation.put(
                "operationId",
                (kind.namespaced() ? id : id.replace("Namespaced", ""))
                        .replace(PATTERN_ID, camel() + capital(kind.version()))
                        .replace(PATTERN_KIND, kind.kind()));
        operation.putArray("tags").add(lower(camel()) + "_" + kind.version());
        operation.putArray("produces").add("application/json").add("application/yaml");
        ArrayNode consumes = operation.putArray("consumes");
        (verb.equals("patch")
                        ? List.of(
                                "application/json-patch+json",
                                "application/merge-patch+json",
                                "application/apply-patch+yaml")
                        : List.of("application/json", "application/yaml"))
                .forEach(consumes::add);
        switch (operation.path("x-kubernetes-action").asString("")) {
            case "deletecollection" -> operation.set("parameters", listed.deepCopy());
            case "get" -> operation.putArray("parameters").add(parameter("resourceVersion"));
            case "patch" -> ((ObjectNode) operation.path("responses")).remove("201");
            default -> {}
        }
        operation
                .putObject("x-kubernetes-group-version-kind")
                .put("group", kind.group())
                .put("version", kind.version())
                .put("kind", kind.kind());
    }

    /** One of those that lists have. */
    private JsonNode parameter(String name) {
        return patterns.path(PATTERN_PATH)
                .path("get")
                .path("parameters")
                .valueStream()
                .filter(parameter -> parameter.path("$ref").asString("").startsWith("#/parameters/" + name + "-"))
                .findFirst()
                .orElseThrow();
    }

    /** Lets references and descriptions speak of this kind. */
    private void rename(JsonNode node) {
        if (node instanceof ObjectNode object) {
            for (Map.Entry<String, JsonNode> entry : object.properties()) {
                if (entry.getKey().equals("$ref") && entry.getValue().isString()) {
                    object.put("$ref", reference(entry.getValue().stringValue()));
                } else if (entry.getKey().equals("description")
                        && entry.getValue().isString()) {
                    object.put("description", description(entry.getValue().stringValue()));
                }
            }
        }
        node.forEach(this::rename);
    }

    private String reference(String pattern) {
        return switch (pattern) {
            case PATTERN_MODEL -> "#/definitions/" + kind.model(kind.kind());
            case PATTERN_MODEL + "List" -> "#/definitions/" + kind.model(kind.listKind());
            default -> pattern;
        };
    }

    private String description(String pattern) {
        String article = "aeiouAEIOU".indexOf(kind.kind().charAt(0)) >= 0 ? "an " : "a ";
        return pattern.replace("list or watch", "list")
                .replace("name of the Scale", "name of the " + kind.kind())
                .replace("a " + PATTERN_KIND, article + kind.kind())
                .replace(PATTERN_KIND, kind.kind());
    }

    private String camel() {
        return Arrays.stream(kind.group().split("[.-]"))
                .map(CustomKindPaths::capital)
                .collect(Collectors.joining());
    }

    private static String capital(String word) {
        return word.isEmpty() ? word : Character.toUpperCase(word.charAt(0)) + word.substring(1);
    }

    private static String lower(String word) {
        return word.isEmpty() ? word : Character.toLowerCase(word.charAt(0)) + word.substring(1);
    }
}
