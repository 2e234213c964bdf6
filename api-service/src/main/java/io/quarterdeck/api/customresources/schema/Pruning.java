package io.quarterdeck.api.customresources.schema;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Drops what a schema does not know. Works in place; metadata of the object and of embedded ones is left alone.
 *
 * <p>Source: apiextensions, pkg/apiserver/schema/pruning.
 */
public final class Pruning {

    private static final Set<String> HEADER = Set.of("apiVersion", "kind", "metadata");

    private final List<String> path = new ArrayList<>();
    private final Consumer<String> dropped;

    private Pruning(Consumer<String> dropped) {
        this.dropped = dropped;
    }

    /**
     * Prunes a whole object.
     *
     * @return the paths of what was dropped, in order: {@code spec.list[0].x}
     */
    public static List<String> prune(ObjectNode object, JsonSchema schema) {
        return prune(object, schema, true);
    }

    /** @param root whether the value is an object of the API, whatever the schema says */
    static List<String> prune(JsonNode value, JsonSchema schema, boolean root) {
        Set<String> dropped = new TreeSet<>();
        new Pruning(dropped::add).value(value, schema, root);
        return List.copyOf(dropped);
    }

    private void value(JsonNode value, @Nullable JsonSchema schema, boolean root) {
        if (schema != null && schema.preserving()) {
            preserved(value, schema, root);
            return;
        }
        if (value instanceof ObjectNode object) {
            for (String name : List.copyOf(object.propertyNames())) {
                if (schema != null && (root || schema.embedded()) && HEADER.contains(name)) {
                    continue;
                }
                JsonSchema declared =
                        schema == null ? null : schema.properties().get(name);
                if (declared != null) {
                    below(name, object.path(name), declared);
                } else if (schema != null && schema.saysAdditional()) {
                    below(name, object.path(name), schema.additional());
                } else {
                    path.add(name);
                    dropped.accept(String.join("", steps()));
                    path.removeLast();
                    object.remove(name);
                }
            }
        } else if (value instanceof ArrayNode list) {
            items(list, schema == null ? null : schema.items(), false);
        }
    }

    private void items(ArrayNode list, @Nullable JsonSchema schema, boolean preserved) {
        for (int i = 0; i < list.size(); i++) {
            path.add("[" + i + "]");
            if (preserved && schema != null) {
                preserved(list.get(i), schema, false);
            } else if (!preserved) {
                value(list.get(i), schema, false);
            }
            path.removeLast();
        }
    }

    private void below(String name, JsonNode value, @Nullable JsonSchema schema) {
        path.add(name);
        value(value, schema, false);
        path.removeLast();
    }

    /** Nothing is dropped here, but declared fields are looked into. */
    private void preserved(JsonNode value, JsonSchema schema, boolean root) {
        if (value instanceof ObjectNode object) {
            for (String name : List.copyOf(object.propertyNames())) {
                if ((root || schema.embedded()) && HEADER.contains(name)) {
                    continue;
                }
                JsonSchema declared = schema.properties().get(name);
                if (declared != null) {
                    below(name, object.path(name), declared);
                } else if (schema.saysAdditional()) {
                    below(name, object.path(name), schema.additional());
                }
            }
        } else if (value instanceof ArrayNode list) {
            items(list, schema.items(), true);
        }
    }

    private List<String> steps() {
        List<String> steps = new ArrayList<>();
        for (String step : path) {
            steps.add(steps.isEmpty() || step.startsWith("[") ? step : "." + step);
        }
        return steps;
    }
}
