package io.quarterdeck.api.store.memory;

import static io.quarterdeck.api.store.Samples.pod;
import static io.quarterdeck.api.store.Samples.put;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarterdeck.api.store.CompactedException;
import io.quarterdeck.api.store.OrderedStore;
import io.quarterdeck.api.store.OrderedStoreContract;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;

class MemoryOrderedStoreTest extends OrderedStoreContract {

    @Override
    protected OrderedStore open() {
        return new MemoryOrderedStore(InstantSource.system());
    }

    @Test
    void theLogCanBeCompacted() {
        commit(put(pod("ns", "a"), 0, "x"));
        commit(put(pod("ns", "b"), 0, "x"));
        ((MemoryOrderedStore) store).compact(1);

        assertThatThrownBy(() -> store.changesAfter(0, 10)).isInstanceOf(CompactedException.class);
        assertThat(store.changesAfter(1, 10)).hasSize(1);
        assertThat(store.compactedRevision()).isEqualTo(1);
    }
}
