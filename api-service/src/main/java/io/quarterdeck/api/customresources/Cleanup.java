package io.quarterdeck.api.customresources;

import io.quarterdeck.api.cache.Freshness;
import io.quarterdeck.api.cache.ListQuery;
import io.quarterdeck.api.cache.Selection;
import io.quarterdeck.api.cache.WatchCache;
import io.quarterdeck.api.customresources.Conditions.Condition;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.registry.DeleteOptions;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.registry.ResourceDefinition;
import io.quarterdeck.api.registry.WritePath;
import io.quarterdeck.api.registry.WritePath.Manner;
import io.quarterdeck.api.store.Entry;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.model.StatusException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ArrayNode;

/**
 * The end of a definition: its objects are deleted, then the finalizer goes that held it. Objects with finalizers of their
 * own are waited for. Thread-safe.
 *
 * <p>Source: apiextensions-apiserver, pkg/controller/finalizer.
 */
final class Cleanup {

    private static final Logger LOG = LoggerFactory.getLogger(Cleanup.class);
    private static final Duration GLANCE = Duration.ofMillis(50);
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final WatchCache cache;
    private final WritePath writes;
    private final InstantSource clock;
    private volatile boolean stopped;

    Cleanup(WatchCache cache, WritePath writes, InstantSource clock) {
        this.cache = cache;
        this.writes = writes;
        this.clock = clock;
    }

    void stop() {
        stopped = true;
    }

    /** @param served empty when the definition was never served, so that there can be no objects */
    void run(ResourceDefinition kind, String name, String uid, Optional<ServedDefinition> served)
            throws InterruptedException {
        Duration wait = GLANCE;
        boolean announced = false;
        while (!stopped) {
            try {
                if (served.isEmpty()) {
                    finish(
                            kind,
                            name,
                            uid,
                            new Condition(
                                    Conditions.TERMINATING,
                                    "False",
                                    "NeverEstablished",
                                    "resource was never established"));
                    return;
                }
                if (!announced) {
                    update(
                            kind,
                            name,
                            uid,
                            definition -> condition(
                                    definition,
                                    "True",
                                    "InstanceDeletionInProgress",
                                    "CustomResource deletion is in progress"));
                    announced = true;
                }
                if (deleteAll(served.get())) {
                    finish(
                            kind,
                            name,
                            uid,
                            new Condition(
                                    Conditions.TERMINATING,
                                    "False",
                                    "InstanceDeletionCompleted",
                                    "removed all instances"));
                    return;
                }
            } catch (StatusException failed) {
                if (failed.code() == 404) {
                    return;
                }
                LOG.warn("The objects of CustomResourceDefinition {}: {}", name, failed.text());
                complain(kind, name, uid, failed);
            }
            Thread.sleep(wait);
            wait = wait.multipliedBy(2).compareTo(PATIENCE) < 0 ? wait.multipliedBy(2) : PATIENCE;
        }
    }

    /** Deletes whatever is there; answers whether nothing was. */
    private boolean deleteAll(ServedDefinition served) {
        if (served.resources().isEmpty()) {
            return cache.count(served.definition().storage()) == 0;
        }
        List<Entry> entries = cache.list(
                        served.definition().storage(), ListQuery.of(Selection.ALL, new Freshness.Consistent()))
                .entries();
        List<String> failures = new ArrayList<>();
        for (Entry entry : entries) {
            ObjectKey key = entry.key().key();
            ResourceDefinition resource = served.resource(entry.storedVersion());
            try {
                writes.deleteUnjudged(
                        resource,
                        DeleteOptions.DEFAULT,
                        RequestInfo.internal("delete", resource.version(), key, clock.instant()));
            } catch (StatusException failed) {
                if (failed.code() != 404) {
                    failures.add(failed.text());
                }
            }
        }
        if (!failures.isEmpty()) {
            throw StatusException.internal("could not issue all deletes: " + String.join(", ", failures));
        }
        return entries.isEmpty();
    }

    private void complain(ResourceDefinition kind, String name, String uid, StatusException failed) {
        try {
            update(
                    kind,
                    name,
                    uid,
                    definition -> condition(definition, "True", "InstanceDeletionFailed", failed.text()));
        } catch (StatusException alsoFailed) {
            LOG.debug("The status of CustomResourceDefinition {}: {}", name, alsoFailed.text());
        }
    }

    private void condition(Document definition, String status, String reason, String message) {
        Conditions.set(definition, new Condition(Conditions.TERMINATING, status, reason, message), clock.instant());
    }

    private void finish(ResourceDefinition kind, String name, String uid, Condition condition) {
        update(kind, name, uid, definition -> {
            Conditions.set(definition, condition, clock.instant());
            if (definition.at("metadata.finalizers") instanceof ArrayNode finalizers) {
                finalizers.removeIf(each -> each.asString("").equals(Definition.FINALIZER));
                if (finalizers.isEmpty()) {
                    definition.remove("metadata.finalizers");
                }
            }
        });
    }

    private void update(ResourceDefinition kind, String name, String uid, Consumer<Document> change) {
        RequestInfo request = RequestInfo.internal("update", "v1", new ObjectKey("", name), clock.instant())
                .on("status");
        writes.update(kind, request, Manner.PATCH, old -> {
            if (old == null || !old.uid().equals(uid)) {
                return null;
            }
            change.accept(old);
            return old;
        });
    }
}
