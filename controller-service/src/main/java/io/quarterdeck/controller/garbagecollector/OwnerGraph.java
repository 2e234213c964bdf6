package io.quarterdeck.controller.garbagecollector;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.PartialObjectMetadata;
import io.quarterdeck.client.ResourceType;
import io.quarterdeck.model.ObjectKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who owns whom, among all objects that exist. An owner that was named but not seen yet is in it too, as a virtual
 * node, until it is seen or proved absent. Each change says who must be looked at because of it. Thread-safe; pure but
 * for what it remembers. Source: Kubernetes documentation, "Garbage Collection".
 */
final class OwnerGraph {

    static final String FOREGROUND = "foregroundDeletion";
    static final String ORPHAN = "orphan";

    private final Map<String, Node> nodes = new HashMap<>();

    /**
     * One object as the graph knows it.
     *
     * @param type null as long as only a dependent named it
     */
    record Item(
            String uid,
            @Nullable ResourceType<PartialObjectMetadata> type,
            String apiVersion,
            String kind,
            ObjectKey key,
            boolean beingDeleted,
            boolean waitsForDependents,
            boolean virtual) {}

    /** Uids to look at: whether they may stay, and whose dependents are to be set free. */
    record Work(Set<String> examine, Set<String> orphan) {
        static Work none() {
            return new Work(new LinkedHashSet<>(), new LinkedHashSet<>());
        }
    }

    private static final class Node {
        final String uid;

        @Nullable ResourceType<PartialObjectMetadata> type;

        String apiVersion;
        String kind;
        ObjectKey key;
        List<Reference> owners = List.of();
        final Set<String> dependents = new LinkedHashSet<>();
        boolean beingDeleted;
        boolean waitsForDependents;
        boolean orphans;
        boolean virtual;
        /** Proved not to exist any more; kept as long as dependents name it. */
        boolean absent;

        Node(String uid, String apiVersion, String kind, ObjectKey key) {
            this.uid = uid;
            this.apiVersion = apiVersion;
            this.kind = kind;
            this.key = key;
        }
    }

    /** The object exists, in this state. */
    synchronized Work seen(ResourceType<PartialObjectMetadata> type, PartialObjectMetadata object) {
        ObjectMeta metadata = object.getMetadata();
        String namespace = metadata.getNamespace() == null ? "" : metadata.getNamespace();
        Work work = Work.none();
        Node node = nodes.computeIfAbsent(
                metadata.getUid(),
                uid -> new Node(uid, type.apiVersion(), type.kind(), new ObjectKey(namespace, metadata.getName())));
        boolean wasVirtual = node.virtual;
        node.virtual = false;
        node.absent = false;
        node.type = type;
        node.apiVersion = type.apiVersion();
        node.kind = type.kind();
        node.key = new ObjectKey(namespace, metadata.getName());
        if (wasVirtual) {
            // Some dependents may have named it by a wrong address.
            mismatched(node).forEach(work.examine()::add);
        }
        own(node, references(metadata, namespace), work);
        List<String> finalizers = metadata.getFinalizers() == null ? List.of() : metadata.getFinalizers();
        boolean deleting = metadata.getDeletionTimestamp() != null;
        boolean waits = deleting && finalizers.contains(FOREGROUND);
        boolean orphans = deleting && finalizers.contains(ORPHAN);
        if (waits && !node.waitsForDependents) {
            work.examine().addAll(node.dependents);
            work.examine().add(node.uid);
        }
        if (orphans && !node.orphans) {
            work.orphan().add(node.uid);
        }
        node.beingDeleted = deleting;
        node.waitsForDependents = waits;
        node.orphans = orphans;
        return work;
    }

    private void own(Node node, List<Reference> references, Work work) {
        List<Reference> before = node.owners;
        if (before.equals(references)) {
            return;
        }
        node.owners = references;
        for (Reference reference : references) {
            Node owner = nodes.get(reference.uid());
            if (owner == null) {
                owner = new Node(
                        reference.uid(),
                        reference.apiVersion(),
                        reference.kind(),
                        new ObjectKey(reference.namespace(), reference.name()));
                owner.virtual = true;
                nodes.put(reference.uid(), owner);
                work.examine().add(owner.uid);
                work.examine().add(node.uid);
            } else if (owner.absent || !matches(reference, owner)) {
                // Nothing more will be heard of an owner that is gone.
                work.examine().add(node.uid);
            }
            owner.dependents.add(node.uid);
        }
        for (Reference old : before) {
            Node owner = nodes.get(old.uid());
            Optional<Reference> still = references.stream()
                    .filter(reference -> reference.uid().equals(old.uid()))
                    .findFirst();
            if (owner == null) {
                continue;
            }
            if (still.isEmpty()) {
                owner.dependents.remove(node.uid);
                dropUnneeded(owner);
            }
            if (old.blocks() && still.filter(Reference::blocks).isEmpty()) {
                work.examine().add(owner.uid);
            }
        }
    }

