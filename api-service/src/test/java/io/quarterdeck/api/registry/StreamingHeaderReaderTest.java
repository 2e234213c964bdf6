package io.quarterdeck.api.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarterdeck.api.store.EntryHeader;
import io.quarterdeck.model.GroupResource;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class StreamingHeaderReaderTest {

    private final StreamingHeaderReader reader = new StreamingHeaderReader(storage -> List.of(
            SelectableField.of("spec.nodeName"),
            SelectableField.of("spec.hostNetwork", "false"),
            SelectableField.of("status.replicas"),
            new SelectableField("source", List.of("reportingComponent", "source.component"), ""),
            SelectableField.of("metadata.generation")));

    /** Out of the bytes and out of the tree: the same. */
    private EntryHeader read(String body) {
        GroupResource pods = new GroupResource("", "pods");
        EntryHeader header = reader.read(pods, body.getBytes(StandardCharsets.UTF_8));
        assertThat(reader.read(pods, (ObjectNode) JsonMapper.shared().readTree("{" + body)))
                .isEqualTo(header);
        return header;
    }

    @Test
    void readsWhatSelectorsNeed() {
        EntryHeader header = read("""
                "metadata":{"resourceVersion":"7","uid":"u","generation":3,"labels":{"a":"b","\u00e9":"","n":{"uid":"no"}},\
                "ownerReferences":[{"uid":"o1","name":"x","extra":[1,{"uid":"no"}]},{"uid":"o2"}],\
                "deletionTimestamp":"2026-01-01T00:00:00Z"},\
                "spec":{"containers":[{"nodeName":"no"}],"nodeName":"n1","deep":{"nodeName":"no"}},\
                "source":{"component":"kubelet"},"reportingComponent":"","status":{"replicas":0}}""");

        assertThat(header)
                .isEqualTo(new EntryHeader(
                        "u",
                        Map.of("a", "b", "\u00e9", ""),
                        Map.of(
                                "spec.nodeName", "n1",
                                "spec.hostNetwork", "false",
                                "status.replicas", "0",
                                "source", "kubelet",
                                "metadata.generation", "3"),
                        List.of("o1", "o2"),
                        true));
    }

    @Test
    void leavesOutWhatIsAbsentOrNull() {
        assertThat(
                        read(
                                "\"metadata\":{\"resourceVersion\":\"\",\"labels\":null,\"deletionTimestamp\":null},\"spec\":null}"))
                .isEqualTo(new EntryHeader("", Map.of(), Map.of("spec.hostNetwork", "false"), List.of(), false));
    }
}
