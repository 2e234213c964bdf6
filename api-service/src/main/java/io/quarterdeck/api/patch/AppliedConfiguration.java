package io.quarterdeck.api.patch;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.schema.YamlReader;
import io.quarterdeck.model.StatusException;
import java.util.function.Consumer;
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
     * @param strict whether repeated keys are refused
     * @param warnings told of repeated keys otherwise
     * @throws StatusException 400 in upstream's words for a body that is no YAML object
     */
    public static Document read(byte[] body, boolean strict, Consumer<String> warnings) {
        YamlReader.Result result;
        try {
            result = YamlReader.read(body);
        } catch (YamlReader.SyntaxException e) {
            throw StatusException.badRequest("error decoding YAML: error converting YAML to JSON: " + e.getMessage());
        }
        JsonNode tree = result.tree();
        if (!tree.isObject() && !tree.isNull()) {
            throw StatusException.badRequest(
                    "error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal %s into Go value of type map[string]interface {}"
                            .formatted(JsonPatch.word(tree)));
        }
        if (strict && !result.duplicates().isEmpty()) {
            throw StatusException.badRequest(
                    "error strict decoding YAML: error converting YAML to JSON: " + result.duplicates());
        }
        // Behind the first line, which says what kind of error it is, stands one for each key.
        result.duplicates().lines().skip(1).map(String::strip).forEach(warnings);
        return new Document(tree instanceof ObjectNode object ? object : JsonNodeFactory.instance.objectNode());
    }
}
