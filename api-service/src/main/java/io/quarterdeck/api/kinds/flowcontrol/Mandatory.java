package io.quarterdeck.api.kinds.flowcontrol;

import io.quarterdeck.api.kinds.InternalForm;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Values;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The flow schemas and priority levels without which a server cannot promise to serve everybody: {@code exempt} and
 * {@code catch-all}. What they say is fixed, but for the {@code exempt} part of the level of that name.
 */
final class Mandatory {

    private static final Set<String> NAMES = Set.of("exempt", "catch-all");
    private static final Map<String, JsonNode> SPECS = read();

    private Mandatory() {}

    private static Map<String, JsonNode> read() {
        try (InputStream in = Mandatory.class.getResourceAsStream("/io/quarterdeck/api/bootstrap/flowcontrol.json")) {
            if (in == null) {
                throw new IllegalStateException("the service lacks its flowcontrol.json");
            }
            Map<String, JsonNode> specs = new HashMap<>();
            for (JsonNode object : JsonMapper.shared().readTree(in)) {
                String name = object.path("metadata").path("name").asString();
                if (NAMES.contains(name)) {
                    specs.put(object.path("kind").asString() + "/" + name, object.path("spec"));
                }
            }
            return specs;
        } catch (IOException e) {
            throw new UncheckedIOException("reading flowcontrol.json", e);
        }
    }

    static void flowSchema(Field schema) {
        String name = schema.at("metadata.name").text();
        Field spec = schema.at("spec");
        JsonNode fixed = SPECS.get("FlowSchema/" + name);
        if (fixed != null && !Values.same(spec.node(), fixed)) {
            spec.invalidValue(
                    InternalForm.compact("FlowSchemaSpec", spec.node()),
                    "spec of '%s' must equal the fixed value".formatted(name));
        }
    }

    static void priorityLevel(Field level) {
        String name = level.at("metadata.name").text();
        Field spec = level.at("spec");
        JsonNode fixed = SPECS.get("PriorityLevelConfiguration/" + name);
        if (fixed == null) {
            return;
        }
        boolean adjustable = name.equals("exempt");
        JsonNode judged = spec.node();
        if (adjustable && judged instanceof ObjectNode) {
            ObjectNode rest = (ObjectNode) judged.deepCopy();
            rest.set("exempt", fixed.path("exempt"));
            judged = rest;
        }
        if (!Values.same(judged, fixed)) {
            spec.invalidValue(
                    InternalForm.compact("PriorityLevelConfigurationSpec", judged),
                    "spec of '%s'%s must equal the fixed value"
                            .formatted(name, adjustable ? " except the 'spec.exempt' field" : ""));
        }
    }
}
