package io.quarterdeck.feed;

import static io.quarterdeck.feed.Pods.pod;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Pod;
import io.quarterdeck.model.ObjectKey;
import java.util.List;
import org.junit.jupiter.api.Test;

class ObjectStoreTest {

    private static final Index<Pod> NODE =
            new Index<>("node", pod -> List.of(pod.getSpec().getNodeName()));

    private final ObjectStore<Pod> store = new ObjectStore<>();

    @Test
    void listsInTheOrderOfNamespaceAndName() {
        store.put(pod("b", "x", 1, "n"));
        store.put(pod("a", "z", 2, "n"));
        store.put(pod("a", "y", 3, "n"));
        store.put(pod("a-b", "w", 4, "n"));

        assertThat(store.all()).extracting(pod -> pod.getMetadata().getName()).containsExactly("w", "y", "z", "x");
        assertThat(store.inNamespace("a"))
                .extracting(pod -> pod.getMetadata().getName())
                .containsExactly("y", "z");
    }

    @Test
    void indexesFollowChangesAndKnowWhatWasThereBefore() {
        store.put(pod("a", "x", 1, "one"));
        store.index(NODE);
        store.put(pod("a", "y", 2, "one"));
        assertThat(store.byIndex(NODE, "one")).hasSize(2);

        store.put(pod("a", "x", 3, "two"));
        store.remove(new ObjectKey("a", "y"));

        assertThat(store.byIndex(NODE, "one")).isEmpty();
        assertThat(store.byIndex(NODE, "two")).hasSize(1);
    }

    @Test
    void anIndexNeverAddedIsAnError() {
        assertThatThrownBy(() -> store.byIndex(NODE, "one")).hasMessageContaining("never added");
    }
}
