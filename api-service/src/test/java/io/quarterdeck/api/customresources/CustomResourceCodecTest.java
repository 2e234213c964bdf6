package io.quarterdeck.api.customresources;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarterdeck.api.customresources.schema.JsonSchema;
import io.quarterdeck.api.schema.Decoded;
import io.quarterdeck.api.schema.Encoding;
import io.quarterdeck.api.schema.SchemaCodec;
import io.quarterdeck.model.GroupVersionKind;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class CustomResourceCodecTest {

    private static final GroupVersionKind KIND = new GroupVersionKind("g.io", "v1", "Foo");

    private final CustomResourceCodec codec = new CustomResourceCodec(new SchemaCodec());

    private static ObjectNode json(String text) {
        return (ObjectNode) JsonMapper.shared().readTree(text);
    }

    @Test
    void metadataHaveNoEmptyListsAndMaps() {
        codec.swap(Map.of(KIND, JsonSchema.of(json("""
                {"type":"object","properties":{"inner":{"type":"object","x-kubernetes-embedded-resource":true}}}"""))));
        Decoded decoded = codec.decode("""
                {"apiVersion":"g.io/v1","kind":"Foo",
                 "metadata":{"name":"a","labels":{},"annotations":{"a":"b"},"finalizers":[]},
                 "inner":{"apiVersion":"v1","kind":"Pod","metadata":{"name":"b","labels":{}}}}""".getBytes(StandardCharsets.UTF_8), Encoding.JSON, KIND);
        assertThat(decoded.document().tree()).isEqualTo(json("""
                {"apiVersion":"g.io/v1","kind":"Foo","metadata":{"name":"a","annotations":{"a":"b"}},
                 "inner":{"apiVersion":"v1","kind":"Pod","metadata":{"name":"b"}}}"""));
    }
}
