package io.quarterdeck.api.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarterdeck.model.GroupVersionKind;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** YAML that begins like JSON is YAML all the same. */
class FlowYamlTest {

    @Test
    void aBodyThatNamesAnotherKindIsReadByTheSameSyntax() {
        String body = "{apiVersion: certificates.k8s.io/v1, kind: '', gracePeriodSeconds: 8}\n---\na: !!binary x\n";

        Decoded options = new SchemaCodec()
                .decode(
                        body.getBytes(StandardCharsets.UTF_8),
                        Encoding.YAML,
                        new GroupVersionKind("", "v1", "DeleteOptions"));

        assertThat(options.document().at("gracePeriodSeconds").intValue()).isEqualTo(8);
    }
}
