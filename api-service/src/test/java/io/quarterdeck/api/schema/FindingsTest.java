package io.quarterdeck.api.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarterdeck.model.GroupVersionKind;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is told of fields that nobody knows or that come twice; as upstream's decoder tells it. */
class FindingsTest {

    private static final GroupVersionKind SCALE = new GroupVersionKind("autoscaling", "v1", "Scale");

    private static List<String> findings(String body) {
        return new SchemaCodec()
                .decode(body.getBytes(StandardCharsets.UTF_8), Encoding.JSON, SCALE)
                .findings();
    }

    @Test
    void anObjectThatComesTwiceRepeatsItselfAndNotItsFields() {
        assertThat(findings("{\"metadata\":{\"name\":\"a\",\"labels\":{}},\"metadata\":{\"name\":\"b\"}}"))
                .containsExactly("duplicate field \"metadata\"");
        assertThat(findings("{\"metadata\":{\"name\":\"a\"},\"metadata\":{\"name\":\"b\",\"name\":\"c\"}}"))
                .containsExactly("duplicate field \"metadata\"", "duplicate field \"metadata.name\"");
    }

    @Test
    void namesAreQuotedAsGoDoes() {
        assertThat(findings("{\"\\u0007\":1,\"metadata\":{\"x\\\"y\":1}}"))
                .containsExactly("unknown field \"\\a\"", "unknown field \"metadata.x\\\"y\"");
    }
}
