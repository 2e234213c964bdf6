package io.quarterdeck.api.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarterdeck.model.GroupVersionKind;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FrameHeadsTest {
    private static final GroupVersionKind POD = new GroupVersionKind("", "v1", "Pod");

    private final FrameHeads heads = new FrameHeads();

    @ParameterizedTest(name = "{0} {1} of {2} bytes")
    @CsvSource({"ADDED, Pod, 100", "MODIFIED, Pod, 100", "ADDED, Node, 100", "ADDED, Pod, 356", "ADDED, Pod, 70000"})
    void noHeadIsTakenForAnother(String type, String kind, int length) {
        byte[] known = heads.get("ADDED", POD, 100);
        GroupVersionKind gvk = new GroupVersionKind("", "v1", kind);
        assertThat(heads.get(type, gvk, length)).isEqualTo(new FrameHeads().get(type, gvk, length));
        assertThat(heads.get("ADDED", POD, 100)).isEqualTo(known);
    }
}
