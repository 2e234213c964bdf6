package io.quarterdeck.feed;

import static io.quarterdeck.feed.Pods.pod;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SharedInformerTest {

    private final SharedInformer<Pod> informer = new SharedInformer<>("pods");
    private final List<String> told = new ArrayList<>();
    private final ChangeHandler<Pod> handler = new ChangeHandler<>() {
        @Override
        public void added(Pod object) {
            told.add("+" + object.getMetadata().getName());
        }

        @Override
        public void updated(Pod before, Pod after) {
            told.add("~" + after.getMetadata().getName());
        }

        @Override
        public void deleted(Pod last) {
            told.add("-" + last.getMetadata().getName());
        }
    };

    @Test
    void aReplacementTellsOnlyWhatDiffers() {
        informer.handle(handler);
        informer.replace(3, List.of(pod("a", 1), pod("b", 2), pod("c", 3)));
        told.clear();

        informer.replace(6, List.of(pod("a", 1), pod("b", 5), pod("d", 6)));

        assertThat(told).containsExactly("~b", "+d", "-c");
        assertThat(informer.revision()).isEqualTo(6);
    }

    @Test
    void aLateHandlerIsToldOfAllThatExists() {
        informer.replace(2, List.of(pod("a", 1), pod("b", 2)));
        informer.handle(handler);
        assertThat(told).containsExactly("+a", "+b");
    }

    @Test
    void anObjectMadeAnewUnderTheNameIsADeletionAndACreation() {
        informer.replace(1, List.of(pod("a", 1)));
        informer.handle(handler);
        told.clear();
        Pod other = pod("a", 5);
        other.getMetadata().setUid("another");

        informer.put(5, other);

        assertThat(told).containsExactly("-a", "+a");
    }

    @Test
    void waitsForARevision() throws InterruptedException {
        informer.replace(4, List.of());
        assertThat(informer.awaitRevision(4, Duration.ZERO)).isTrue();
        assertThat(informer.awaitRevision(5, Duration.ZERO)).isFalse();
        Thread.ofVirtual().start(() -> informer.reached(5));
        assertThat(informer.awaitRevision(5, Duration.ofSeconds(10))).isTrue();
    }
}
