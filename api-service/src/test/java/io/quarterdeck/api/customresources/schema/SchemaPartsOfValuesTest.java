package io.quarterdeck.api.customresources.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarterdeck.model.FieldError;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Values beside their schemas: pruning, values, lists. */
class SchemaPartsOfValuesTest {

    private static final JsonMapper JSON = new JsonMapper();

    private static ObjectNode json(String text) {
        return (ObjectNode) JSON.readTree(text.replace('\'', '"'));
    }

    private static JsonSchema schema(String properties) {
        return JsonSchema.of(json("{'type': 'object', 'properties': {" + properties + "}}"));
    }

    private static List<String> values(String properties, String value) {
        return ValueRules.check("", json(value), null, schema(properties)).stream()
                .map(FieldError::toString)
                .toList();
    }

    @Test
    void unknownFieldsArePruned() {
        ObjectNode object = json("{'a': 1, 'b': 2}");
        assertThat(Pruning.prune(object, schema("'a': {'type': 'integer'}"), false))
                .isNotEmpty();
        assertThat(object).isEqualTo(json("{'a': 1}"));
    }

    @Test
    void unknownFieldsArePreservedWhereTheSchemaSaysSo() {
        ObjectNode object = json("{'a': {'x': 1}}");
        Pruning.prune(object, schema("'a': {'type': 'object', 'x-kubernetes-preserve-unknown-fields': true}"), false);
        assertThat(object).isEqualTo(json("{'a': {'x': 1}}"));
    }

    @Test
    void typesAreTold() {
        assertThat(values("'a': {'type': 'integer'}", "{'a': 'x'}"))
                .containsExactly("a: Invalid value: \"string\": a in body must be of type integer: \"string\"");
    }

    @Test
    void whatDidNotChangeMayStay() {
        JsonSchema schema = schema("'a': {'type': 'integer', 'maximum': 3}, 'b': {'type': 'string'}");
        assertThat(ValueRules.check("", json("{'a': 5, 'b': 'n'}"), json("{'a': 5, 'b': 'o'}"), schema))
                .isEmpty();
        assertThat(ValueRules.check("", json("{'a': 6}"), json("{'a': 5}"), schema))
                .isNotEmpty();
    }

    @Test
    void setsHaveNoDuplicates() {
        JsonSchema schema =
                schema("'s': {'type': 'array', 'x-kubernetes-list-type': 'set', 'items': {'type': 'string'}}");
        assertThat(ListTypes.check(json("{'s': ['a', 'b', 'a']}"), schema))
                .extracting(FieldError::toString)
                .containsExactly("s[2]: Duplicate value: \"a\"");
        assertThat(ListTypes.check(json("{'s': ['a', 'b']}"), schema)).isEmpty();
    }
}
