package io.quarterdeck.controller.garbagecollector;

import io.fabric8.kubernetes.api.model.DeleteOptions;
import io.fabric8.kubernetes.api.model.DeleteOptionsBuilder;
import io.fabric8.kubernetes.api.model.PartialObjectMetadata;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarterdeck.client.ApiClient;
import io.quarterdeck.client.ResourceType;
import io.quarterdeck.controller.Discovery;
import io.quarterdeck.controller.Ticker;
import io.quarterdeck.feed.ChangeHandler;
import io.quarterdeck.feed.Informers;
import io.quarterdeck.feed.ObjectStore;
import io.quarterdeck.feed.Scope;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.model.StatusException;
import io.quarterdeck.reconcile.Action;
import io.quarterdeck.reconcile.Controller;
import io.quarterdeck.reconcile.EventRecorder;
import io.quarterdeck.reconcile.KeyedLoop;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Deletes objects whose owners are gone, lets foreground deletions finish when nothing blocks them any more, and sets
 * the dependents of orphaning owners free. Follows the metadata of every resource that discovery names; before it
 * deletes, it asks the API itself whether owner and object are what the graph believes.
 */
public final class GarbageCollector implements Controller {

    private static final String COMPONENT = "garbage-collector-controller";
    private static final Duration DISCOVERY_PERIOD = Duration.ofSeconds(30);
    private static final Duration UNSEEN_OWNER_AGAIN = Duration.ofSeconds(30);
    private static final String MERGE = "application/merge-patch+json";

    private final ApiClient api;
    private final Discovery discovery;
    private final Informers informers;
    private final EventRecorder events;
    private final OwnerGraph graph = new OwnerGraph();
    private final KeyedLoop<String> examine;
    private final KeyedLoop<String> orphan;
    private final Ticker discoverer;
    private final Map<String, ResourceType<PartialObjectMetadata>> followed = new HashMap<>();
    private volatile Discovery.Resources resources = new Discovery.Resources(List.of(), Map.of());

    /** What an object's reference to an owner is worth. */
    private enum Standing {
        SOLID,
        DANGLING,
        WAITING
    }

    public GarbageCollector(
            ApiClient api,
            Discovery discovery,
            Informers informers,
            EventRecorder events,
            InstantSource clock,
            MeterRegistry registry,
            int workers) {
        this.api = api;
        this.discovery = discovery;
        this.informers = informers;
        this.events = events;
        this.examine = new KeyedLoop<>("garbage_collector_attempt_to_delete", workers, this::examine, clock, registry);
        this.orphan = new KeyedLoop<>("garbage_collector_attempt_to_orphan", workers, this::orphan, clock, registry);
        this.discoverer = new Ticker("garbage-collector-discovery", DISCOVERY_PERIOD, this::discover);
    }

    @Override
    public String name() {
        return "garbagecollector";
    }

    @Override
    public void start() {
        examine.start();
        orphan.start();
        discoverer.start();
        queue(graph.everything());
    }

    @Override
    public void stop() {
        discoverer.stop();
        examine.stop();
        orphan.stop();
    }

    @Override
    public State state() {
        State own = examine.state();
        String error = own.lastError().isEmpty() ? discoverer.lastError() : own.lastError();
        return new State(name(), own.running(), own.depth() + orphan.state().depth(), error, own.lastErrorAt());
    }

    private void queue(OwnerGraph.Work work) {
        work.examine().forEach(examine::add);
        work.orphan().forEach(orphan::add);
    }

    private void discover() {
        Discovery.Resources found = discovery.resources();
        resources = found;
        Set<String> present = new HashSet<>();
        for (Discovery.Served served : found.served()) {
            ResourceType<PartialObjectMetadata> type = served.type();
            boolean followable = served.verbs().containsAll(List.of("list", "watch", "delete"))
                    && !type.kind().equals("Event");
            if (followable) {
                present.add(type.groupResource().toString());
                if (!type.equals(followed.get(type.groupResource().toString()))) {
                    follow(type);
                }
            }
        }
        if (found.failures().isEmpty()) {
            List.copyOf(followed.keySet()).stream()
                    .filter(name -> !present.contains(name))
                    .forEach(this::unfollow);
        }
    }

