package io.quarterdeck.api.patch;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.schema.GoJson;
import io.quarterdeck.api.schema.YamlReader;
import io.quarterdeck.model.StatusException;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The body of a server-side apply. It is read as it is, by no schema: what it leaves out must stay left out, or the
 * applier would own fields that it never stated.
 */
public final class AppliedConfiguration {

    private AppliedConfiguration() {}

    /**
     * @param document what is applied
     * @param duplicates what Go's strict YAML decoder says of repeated keys; "" when there are none
     */
    public record Read(Document document, String duplicates) {

        /** @throws StatusException 400 when keys are repeated */
        public void requireNoDuplicates() {
            if (!duplicates.isEmpty()) {
                throw StatusException.badRequest(
                        "error strict decoding YAML: error converting YAML to JSON: " + duplicates);
            }
        }

        public List<String> warnings() {
            return duplicates.isEmpty() ? List.of() : YamlReader.warnings(duplicates);
        }
    }

    /** @throws StatusException 400 in upstream's words for a body that is no YAML object */
    public static Read read(byte[] body) {
        YamlReader.Result result;
        try {
            result = YamlReader.read(body);
        } catch (YamlReader.SyntaxException e) {
            throw StatusException.badRequest("error decoding YAML: error converting YAML to JSON: " + e.getMessage());
        }
        JsonNode tree = result.tree();
        if (!tree.isObject() && !tree.isNull()) {
            throw StatusException.badRequest("error decoding YAML: error unmarshaling JSON: while decoding JSON: "
                    + GoJson.misfit(tree, "map[string]interface {}"));
        }
        return new Read(
                new Document(tree instanceof ObjectNode object ? object : JsonNodeFactory.instance.objectNode()),
                result.duplicates());
    }
}
