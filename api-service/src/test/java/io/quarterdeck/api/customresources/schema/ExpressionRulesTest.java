package io.quarterdeck.api.customresources.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarterdeck.cel.CostBudget;
import io.quarterdeck.model.FieldError;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class ExpressionRulesTest {

    private static final JsonMapper JSON = new JsonMapper();

    private final List<String> warnings = new ArrayList<>();

    private static ObjectNode json(String text) {
        return (ObjectNode) JSON.readTree(text.replace('\'', '"'));
    }

    private List<String> check(String properties, String next, @Nullable String old) {
        JsonSchema schema = JsonSchema.of(json("{'type': 'object', 'properties': {" + properties + "}}"));
        return ExpressionRules.of(schema, true)
                .orElseThrow()
                .check(
                        "",
                        json(next),
                        old == null ? null : json(old),
                        true,
                        new CostBudget(CostBudget.PER_REQUEST),
                        warnings::add)
                .stream()
                .map(FieldError::toString)
                .toList();
    }

    private static String rule(String type, String rule) {
        return "'x': {'type': '%s', 'x-kubernetes-validations': [{%s}]}".formatted(type, rule);
    }

    @Test
    void aFailedRuleShowsTheValueAndTheRule() {
        assertThat(check(rule("integer", "'rule': 'self > 3'"), "{'x': 2}", null))
                .containsExactly("x: Invalid value: 2: failed rule: self > 3");
        assertThat(check(rule("integer", "'rule': 'self > 3'"), "{'x': 4}", null))
                .isEmpty();
    }

    @Test
    void valuesOfObjectsAreNotShown() {
        assertThat(check(rule("object", "'rule': 'false', 'message': ' no '"), "{'x': {}}", null))
                .containsExactly("x: Invalid value: no");
    }

    @Test
    void anExpressionMayMakeTheMessage() {
        String properties =
                rule("integer", "'rule': 'self > 3', 'messageExpression': 'string(self) + \\\" is small\\\"'");
        assertThat(check(properties, "{'x': 2}", null)).containsExactly("x: Invalid value: 2: 2 is small");
    }

    @Test
    void theReasonIsTold() {
        assertThat(check(
                        rule("integer", "'rule': 'false', 'message': 'm', 'reason': 'FieldValueForbidden'"),
                        "{'x': 2}",
                        null))
                .containsExactly("x: Forbidden: m");
    }

    @Test
    void rulesOfChangeNeedWhatWasThere() {
        String properties = rule("string", "'rule': 'self == oldSelf', 'message': 'fixed'");
        assertThat(check(properties, "{'x': 'b'}", null)).isEmpty();
        assertThat(check(properties, "{'x': 'b'}", "{}")).isEmpty();
        assertThat(check(properties, "{'x': 'b'}", "{'x': 'a'}")).containsExactly("x: Invalid value: \"b\": fixed");
    }

    @Test
    void anOptionalOldSelfIsAskedAlways() {
        String properties = rule("string", "'rule': 'oldSelf.hasValue()', 'message': 'm', 'optionalOldSelf': true");
        assertThat(check(properties, "{'x': 'b'}", null)).containsExactly("x: Invalid value: \"b\": m");
        assertThat(check(properties, "{'x': 'b'}", "{'x': 'a'}")).isEmpty();
    }

    @Test
    void whatDidNotChangeOnlyWarns() {
        String properties = rule("integer", "'rule': 'self > 3', 'message': 'm'") + ", 'y': {'type': 'string'}";
        assertThat(check(properties, "{'x': 2, 'y': 'b'}", "{'x': 2, 'y': 'a'}"))
                .isEmpty();
        assertThat(warnings).containsExactly("x: Invalid value: 2: m");
    }

    @Test
    void nullIsNotJudged() {
        assertThat(check(rule("integer", "'rule': 'false'"), "{'x': null}", null))
                .isEmpty();
    }

    @Test
    void elementsOfMapListsAreFoundByTheirKeys() {
        String properties =
                "'l': {'type': 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['k'], 'items':"
                        + " {'type': 'object', 'properties': {'k': {'type': 'string'}, "
                        + rule("integer", "'rule': 'self >= oldSelf', 'message': 'm'") + "}}}";
        assertThat(check(
                        properties,
                        "{'l': [{'k': 'b', 'x': 1}, {'k': 'a', 'x': 1}]}",
                        "{'l': [{'k': 'a', 'x': 2}, {'k': 'b', 'x': 1}]}"))
                .containsExactly("l[1].x: Invalid value: 1: m");
    }

    @Test
    void anotherOrderOfAMapListIsNoChange() {
        String properties =
                "'l': {'type': 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['k'], 'items':"
                        + " {'type': 'object', 'properties': {'k': {'type': 'string'}}},"
                        + " 'x-kubernetes-validations': [{'rule': 'false', 'message': 'm'}]}";
        assertThat(check(properties, "{'l': [{'k': 'b'}, {'k': 'a'}]}", "{'l': [{'k': 'a'}, {'k': 'b'}]}"))
                .isEmpty();
        assertThat(warnings).containsExactly("l: Invalid value: m");
        assertThat(check(properties, "{'l': [{'k': 'b'}, {'k': 'c'}]}", "{'l': [{'k': 'a'}, {'k': 'b'}]}"))
                .containsExactly("l: Invalid value: m");
    }

    @Test
    void aSchemaWithoutRulesHasNone() {
        assertThat(ExpressionRules.of(JsonSchema.of(json("{'type': 'object'}")), true))
                .isEmpty();
    }
}
