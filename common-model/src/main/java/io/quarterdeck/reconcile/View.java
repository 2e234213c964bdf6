package io.quarterdeck.reconcile;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.quarterdeck.feed.Lister;
import java.time.Instant;

/** All that a reconciler may look at: cached objects and one instant, the same for the whole decision. */
public interface View {

    /** The kind must have been named in {@link Reconciler#watches}. */
    <T extends HasMetadata> Lister<T> lister(Class<T> kind);

    Instant now();
}