    private void follow(ResourceType<PartialObjectMetadata> type) {
        unfollow(type.groupResource().toString());
        followed.put(type.groupResource().toString(), type);
        informers.of(type, Scope.ALL).handle(new ChangeHandler<>() {
            @Override
            public void added(PartialObjectMetadata object) {
                queue(graph.seen(type, object));
            }

            @Override
            public void updated(PartialObjectMetadata before, PartialObjectMetadata after) {
                queue(graph.seen(type, after));
            }

            @Override
            public void deleted(PartialObjectMetadata last) {
                queue(graph.gone(last.getMetadata().getUid()));
            }
        });
    }

    private void unfollow(String name) {
        ResourceType<PartialObjectMetadata> type = followed.remove(name);
        if (type != null) {
            informers.stop(type, Scope.ALL);
            graph.of(type).forEach(uid -> queue(graph.gone(uid)));
        }
    }

    private KeyedLoop.Done examine(String uid) {
        Optional<OwnerGraph.Item> known = graph.find(uid);
        if (known.isEmpty()) {
            return KeyedLoop.Done.DONE;
        }
        OwnerGraph.Item item = known.get();
        if (item.beingDeleted() && !item.waitsForDependents()) {
            return KeyedLoop.Done.DONE;
        }
        ResourceType<PartialObjectMetadata> type = item.type() != null
                ? item.type()
                : resources
                        .find(item.apiVersion(), item.kind())
                        .orElseThrow(() -> new KeyedLoop.TryAgain("no matches for kind \"" + item.kind()
                                + "\" in version \"" + item.apiVersion() + "\""));
        Optional<PartialObjectMetadata> latest = live(type, located(item, type));
        if (latest.filter(object -> object.getMetadata().getUid().equals(uid)).isEmpty()) {
            queue(item.virtual() ? graph.absent(item.uid()) : graph.gone(item.uid()));
            return KeyedLoop.Done.DONE;
        }
        if (item.virtual()) {
            // It exists, and its informer will show it, unless it goes before that.
            return KeyedLoop.Done.againAfter(UNSEEN_OWNER_AGAIN);
        }
        if (item.waitsForDependents()) {
            finishForeground(item, type, latest.get());
            return KeyedLoop.Done.DONE;
        }
        judge(item, type, latest.get());
        return KeyedLoop.Done.DONE;
    }

    /** A virtual owner of a cluster-scoped kind was named by a dependent in a namespace. */
    private static ObjectKey located(OwnerGraph.Item item, ResourceType<?> type) {
        return type.namespaced()
                ? item.key()
                : ObjectKey.clusterScoped(item.key().name());
    }

    private Optional<PartialObjectMetadata> live(ResourceType<PartialObjectMetadata> type, ObjectKey key) {
        if (type.namespaced() && key.namespace().isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(api.get(type, key));
        } catch (StatusException refused) {
            if (refused.code() == 404) {
                return Optional.empty();
            }
            throw refused;
        }
    }

    private void finishForeground(
            OwnerGraph.Item item, ResourceType<PartialObjectMetadata> type, PartialObjectMetadata latest) {
        List<OwnerGraph.Item> blocking = graph.blocking(item.uid());
        if (blocking.isEmpty()) {
            removeFinalizer(type, latest, OwnerGraph.FOREGROUND);
            return;
        }
        blocking.stream()
                .filter(dependent -> !dependent.waitsForDependents())
                .forEach(dependent -> examine.add(dependent.uid()));
    }

