package io.quarterdeck.api.customresources;

import io.quarterdeck.api.cache.EventCursor;
import io.quarterdeck.api.cache.Freshness;
import io.quarterdeck.api.cache.Selection;
import io.quarterdeck.api.cache.WatchCache;
import io.quarterdeck.api.cache.WatchEvent;
import io.quarterdeck.api.cache.WatchStart;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.registry.LiveCatalog;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.registry.ResourceDefinition;
import io.quarterdeck.api.registry.WritePath;
import io.quarterdeck.api.registry.WritePath.Manner;
import io.quarterdeck.api.schema.ObjectCodec;
import io.quarterdeck.api.store.Change;
import io.quarterdeck.api.store.Entry;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.model.StatusException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Follows the CustomResourceDefinitions: serves what they define, and keeps their status. Every api-service does both; who
 * comes second finds nothing left to do.
 *
 * <p>One thread follows the watch cache. It first changes what is served and then writes the status that says so, so that a
 * client that sees Established is served. Ends of definitions take their time and have threads of their own.
 */
public final class CustomResources implements SmartLifecycle {

    private static final Logger LOG = LoggerFactory.getLogger(CustomResources.class);
    private static final Duration GLANCE = Duration.ofSeconds(1);
    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final int BATCH = 1_000;

    private final WatchCache cache;
    private final ObjectCodec codec;
    private final LiveCatalog catalog;
    private final WritePath writes;
    private final Serving serving;
    private final Cleanup cleanup;
    private final InstantSource clock;
    private final Map<String, Entry> definitions = new TreeMap<>();
    private final Set<String> ending = ConcurrentHashMap.newKeySet();
    private volatile boolean loaded;
    private volatile @Nullable Thread thread;

    CustomResources(
            WatchCache cache,
            ObjectCodec codec,
            LiveCatalog catalog,
            WritePath writes,
            Serving serving,
            Cleanup cleanup,
            InstantSource clock) {
        this.cache = cache;
        this.codec = codec;
        this.catalog = catalog;
        this.writes = writes;
        this.serving = serving;
        this.cleanup = cleanup;
        this.clock = clock;
    }

    /** Whether what was defined before the start is served. */
    boolean loaded() {
        return loaded;
    }

    @Override
    public void start() {
        thread = Thread.ofVirtual().name("custom-resources").start(this::run);
    }

    private void run() {
        while (!Thread.currentThread().isInterrupted()) {
            try {
                follow();
            } catch (InterruptedException stopped) {
                return;
            } catch (StatusException fellBehind) {
                LOG.info("Reading the CustomResourceDefinitions anew: {}", fellBehind.text());
            } catch (RuntimeException failed) {
                LOG.error("Following the CustomResourceDefinitions failed", failed);
            }
            try {
                Thread.sleep(RETRY);
            } catch (InterruptedException stopped) {
                return;
            }
        }
    }

    private void follow() throws InterruptedException {
        definitions.clear();
        Set<String> due = new LinkedHashSet<>();
        try (EventCursor cursor =
                cache.watch(Definition.RESOURCE, Selection.ALL, new WatchStart.Existing(new Freshness.Consistent()))) {
            while (true) {
                List<WatchEvent> events = cursor.next(BATCH, due.isEmpty() ? GLANCE : RETRY);
                for (WatchEvent event : events) {
                    String name = event.entry().key().key().name();
                    if (event.type() == Change.Type.DELETED) {
                        definitions.remove(name);
                    } else {
                        definitions.put(name, event.entry());
                    }
                    due.add(name);
                }
                if (!cursor.initialEventsDone()) {
                    continue;
                }
                if (!due.isEmpty() || !loaded) {
                    Map<String, Document> read = read();
                    serving.serve(definitions(read));
                    loaded = true;
                    due = settle(due, read);
                }
            }
        }
    }

    private Map<String, Document> read() {
        ResourceDefinition kind = kind();
        Map<String, Document> read = new LinkedHashMap<>();
        definitions.forEach((name, entry) -> read.put(name, codec.read(entry.body(), kind.gvk())));
        return read;
    }

    private ResourceDefinition kind() {
        return catalog.stored(Definition.RESOURCE).orElseThrow();
    }

    private List<Definition> definitions(Map<String, Document> read) {
        List<Definition> known = new ArrayList<>();
        definitions.forEach(
                (name, entry) -> known.add(Definition.of(Objects.requireNonNull(read.get(name)), entry.revision())));
        return known;
    }

    /** Keeps the status of what changed, and of all that shares a group with it; answers what has to be tried again. */
    private Set<String> settle(Set<String> changed, Map<String, Document> read) {
        Set<String> groups = new LinkedHashSet<>();
        changed.forEach(name -> groups.add(name.substring(name.indexOf('.') + 1)));
        Set<String> again = new LinkedHashSet<>();
        read.forEach((name, document) -> {
            if (groups.contains(document.text("spec.group"))) {
                try {
                    settle(document, read);
                } catch (StatusException refused) {
                    if (refused.code() != 404) {
                        LOG.warn("The status of CustomResourceDefinition {}: {}", name, refused.text());
                        again.add(name);
                    }
                }
            }
        });
        return again;
    }

    private void settle(Document document, Map<String, Document> read) {
        if (document.deleting()) {
            end(document);
            return;
        }
        List<Document> others = read.values().stream()
                .filter(other -> !other.name().equals(document.name())
                        && other.text("spec.group").equals(document.text("spec.group")))
                .toList();
        Document next = document.copy();
        Conditions.settle(next, others, serving.serves(document), clock.instant());
        if (next.at("status").equals(document.at("status"))) {
            return;
        }
        Document written = update(document, next);
        // Names that were just given away are taken for the definitions that follow in this round.
        document.tree().set("status", written.tree().path("status"));
    }

    /** Writes a status unless the definition changed meanwhile: then its next state is on its way here. */
    private Document update(Document seen, Document next) {
        ObjectKey key = new ObjectKey("", seen.name());
        RequestInfo request =
                RequestInfo.internal("update", "v1", key, clock.instant()).on("status");
        try {
            writes.update(kind(), request, new Manner(false, false, false), old -> {
                if (old == null
                        || !old.text("metadata.resourceVersion").equals(seen.text("metadata.resourceVersion"))) {
                    return null;
                }
                old.tree().set("status", next.tree().path("status").deepCopy());
                return old;
            });
        } catch (StatusException changed) {
            if (changed.code() != 409 && changed.code() != 404) {
                throw changed;
            }
        }
        return next;
    }

    private void end(Document document) {
        if (!document.finalizers().contains(Definition.FINALIZER) || !ending.add(document.uid())) {
            return;
        }
        Optional<ServedDefinition> served = serving.served(document.name());
        Thread.ofVirtual().name("custom-resource-cleanup").start(() -> {
            try {
                cleanup.run(kind(), document.name(), document.uid(), served);
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            } finally {
                ending.remove(document.uid());
            }
        });
    }

    @Override
    public void stop() {
        cleanup.stop();
        Thread running = thread;
        if (running != null) {
            running.interrupt();
            try {
                running.join(Duration.ofSeconds(5));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        thread = null;
    }

    @Override
    public boolean isRunning() {
        return thread != null;
    }
}
