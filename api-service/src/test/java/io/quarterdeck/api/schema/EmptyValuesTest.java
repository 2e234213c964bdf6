package io.quarterdeck.api.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.model.GroupVersionKind;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Go tells an empty list or map from none while it holds an object, and forgets the difference when it writes it. */
class EmptyValuesTest {

    private static final GroupVersionKind SLICE = new GroupVersionKind("discovery.k8s.io", "v1", "EndpointSlice");

    private final SchemaCodec codec = new SchemaCodec();

    private Document decoded() {
        return codec.decode(
                        "{\"metadata\":{\"name\":\"a\",\"labels\":{}},\"addressType\":\"IPv4\",\"endpoints\":[],\"ports\":[]}"
                                .getBytes(StandardCharsets.UTF_8),
                        Encoding.JSON,
                        SLICE)
                .document();
    }

    @Test
    void aRequestKeepsThem() {
        Document request = decoded();
        assertThat(request.at("metadata.labels").isObject()).isTrue();
        assertThat(request.at("endpoints").isArray()).isTrue();
        assertThat(request.at("ports").isArray()).isTrue();
    }

    @Test
    void whatGoWouldWriteKeepsThoseThatAreAlwaysWritten() {
        Document request = decoded();
        Document written = new Document(SchemaCodec.asWritten(
                request.tree(), SchemaCatalog.builtin().find(SLICE).orElseThrow()));
        assertThat(written.at("metadata.labels").isMissingNode()).isTrue();
        assertThat(written.at("endpoints").isArray()).isTrue();
        assertThat(request.at("metadata.labels").isObject())
                .as("the request itself")
                .isTrue();
    }

    @Test
    void theStoredFormHasNone() {
        assertThat(new String(codec.canonical(decoded(), SLICE), StandardCharsets.UTF_8))
                .contains("\"endpoints\":null")
                .doesNotContain("labels");
    }

    @Test
    void theStoredFormOfADefinitionHasThoseThatAreAlwaysWritten() {
        GroupVersionKind kind = new GroupVersionKind("apiextensions.k8s.io", "v1", "CustomResourceDefinition");
        Document definition = codec.decode(
                        "{\"metadata\":{\"labels\":{}},\"status\":{\"conditions\":[]}}"
                                .getBytes(StandardCharsets.UTF_8),
                        Encoding.JSON,
                        kind)
                .document();
        assertThat(new String(codec.canonical(definition, kind), StandardCharsets.UTF_8))
                .contains("\"conditions\":[]")
                .doesNotContain("labels");
    }
}
