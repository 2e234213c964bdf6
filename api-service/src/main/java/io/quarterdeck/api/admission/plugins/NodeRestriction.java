package io.quarterdeck.api.admission.plugins;

import io.quarterdeck.api.admission.AdmissionPlugin;
import io.quarterdeck.api.admission.AdmissionRequest;
import io.quarterdeck.api.admission.AdmissionRequest.Operation;
import io.quarterdeck.api.authz.NodeAuthorizer;
import io.quarterdeck.api.cache.CachedObjects;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.ObjectKey;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.springframework.stereotype.Component;

/**
 * What the node authorizer cannot see because it stands in the object: a node writes only itself, its lease, and the
 * pods bound to it.
 *
 * <p>Source: Kubernetes documentation, "NodeRestriction"; KEP-279.
 */
@Component
final class NodeRestriction implements AdmissionPlugin {

    private static final GroupResource PODS = new GroupResource("", "pods");

    /** Labels under kubernetes.io and k8s.io that a node may give itself. */
    private static final Set<String> OWN_LABELS = Set.of(
            "kubernetes.io/hostname",
            "topology.kubernetes.io/zone",
            "topology.kubernetes.io/region",
            "failure-domain.beta.kubernetes.io/zone",
            "failure-domain.beta.kubernetes.io/region",
            "node.kubernetes.io/instance-type",
            "beta.kubernetes.io/instance-type",
            "kubernetes.io/os",
            "kubernetes.io/arch",
            "beta.kubernetes.io/os",
            "beta.kubernetes.io/arch",
            "node.kubernetes.io/windows-build");

    private static final List<String> OWN_PREFIXES = List.of("kubelet.kubernetes.io", "node.kubernetes.io");

    private final CachedObjects objects;

    NodeRestriction(CachedObjects objects) {
        this.objects = objects;
    }

    @Override
    public String name() {
        return "NodeRestriction";
    }

    @Override
    public void mutate(AdmissionRequest request) {
        Optional<String> node = NodeAuthorizer.nodeOf(request.request().user());
        if (node.isEmpty()) {
            return;
        }
        switch (request.resource().group() + "/" + request.resource().plural()) {
            case "/pods" -> pods(node.get(), request);
            case "/nodes" -> nodes(node.get(), request);
            case "/serviceaccounts" -> tokens(node.get(), request);
            case "coordination.k8s.io/leases" -> leases(node.get(), request);
            case "storage.k8s.io/csinodes" -> named(node.get(), request, "CSINode");
            case "resource.k8s.io/resourceslices" -> slices(node.get(), request);
            case "certificates.k8s.io/certificatesigningrequests" -> {
                // The signer looks at what a node asks for.
            }
            default -> {
                // Nothing else is told apart by node.
            }
        }
    }

    private void pods(String node, AdmissionRequest request) {
        switch (request.request().subresource()) {
            case "" -> {
                if (request.operation() == Operation.CREATE) {
                    createPod(node, request);
                } else if (request.operation() == Operation.DELETE) {
                    Document pod = request.stored();
                    if (!pod.text("spec.nodeName").equals(node)) {
                        throw request.forbidden(
                                "node \"%s\" can only delete pods with spec.nodeName set to itself".formatted(node));
                    }
                } else {
                    throw request.forbidden(
                            "unexpected operation \"%s\", node \"%s\" can only create and delete mirror pods"
                                    .formatted(request.operation(), node));
                }
            }
            case "status" -> {
                if (!request.stored().text("spec.nodeName").equals(node)) {
                    throw request.forbidden(
                            "node \"%s\" can only update pod status for pods with spec.nodeName set to itself"
                                    .formatted(node));
                }
                if (!request.body().labels().equals(request.stored().labels())) {
                    throw request.forbidden("node \"%s\" cannot update labels through pod status".formatted(node));
                }
            }
            case "eviction" -> {
                ObjectKey key = request.request().key();
                boolean own = objects.find(PODS, key)
                        .map(pod -> pod.text("spec.nodeName").equals(node))
                        .orElse(true);
                if (!own) {
                    throw request.forbidden(
                            "node %s can only evict pods with spec.nodeName set to itself".formatted(node));
                }
            }
            default ->
                throw request.forbidden("unexpected pod subresource \"%s\", only 'status' and 'eviction' are allowed"
                        .formatted(request.request().subresource()));
        }
    }

    private void createPod(String node, AdmissionRequest request) {
        Document pod = request.body();
        if (!PodContainers.isMirror(pod)) {
            throw request.forbidden("pod does not have \"%s\" annotation, node \"%s\" can only create mirror pods"
                    .formatted(PodContainers.MIRROR, node));
        }
        if (!pod.text("spec.nodeName").equals(node)) {
            throw request.forbidden(
                    "node \"%s\" can only create pods with spec.nodeName set to itself".formatted(node));
        }
        if (!pod.text("spec.serviceAccountName").isEmpty()) {
            throw request.forbidden("node \"%s\" can not create pods that reference a service account".formatted(node));
        }
    }

