package io.quarterdeck.api.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.model.GroupVersionKind;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class DefaultsTest {

    @ParameterizedTest(name = "{0}.{1}")
    @CsvSource(
            nullValues = "none",
            value = {
                "io.k8s.api.core.v1.Container, name, '\"\"'",
                "io.k8s.api.core.v1.Container, terminationMessagePath, none",
                "io.k8s.api.core.v1.ContainerPort, protocol, '\"TCP\"'",
                "io.k8s.api.core.v1.LocalObjectReference, name, '\"\"'",
                "io.k8s.api.core.v1.ObjectReference, name, none",
                "io.k8s.api.core.v1.ContainerPort, containerPort, 0",
                "io.k8s.api.apps.v1.DeploymentSpec, replicas, none",
                "io.k8s.api.apps.v1.DeploymentSpec, template, {}"
            })
    void typesDeclareWhatAFieldIsWhenLeftOut(String type, String field, @Nullable String expected) {
        ObjectSchema schema = SchemaCatalog.builtin().definition(type).orElseThrow();
        JsonNode declared = Defaults.builtin().declared(schema, field);
        assertThat(declared == null ? null : declared.toString()).isEqualTo(expected);
    }

    @Test
    void aDefinitionRemembersItsStorageVersionHoweverItIsSent() {
        for (String status : new String[] {"{}", "{'storedVersions':null}", "{'storedVersions':[]}"}) {
            ObjectNode definition = (ObjectNode)
                    Json.tree("""
                    {'spec':{'versions':[{'name':'v1'},{'name':'v2','storage':true}]},'status':%s}
                    """.formatted(status).replace('\'', '"').getBytes(StandardCharsets.UTF_8));
            GroupVersionKind kind = new GroupVersionKind("apiextensions.k8s.io", "v1", "CustomResourceDefinition");
            new SchemaCodec().applyDefaults(new Document(definition), kind);
            assertThat(definition.path("status").path("storedVersions").toString())
                    .as(status)
                    .isEqualTo("[\"v2\"]");
        }
    }
}