    private void dropUnneeded(Node owner) {
        if (owner.virtual && owner.dependents.isEmpty()) {
            nodes.remove(owner.uid);
        }
    }

    /** The object is gone for certain. */
    synchronized Work gone(String uid) {
        Work work = Work.none();
        Node node = nodes.remove(uid);
        if (node == null) {
            return work;
        }
        work.examine().addAll(node.dependents);
        for (Reference reference : node.owners) {
            Node owner = nodes.get(reference.uid());
            if (owner != null) {
                owner.dependents.remove(uid);
                if (owner.waitsForDependents) {
                    work.examine().add(owner.uid);
                }
                dropUnneeded(owner);
            }
        }
        if (!node.dependents.isEmpty()) {
            // It lives on as a name that its dependents hold.
            Node ghost = new Node(uid, node.apiVersion, node.kind, node.key);
            ghost.virtual = true;
            ghost.absent = true;
            ghost.dependents.addAll(node.dependents);
            nodes.put(uid, ghost);
        }
        return work;
    }

    /** The API does not know an owner that only its dependents named. */
    synchronized Work absent(String uid) {
        Work work = Work.none();
        Node node = nodes.get(uid);
        if (node != null && node.virtual) {
            node.absent = true;
            work.examine().addAll(node.dependents);
        }
        return work;
    }

    synchronized Optional<Item> find(String uid) {
        return Optional.ofNullable(nodes.get(uid)).map(OwnerGraph::item);
    }

    private static Item item(Node node) {
        return new Item(
                node.uid,
                node.type,
                node.apiVersion,
                node.kind,
                node.key,
                node.beingDeleted,
                node.waitsForDependents,
                node.virtual);
    }

    synchronized List<Item> dependents(String uid) {
        Node node = nodes.get(uid);
        return node == null
                ? List.of()
                : node.dependents.stream()
                        .map(nodes::get)
                        .filter(dependent -> dependent != null && !dependent.virtual)
                        .map(OwnerGraph::item)
                        .toList();
    }

    /** Dependents that the owner's foreground deletion has to wait for. */
    synchronized List<Item> blocking(String uid) {
        Node node = nodes.get(uid);
        if (node == null) {
            return List.of();
        }
        List<Item> blocking = new ArrayList<>();
        for (String dependent : node.dependents) {
            Node known = nodes.get(dependent);
            if (known != null
                    && known.owners.stream()
                            .anyMatch(reference -> reference.uid().equals(uid) && reference.blocks())) {
                blocking.add(item(known));
            }
        }
        return blocking;
    }

    /** What may have been missed while nobody looked: all that are not plainly held by a living owner. */
    synchronized Work everything() {
        Work work = Work.none();
        for (Node node : nodes.values()) {
            boolean held = node.owners.stream().allMatch(reference -> {
                Node owner = nodes.get(reference.uid());
                return owner != null && !owner.virtual && !owner.beingDeleted && matches(reference, owner);
            });
            if (node.virtual || node.waitsForDependents || !held) {
                work.examine().add(node.uid);
            }
            if (node.orphans) {
                work.orphan().add(node.uid);
            }
        }
        return work;
    }

    synchronized int size() {
        return nodes.size();
    }

    /** Uids of one resource, for when it is no longer served. */
    synchronized List<String> of(ResourceType<PartialObjectMetadata> type) {
        return nodes.values().stream()
                .filter(node -> type.equals(node.type))
                .map(node -> node.uid)
                .toList();
    }

    private List<String> mismatched(Node owner) {
        return owner.dependents.stream()
                .filter(uid -> {
                    Node dependent = nodes.get(uid);
                    return dependent != null
                            && dependent.owners.stream()
                                    .anyMatch(reference ->
                                            reference.uid().equals(owner.uid) && !matches(reference, owner));
                })
                .toList();
    }

    private static boolean matches(Reference reference, Node owner) {
        return reference.kind().equals(owner.kind)
                && group(reference.apiVersion()).equals(group(owner.apiVersion))
                && reference.name().equals(owner.key.name())
                && (owner.key.namespace().isEmpty() || owner.key.namespace().equals(reference.namespace()));
    }

    private static String group(String apiVersion) {
        int slash = apiVersion.indexOf('/');
        return slash < 0 ? "" : apiVersion.substring(0, slash);
    }

    static List<Reference> references(ObjectMeta metadata, String namespace) {
        return metadata.getOwnerReferences() == null
                ? List.of()
                : metadata.getOwnerReferences().stream()
                        .map(reference -> Reference.of(reference, namespace))
                        .toList();
    }
}
