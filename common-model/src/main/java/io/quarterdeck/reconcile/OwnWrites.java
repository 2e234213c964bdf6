package io.quarterdeck.reconcile;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.quarterdeck.feed.Informer;
import io.quarterdeck.model.ObjectKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one round wrote, so that the next can wait until the cache shows it: a decision on a cache that lacks one's own
 * writes would make them again. A created or changed object is seen when its informer has its resourceVersion, a
 * deleted one when it is gone or marked.
 */
final class OwnWrites {

    private static final Logger log = LoggerFactory.getLogger(OwnWrites.class);

    /** A write that the cache does not show for so long never will: its object does not fit the informer's scope. */
    private static final Duration AT_MOST = Duration.ofSeconds(30);

    private final String controller;
    private final Map<Class<?>, Informer<?>> informers;
    private final Map<Informer<?>, Long> revisions = new HashMap<>();
    private final List<Action.Delete> deletions = new ArrayList<>();

    OwnWrites(String controller, Map<Class<?>, Informer<?>> informers) {
        this.controller = controller;
        this.informers = informers;
    }

    void note(Outcome outcome) {
        for (Outcome.Result result : outcome.results()) {
            if (result.action() instanceof Action.Delete deletion) {
                if (result.failure().isEmpty() && informers.containsKey(deletion.kind())) {
                    deletions.add(deletion);
                }
            } else {
                result.written().forEach(this::note);
            }
        }
    }

    private void note(HasMetadata object) {
        Informer<?> informer = informers.get(object.getClass());
        String version = object.getMetadata().getResourceVersion();
        if (informer != null && version != null) {
            revisions.merge(informer, Long.parseLong(version), Math::max);
        }
    }

    boolean none() {
        return revisions.isEmpty() && deletions.isEmpty();
    }

    void await() throws InterruptedException {
        long deadline = System.nanoTime() + AT_MOST.toNanos();
        for (Map.Entry<Informer<?>, Long> one : revisions.entrySet()) {
            if (!one.getKey().awaitRevision(one.getValue(), left(deadline))) {
                log.warn("{}: the cache has not seen revision {} in {}", controller, one.getValue(), AT_MOST);
            }
        }
        for (Action.Delete deletion : deletions) {
            Informer<?> informer = informers.get(deletion.kind());
            while (informer != null && stands(informer, deletion)) {
                if (!informer.awaitRevision(informer.revision() + 1, left(deadline))) {
                    log.warn(
                            "{}: the cache has not seen the deletion of {} in {}", controller, deletion.key(), AT_MOST);
                    return;
                }
            }
        }
    }

    private static boolean stands(Informer<?> informer, Action.Delete deletion) {
        ObjectKey key = deletion.key();
        return informer.lister()
                .get(key.namespace(), key.name())
                .filter(object -> object.getMetadata().getUid().equals(deletion.uid())
                        && object.getMetadata().getDeletionTimestamp() == null)
                .isPresent();
    }

    private static Duration left(long deadline) {
        return Duration.ofNanos(deadline - System.nanoTime());
    }
}
