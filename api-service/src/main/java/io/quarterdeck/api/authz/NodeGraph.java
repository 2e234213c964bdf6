package io.quarterdeck.api.authz;

import io.quarterdeck.api.authz.PodReferences.Reference;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.ObjectKey;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Which objects each node has to do with: those that its pods name, the volumes behind their claims, and what carries
 * the node's name itself. Changed by one thread at a time, read by any.
 */
final class NodeGraph {

    static final GroupResource VOLUMES = new GroupResource("", "persistentvolumes");
    static final GroupResource ATTACHMENTS = new GroupResource("storage.k8s.io", "volumeattachments");
    static final GroupResource SLICES = new GroupResource("resource.k8s.io", "resourceslices");

    private record Edge(String node, Reference reference) {}

    private record Volume(ObjectKey claim, Set<ObjectKey> secrets) {}

    private final Map<ObjectKey, PodReferences> pods = new HashMap<>();
    /** How many pods of the node name the object. */
    private final Map<Edge, Integer> edges = new ConcurrentHashMap<>();

    private final Map<String, Volume> volumes = new ConcurrentHashMap<>();
    private final Map<ObjectKey, Set<String>> volumesOfSecret = new ConcurrentHashMap<>();
    /** Cluster-scoped objects that name their node. */
    private final Map<Reference, String> nodeOf = new ConcurrentHashMap<>();

    boolean related(String node, GroupResource resource, String namespace, String name) {
        ObjectKey key = new ObjectKey(namespace, name);
        Reference reference = new Reference(resource, key);
        if (edges.containsKey(new Edge(node, reference)) || node.equals(nodeOf.get(reference))) {
            return true;
        }
        if (resource.equals(VOLUMES)) {
            return runsWith(node, volumes.get(name));
        }
        return resource.equals(PodReferences.SECRETS)
                && volumesOfSecret.getOrDefault(key, Set.of()).stream()
                        .anyMatch(volume -> runsWith(node, volumes.get(volume)));
    }

    private boolean runsWith(String node, @Nullable Volume volume) {
        return volume != null && edges.containsKey(new Edge(node, new Reference(PodReferences.CLAIMS, volume.claim())));
    }

    void putPod(ObjectKey key, Document document) {
        PodReferences next = PodReferences.of(key, document);
        PodReferences before = pods.get(key);
        if (next.equals(before)) {
            return;
        }
        // What the pod still needs must at no moment be missing: add first, then take away.
        next.references().forEach(reference -> edges.merge(new Edge(next.node(), reference), 1, Integer::sum));
        drop(before);
        pods.put(key, next);
    }

    void removePod(ObjectKey key) {
        drop(pods.remove(key));
    }

    private void drop(@Nullable PodReferences pod) {
        if (pod != null) {
            pod.references()
                    .forEach(reference -> edges.computeIfPresent(
                            new Edge(pod.node(), reference), (edge, count) -> count == 1 ? null : count - 1));
        }
    }

    void putVolume(String name, Document document) {
        removeVolume(name);
        String namespace = document.text("spec.claimRef.namespace");
        Set<ObjectKey> secrets = new HashSet<>();
        document.at("spec")
                .properties()
                .forEach(source -> source.getValue().properties().forEach(field -> {
                    String secret = field.getKey().endsWith("ecretRef")
                            ? field.getValue().path("name").asString("")
                            : "";
                    if (!secret.isEmpty()) {
                        String own = field.getValue().path("namespace").asString("");
                        secrets.add(ObjectKey.namespaced(own.isEmpty() ? namespace : own, secret));
                    }
                }));
        volumes.put(name, new Volume(ObjectKey.namespaced(namespace, document.text("spec.claimRef.name")), secrets));
        secrets.forEach(secret -> volumesOfSecret
                .computeIfAbsent(secret, key -> ConcurrentHashMap.newKeySet())
                .add(name));
    }

    void removeVolume(String name) {
        Volume volume = volumes.remove(name);
        if (volume != null) {
            volume.secrets()
                    .forEach(secret -> volumesOfSecret.computeIfPresent(secret, (key, names) -> {
                        names.remove(name);
                        return names.isEmpty() ? null : names;
                    }));
        }
    }

    void putOwned(GroupResource resource, String name, String node) {
        nodeOf.put(new Reference(resource, ObjectKey.clusterScoped(name)), node);
    }

    void removeOwned(GroupResource resource, String name) {
        nodeOf.remove(new Reference(resource, ObjectKey.clusterScoped(name)));
    }

    void clear() {
        pods.clear();
        edges.clear();
        volumes.clear();
        volumesOfSecret.clear();
        nodeOf.clear();
    }
}
