package io.quarterdeck.api.discovery.openapi;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Finds the schemas that a set of operations needs, directly or through others. */
final class SchemaClosure {

    private SchemaClosure() {}

    static ObjectNode of(ObjectNode paths, JsonNode parameters, ObjectNode definitions) {
        TreeSet<String> found = new TreeSet<>();
        Deque<JsonNode> open = new ArrayDeque<>();
        open.add(paths);
        while (!open.isEmpty()) {
            JsonNode node = open.pop();
            JsonNode ref = node.get("$ref");
            if (ref != null && ref.isString()) {
                String parameter = OpenApiDocuments.parameterName(ref.stringValue());
                if (!parameter.isEmpty()) {
                    open.push(parameters.path(parameter));
                }
                String name = OpenApiDocuments.definitionName(ref.stringValue());
                if (definitions.has(name) && found.add(name)) {
                    open.push(definitions.path(name));
                }
            }
            node.forEach(child -> {
                if (child.isContainer()) {
                    open.push(child);
                }
            });
        }
        ObjectNode closure = JsonNodeFactory.instance.objectNode();
        found.forEach(name -> closure.set(name, definitions.path(name)));
        return closure;
    }
}