    /** Decides by the owners of an object whether it stays. */
    private void judge(OwnerGraph.Item item, ResourceType<PartialObjectMetadata> type, PartialObjectMetadata latest) {
        List<Reference> references =
                OwnerGraph.references(latest.getMetadata(), item.key().namespace());
        if (references.isEmpty()) {
            return;
        }
        Map<Standing, List<Reference>> standings = new HashMap<>();
        for (Reference reference : references) {
            Optional<Standing> standing = standing(reference, type, latest);
            if (standing.isEmpty()) {
                return;
            }
            standings.computeIfAbsent(standing.get(), same -> new ArrayList<>()).add(reference);
        }
        List<Reference> dangling = standings.getOrDefault(Standing.DANGLING, List.of());
        List<Reference> waiting = standings.getOrDefault(Standing.WAITING, List.of());
        if (standings.containsKey(Standing.SOLID)) {
            if (!dangling.isEmpty() || !waiting.isEmpty()) {
                Set<String> drop = new HashSet<>();
                dangling.forEach(reference -> drop.add(reference.uid()));
                waiting.forEach(reference -> drop.add(reference.uid()));
                dropReferences(type, latest, drop);
            }
            return;
        }
        List<OwnerGraph.Item> dependents = graph.dependents(item.uid());
        if (!waiting.isEmpty() && !dependents.isEmpty()) {
            if (dependents.stream().anyMatch(OwnerGraph.Item::waitsForDependents)) {
                // A circle: each would wait for the other for ever.
                unblock(type, latest);
            }
            delete(item, type, latest, "Foreground");
            return;
        }
        List<String> finalizers = latest.getMetadata().getFinalizers() == null
                ? List.of()
                : latest.getMetadata().getFinalizers();
        delete(
                item,
                type,
                latest,
                finalizers.contains(OwnerGraph.ORPHAN)
                        ? "Orphan"
                        : finalizers.contains(OwnerGraph.FOREGROUND) ? "Foreground" : "Background");
    }

    /** Empty when the reference is not valid, so that nothing may be concluded from it. */
    private Optional<Standing> standing(
            Reference reference, ResourceType<PartialObjectMetadata> type, PartialObjectMetadata dependent) {
        ResourceType<PartialObjectMetadata> owners = resources
                .find(reference.apiVersion(), reference.kind())
                .orElseThrow(() -> new KeyedLoop.TryAgain("no matches for kind \"" + reference.kind()
                        + "\" in version \"" + reference.apiVersion() + "\""));
        if (owners.namespaced() && !type.namespaced()) {
            PartialObjectMetadata about = new PartialObjectMetadata();
            about.setApiVersion(type.apiVersion());
            about.setKind(type.kind());
            about.setMetadata(dependent.getMetadata());
            events.emit(
                    COMPONENT,
                    new Action.EmitEvent(
                            about,
                            Action.EventType.WARNING,
                            "OwnerRefInvalidNamespace",
                            "ownerRef [%s/%s, namespace: %s, name: %s, uid: %s] does not exist in namespace \"%s\""
                                    .formatted(
                                            reference.apiVersion(),
                                            reference.kind(),
                                            reference.namespace(),
                                            reference.name(),
                                            reference.uid(),
                                            reference.namespace()),
                            Map.of()));
            return Optional.empty();
        }
        ObjectKey key = owners.namespaced()
                ? new ObjectKey(reference.namespace(), reference.name())
                : ObjectKey.clusterScoped(reference.name());
        Optional<PartialObjectMetadata> owner =
                live(owners, key).filter(object -> object.getMetadata().getUid().equals(reference.uid()));
        if (owner.isEmpty()) {
            return Optional.of(Standing.DANGLING);
        }
        boolean waits = owner.get().getMetadata().getDeletionTimestamp() != null
                && owner.get().getMetadata().getFinalizers() != null
                && owner.get().getMetadata().getFinalizers().contains(OwnerGraph.FOREGROUND);
        return Optional.of(waits ? Standing.WAITING : Standing.SOLID);
    }

