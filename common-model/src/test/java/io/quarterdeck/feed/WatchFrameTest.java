package io.quarterdeck.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PartialObjectMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.quarterdeck.client.ObjectSerialization;
import io.quarterdeck.client.ResourceType;
import io.quarterdeck.model.StatusException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class WatchFrameTest {

    private final ObjectSerialization serialization = new ObjectSerialization();
    private final ResourceType<Pod> pods = ResourceType.of(Pod.class);

    @Test
    void readsAnObject() {
        WatchFrame<Pod> frame = read(pods, """
                {"type":"MODIFIED","object":{"apiVersion":"v1","kind":"Pod",
                 "metadata":{"resourceVersion":"7","name":"p","namespace":"d","creationTimestamp":"2026-01-02T03:04:05Z"},
                 "spec":{"containers":[{"name":"c","image":"i","resources":{"limits":{"cpu":"100m"}}}],"unheard":1}}}""");

        assertThat(frame.type()).isEqualTo(WatchFrame.Type.MODIFIED);
        assertThat(frame.revision()).isEqualTo(7);
        assertThat(frame.object()).isNotNull();
        assertThat(frame.object().getSpec().getContainers().getFirst().getImage())
                .isEqualTo("i");
    }

    @Test
    void keepsFieldsThatTheModelDoesNotKnow() {
        WatchFrame<Pod> frame = read(pods, """
                {"type":"ADDED","object":{"metadata":{"resourceVersion":"7","name":"p"},"spec":{"unheard":{"of":1}}}}""");

        assertThat(serialization.asJson(frame.object())).contains("\"unheard\":{\"of\":1}");
    }

    @Test
    void readsOnlyTheMetadataWhenAsked() {
        ResourceType<PartialObjectMetadata> widgets =
                new ResourceType<>("example.com", "v1", "widgets", "Widget", true, PartialObjectMetadata.class);
        WatchFrame<PartialObjectMetadata> frame = read(widgets, """
                {"type":"ADDED","object":{"apiVersion":"example.com/v1","kind":"Widget",
                 "metadata":{"resourceVersion":"9","name":"w","namespace":"d"},"spec":{"a":[1,2]}}}""");

        assertThat(frame.object().getKind()).isEqualTo("Widget");
        assertThat(frame.object().getMetadata().getName()).isEqualTo("w");
    }

    @Test
    void readsABookmark() {
        WatchFrame<Pod> frame = read(
                pods,
                "{\"type\":\"BOOKMARK\",\"object\":{\"kind\":\"Pod\",\"metadata\":{\"resourceVersion\":\"12\"}}}");

        assertThat(frame.type()).isEqualTo(WatchFrame.Type.BOOKMARK);
        assertThat(frame.revision()).isEqualTo(12);
    }

    @Test
    void anErrorFrameIsTheErrorItCarries() {
        assertThatThrownBy(() -> read(pods, """
                {"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"too old"}}""")).isInstanceOfSatisfying(StatusException.class, error -> {
            assertThat(error.code()).isEqualTo(410);
            assertThat(error.reason()).isEqualTo("Expired");
        });
    }

    private <T extends HasMetadata> WatchFrame<T> read(ResourceType<T> type, String text) {
        return WatchFrame.read(type, serialization, text.getBytes(StandardCharsets.UTF_8));
    }
}