    private static void nodes(String node, AdmissionRequest request) {
        String name = request.request().key().name();
        String requested =
                name.isEmpty() && request.object() != null ? request.object().name() : name;
        if (!requested.equals(node)) {
            throw request.forbidden("node \"%s\" is not allowed to modify node \"%s\"".formatted(node, requested));
        }
        if (request.operation() == Operation.CREATE) {
            Document created = request.body();
            if (created.has("spec.configSource")) {
                throw request.forbidden(
                        "node \"%s\" is not allowed to create pods with a non-nil configSource".formatted(node));
            }
            labels(node, request, Map.of(), created.labels());
        } else if (request.operation() == Operation.UPDATE) {
            Document next = request.body();
            Document old = request.stored();
            if (!next.items("spec.taints").equals(old.items("spec.taints"))) {
                throw request.forbidden("node \"%s\" is not allowed to modify taints".formatted(node));
            }
            if (!next.items("metadata.ownerReferences").equals(old.items("metadata.ownerReferences"))) {
                throw request.forbidden("node \"%s\" is not allowed to modify ownerReferences".formatted(node));
            }
            labels(node, request, old.labels(), next.labels());
        }
    }

    private static void labels(
            String node, AdmissionRequest request, Map<String, String> before, Map<String, String> after) {
        Set<String> changed = new TreeSet<>();
        after.forEach((key, value) -> {
            if (!value.equals(before.get(key))) {
                changed.add(key);
            }
        });
        before.keySet().stream().filter(key -> !after.containsKey(key)).forEach(changed::add);
        Set<String> forbidden = new TreeSet<>(
                changed.stream().filter(NodeRestriction::isForbidden).toList());
        if (!forbidden.isEmpty()) {
            throw request.forbidden(
                    before.isEmpty() && request.operation() == Operation.CREATE
                            ? "node \"%s\" is not allowed to set the following labels: %s"
                                    .formatted(node, String.join(", ", forbidden))
                            : "is not allowed to modify labels: " + String.join(", ", forbidden));
        }
    }

    private static boolean isForbidden(String label) {
        int slash = label.indexOf('/');
        String namespace = slash < 0 ? "" : label.substring(0, slash);
        if (namespace.equals("node-restriction.kubernetes.io")
                || namespace.endsWith(".node-restriction.kubernetes.io")) {
            return true;
        }
        boolean kubernetes = namespace.equals("kubernetes.io")
                || namespace.endsWith(".kubernetes.io")
                || namespace.equals("k8s.io")
                || namespace.endsWith(".k8s.io");
        return kubernetes
                && !OWN_LABELS.contains(label)
                && OWN_PREFIXES.stream()
                        .noneMatch(prefix -> namespace.equals(prefix) || namespace.endsWith("." + prefix));
    }

    /** A node asks for tokens of the accounts of its pods only, each bound to such a pod. */
    private void tokens(String node, AdmissionRequest request) {
        if (!request.request().subresource().equals("token") || request.object() == null) {
            return;
        }
        Document body = request.body();
        String name = body.text("spec.boundObjectRef.name");
        if (!body.text("spec.boundObjectRef.kind").equals("Pod") || name.isEmpty()) {
            throw request.forbidden("node requested token not bound to a pod");
        }
        String uid = body.text("spec.boundObjectRef.uid");
        if (uid.isEmpty()) {
            throw request.forbidden("node requested token with a pod binding without a uid");
        }
        ObjectKey key = ObjectKey.namespaced(request.request().key().namespace(), name);
        Document pod = objects.find(PODS, key).orElseThrow(() -> request.forbidden("pod \"" + name + "\" not found"));
        if (!pod.uid().equals(uid)) {
            throw request.forbidden(
                    "the UID in the bound object reference (%s) does not match the UID in record. The object might have been deleted and then recreated"
                            .formatted(uid));
        }
        if (!pod.text("spec.nodeName").equals(node)) {
            throw request.forbidden("node requested token bound to a pod scheduled on a different node");
        }
    }

    private static void leases(String node, AdmissionRequest request) {
        if (!request.request().key().namespace().equals("kube-node-lease")) {
            throw request.forbidden("can only access leases in the \"kube-node-lease\" system namespace");
        }
        named(node, request, "node lease");
    }

    private static void named(String node, AdmissionRequest request, String what) {
        String name = request.request().key().name().isEmpty() && request.object() != null
                ? request.object().name()
                : request.request().key().name();
        if (!name.equals(node)) {
            throw request.forbidden("can only access " + what + " with the same name as the requesting node");
        }
    }

    private static void slices(String node, AdmissionRequest request) {
        Document slice = request.operation() == Operation.DELETE ? request.stored() : request.body();
        if (!slice.text("spec.nodeName").equals(node)) {
            throw request.forbidden(
                    request.operation() == Operation.CREATE
                            ? "can only create ResourceSlice with the same NodeName as the requesting node"
                            : "can only delete ResourceSlice with the same NodeName as the requesting node");
        }
    }
}