    private void delete(
            OwnerGraph.Item item,
            ResourceType<PartialObjectMetadata> type,
            PartialObjectMetadata latest,
            String propagation) {
        DeleteOptions options = new DeleteOptionsBuilder()
                .withPropagationPolicy(propagation)
                .withNewPreconditions()
                .withUid(item.uid())
                .withResourceVersion(latest.getMetadata().getResourceVersion())
                .endPreconditions()
                .build();
        ignoringAbsence(() -> api.delete(type, ObjectStore.keyOf(latest), options));
    }

    private KeyedLoop.Done orphan(String uid) {
        Optional<OwnerGraph.Item> known = graph.find(uid);
        if (known.isEmpty() || known.get().type() == null) {
            return KeyedLoop.Done.DONE;
        }
        ResourceType<PartialObjectMetadata> type = known.get().type();
        for (OwnerGraph.Item dependent : graph.dependents(uid)) {
            ResourceType<PartialObjectMetadata> own = dependent.type();
            if (own != null) {
                live(own, dependent.key())
                        .filter(object -> object.getMetadata().getUid().equals(dependent.uid()))
                        .ifPresent(object -> dropReferences(own, object, Set.of(uid)));
            }
        }
        live(type, known.get().key())
                .filter(object -> object.getMetadata().getUid().equals(uid))
                .ifPresent(object -> removeFinalizer(type, object, OwnerGraph.ORPHAN));
        return KeyedLoop.Done.DONE;
    }

    private void dropReferences(
            ResourceType<PartialObjectMetadata> type, PartialObjectMetadata object, Set<String> owners) {
        ObjectNode patch = patchOf(object);
        ArrayNode left = api.serialization().mapper().createArrayNode();
        object.getMetadata().getOwnerReferences().stream()
                .filter(reference -> !owners.contains(reference.getUid()))
                .forEach(reference -> left.add(api.serialization().mapper().<ObjectNode>valueToTree(reference)));
        if (left.isEmpty()) {
            patch.withObject("metadata").putNull("ownerReferences");
        } else {
            patch.withObject("metadata").set("ownerReferences", left);
        }
        send(type, object, patch);
    }

    private void unblock(ResourceType<PartialObjectMetadata> type, PartialObjectMetadata object) {
        ObjectNode patch = patchOf(object);
        ArrayNode references = patch.withObject("metadata").putArray("ownerReferences");
        object.getMetadata().getOwnerReferences().forEach(reference -> {
            ObjectNode tree = api.serialization().mapper().valueToTree(reference);
            references.add(tree.put("blockOwnerDeletion", false));
        });
        send(type, object, patch);
    }

    private void removeFinalizer(
            ResourceType<PartialObjectMetadata> type, PartialObjectMetadata object, String finalizer) {
        List<String> finalizers = object.getMetadata().getFinalizers();
        if (finalizers == null || !finalizers.contains(finalizer)) {
            return;
        }
        ObjectNode patch = patchOf(object);
        ArrayNode left = patch.withObject("metadata").putArray("finalizers");
        finalizers.stream().filter(one -> !one.equals(finalizer)).forEach(left::add);
        if (left.isEmpty()) {
            patch.withObject("metadata").putNull("finalizers");
        }
        send(type, object, patch);
    }

    /** Lists are replaced whole, so only on the state that was looked at. */
    private ObjectNode patchOf(PartialObjectMetadata object) {
        ObjectNode patch = api.serialization().mapper().createObjectNode();
        patch.putObject("metadata")
                .put("resourceVersion", object.getMetadata().getResourceVersion())
                .put("uid", object.getMetadata().getUid());
        return patch;
    }

    private void send(ResourceType<PartialObjectMetadata> type, PartialObjectMetadata object, ObjectNode patch) {
        ignoringAbsence(() -> api.patch(type, ObjectStore.keyOf(object), "", MERGE, patch.toString()));
    }

    private static void ignoringAbsence(Runnable request) {
        try {
            request.run();
        } catch (StatusException refused) {
            if (refused.code() != 404) {
                throw refused;
            }
        }
    }
}
