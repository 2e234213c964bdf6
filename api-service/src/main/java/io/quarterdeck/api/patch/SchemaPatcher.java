package io.quarterdeck.api.patch;

import io.quarterdeck.api.schema.Encoding;
import io.quarterdeck.api.schema.GoJson;
import io.quarterdeck.api.schema.Json;
import io.quarterdeck.api.schema.KindSchemas;
import io.quarterdeck.api.schema.ObjectSchema;
import io.quarterdeck.api.schema.SchemaCatalog;
import io.quarterdeck.api.schema.YamlReader;
import io.quarterdeck.model.GroupVersionKind;
import io.quarterdeck.model.StatusException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The patches of all kinds that have a schema. */
@Component
final class SchemaPatcher implements Patcher {

    private final KindSchemas catalog;

    SchemaPatcher() {
        this(SchemaCatalog.builtin());
    }

    SchemaPatcher(KindSchemas catalog) {
        this.catalog = catalog;
    }

    @Override
    public Patched json(ObjectNode current, byte[] patch) {
        List<String> findings = new ArrayList<>();
        List<JsonPatch.Operation> operations = JsonPatch.read(patch, findings);
        try {
            return new Patched(sorted(JsonPatch.apply(current, operations)), findings, null, null);
        } catch (PatchMisfitException misfit) {
            // Clients are not told which operation it was.
            throw new StatusException(
                    422,
                    "Invalid",
                    "the server rejected our request due to an error in our request",
                    new StatusException.Details("", "", "", "", List.of(), 0));
        }
    }

    @Override
    public ObjectNode fitting(ObjectNode current, byte[] patch) throws PatchMisfitException {
        return sorted(JsonPatch.apply(current, JsonPatch.read(patch, new ArrayList<>())));
    }

    @Override
    public Patched merge(ObjectNode current, byte[] patch, Encoding encoding) {
        List<String> findings = new ArrayList<>();
        ObjectNode changes = object(patch, encoding, findings, "error decoding patch: ");
        ObjectNode result = current.deepCopy();
        merge(result, changes);
        return new Patched(sorted(result), findings, null, null);
    }

    /** Go's patch libraries give sorted objects, and findings come in that order. */
    private static ObjectNode sorted(ObjectNode object) {
        List<Map.Entry<String, JsonNode>> entries = new ArrayList<>(object.properties());
        entries.sort(Map.Entry.comparingByKey());
        object.removeAll();
        entries.forEach(entry -> object.set(
                entry.getKey(), entry.getValue() instanceof ObjectNode child ? sorted(child) : entry.getValue()));
        return object;
    }

    private static void merge(ObjectNode target, ObjectNode changes) {
        for (Map.Entry<String, JsonNode> entry : changes.properties()) {
            JsonNode value = entry.getValue();
            if (value.isNull()) {
                target.remove(entry.getKey());
            } else if (value instanceof ObjectNode object) {
                ObjectNode child = target.get(entry.getKey()) instanceof ObjectNode known
                        ? known
                        : target.putObject(entry.getKey());
                merge(child, object);
            } else {
                target.set(entry.getKey(), value);
            }
        }
    }

    @Override
    public Patched strategic(ObjectNode current, byte[] patch, Encoding encoding, GroupVersionKind kind) {
        List<String> findings = new ArrayList<>();
        ObjectNode changes = object(patch, encoding, findings, "");
        // A refusal shows what is left of the patch, as upstream's does.
        ObjectSchema schema = catalog.find(kind).orElse(null);
        ObjectNode result = StrategicMerge.merge(current.deepCopy(), changes, schema);
        return new Patched(result, findings, changes, schema);
    }

    /** @param prefix of what is said about a patch that cannot be read: upstream has one for merge patches only */
    private static ObjectNode object(byte[] patch, Encoding encoding, List<String> findings, String prefix) {
        JsonNode tree;
        if (encoding == Encoding.YAML) {
            try {
                YamlReader.Result result = YamlReader.read(patch);
                tree = result.tree();
                if (!result.duplicates().isEmpty()) {
                    findings.add(result.duplicates());
                }
            } catch (YamlReader.SyntaxException e) {
                throw StatusException.badRequest(prefix + e.getMessage());
            }
        } else {
            try {
                tree = Json.tree(patch, findings);
            } catch (JacksonException e) {
                throw StatusException.badRequest(prefix + GoJson.syntaxError(patch));
            }
        }
        return switch (tree) {
            case ObjectNode object -> object;
            case JsonNode node when node.isNull() && prefix.isEmpty() -> JsonNodeFactory.instance.objectNode();
            case JsonNode node when node.isNull() -> throw StatusException.badRequest("Invalid JSON Patch");
            case JsonNode node
            when node.isMissingNode() -> throw StatusException.badRequest(prefix + "unexpected end of JSON input");
            default -> throw StatusException.badRequest(prefix + GoJson.misfit(tree, "map[string]interface {}"));
        };
    }
}
