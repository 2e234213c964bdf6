package io.quarterdeck.api.patch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ScaleOwnershipTest {

    private static final ScaleOwnership OWNERS = new ScaleOwnership("apps/v1", "spec.replicas", Map.of());

    private static final JsonNode DEPLOYED = json("""
            [{"manager":"kubectl","operation":"Update","apiVersion":"apps/v1","time":"2026-01-01T00:00:00Z",
              "fieldsType":"FieldsV1","fieldsV1":{"f:spec":{"f:paused":{},"f:replicas":{}}}}]""");

    private static JsonNode json(String text) {
        return JsonMapper.shared().readTree(text);
    }

    @Test
    void whoOwnsTheCountOwnsItOfTheScale() {
        assertThat(OWNERS.ofScale(DEPLOYED)).isEqualTo(json("""
                        [{"manager":"kubectl","operation":"Update","apiVersion":"autoscaling/v1","time":"2026-01-01T00:00:00Z",
                          "fieldsType":"FieldsV1","fieldsV1":{"f:spec":{"f:replicas":{}}}}]"""));
    }

    @Test
    void whoOwnsOtherFieldsIsNoOwnerOfTheScale() {
        assertThat(OWNERS.ofScale(json("""
                        [{"manager":"m","operation":"Apply","apiVersion":"apps/v1","fieldsV1":{"f:spec":{"f:paused":{}}}}]"""))).isEmpty();
    }

    @Test
    void aScalerTakesTheCountAndNothingElse() {
        JsonNode scaled = json("""
                [{"manager":"hpa","operation":"Apply","apiVersion":"autoscaling/v1","time":"2026-01-02T00:00:00Z",
                  "fieldsType":"FieldsV1","subresource":"scale","fieldsV1":{"f:spec":{"f:replicas":{}}}}]""");
        assertThat(OWNERS.ofObject(DEPLOYED, scaled)).isEqualTo(json("""
                        [{"manager":"kubectl","operation":"Update","apiVersion":"apps/v1","time":"2026-01-01T00:00:00Z",
                          "fieldsType":"FieldsV1","fieldsV1":{"f:spec":{"f:paused":{}}}},
                         {"manager":"hpa","operation":"Apply","apiVersion":"apps/v1","fieldsType":"FieldsV1",
                          "subresource":"scale","fieldsV1":{"f:spec":{"f:replicas":{}}}}]"""));
    }

    @Test
    void anOwnerThatKeepsTheCountKeepsItsEntryAsItIs() {
        assertThat(OWNERS.ofObject(DEPLOYED, OWNERS.ofScale(DEPLOYED))).isEqualTo(DEPLOYED);
    }

    @Test
    void theCountIsFoundWhereTheOwnersVersionHasIt() {
        ScaleOwnership owners =
                new ScaleOwnership("g.io/v1", "spec.replicas", Map.of("g.io/v2", "spec.count", "g.io/v3", ""));
        JsonNode deployed = json("""
                [{"manager":"two","operation":"Apply","apiVersion":"g.io/v2","fieldsV1":{"f:spec":{"f:count":{}}}},
                 {"manager":"three","operation":"Apply","apiVersion":"g.io/v3","fieldsV1":{"f:spec":{"f:replicas":{}}}}]""");
        assertThat(owners.ofScale(deployed)
                        .valueStream()
                        .map(owner -> owner.path("manager").asString()))
                .containsExactly("two");
        assertThat(owners.ofObject(deployed, json("[]"))
                        .valueStream()
                        .map(owner -> owner.path("manager").asString()))
                .containsExactly("three");
    }
}
