package io.quarterdeck.api.authz;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.ObjectKey;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * What a pod needs of the API, so that the node that runs it may read that, and no other's.
 *
 * @param node the node that the pod is bound to
 */
record PodReferences(String node, Set<Reference> references) {

    static final GroupResource PODS = new GroupResource("", "pods");
    static final GroupResource SECRETS = new GroupResource("", "secrets");
    static final GroupResource CONFIG_MAPS = new GroupResource("", "configmaps");
    static final GroupResource CLAIMS = new GroupResource("", "persistentvolumeclaims");
    static final GroupResource SERVICE_ACCOUNTS = new GroupResource("", "serviceaccounts");
    static final GroupResource RESOURCE_CLAIMS = new GroupResource("resource.k8s.io", "resourceclaims");

    private static final String MIRROR = "kubernetes.io/config.mirror";

    /** Fields that name a secret or config map wherever they stand in a pod, and the field of the name in them. */
    private static final Map<String, GroupResource> BY_FIELD = Map.of(
            "secretRef", SECRETS,
            "secretKeyRef", SECRETS,
            "nodePublishSecretRef", SECRETS,
            "imagePullSecrets", SECRETS,
            "secret", SECRETS,
            "azureFile", SECRETS,
            "configMapRef", CONFIG_MAPS,
            "configMapKeyRef", CONFIG_MAPS,
            "configMap", CONFIG_MAPS);

    record Reference(GroupResource resource, ObjectKey key) {}

    static PodReferences of(ObjectKey pod, Document document) {
        Set<Reference> found = new HashSet<>();
        found.add(new Reference(PODS, pod));
        String node = document.text("spec.nodeName");
        // A mirror pod only shows what a node runs anyway: it gives the node nothing.
        if (document.annotation(MIRROR) != null) {
            return new PodReferences(node, found);
        }
        String namespace = pod.namespace();
        String account = document.text("spec.serviceAccountName");
        if (!account.isEmpty()) {
            found.add(new Reference(SERVICE_ACCOUNTS, ObjectKey.namespaced(namespace, account)));
        }
        for (JsonNode volume : document.items("spec.volumes")) {
            String claim =
                    volume.path("persistentVolumeClaim").path("claimName").asString("");
            if (!claim.isEmpty()) {
                found.add(new Reference(CLAIMS, ObjectKey.namespaced(namespace, claim)));
            }
            if (volume.has("ephemeral")) {
                found.add(new Reference(
                        CLAIMS,
                        ObjectKey.namespaced(
                                namespace,
                                pod.name() + "-" + volume.path("name").asString(""))));
            }
        }
        for (JsonNode claim : document.items("status.resourceClaimStatuses")) {
            add(found, RESOURCE_CLAIMS, namespace, claim.path("resourceClaimName"));
        }
        for (JsonNode claim : document.items("spec.resourceClaims")) {
            add(found, RESOURCE_CLAIMS, namespace, claim.path("resourceClaimName"));
        }
        walk(found, namespace, document.at("spec"));
        return new PodReferences(node, found);
    }

    private static void walk(Set<Reference> found, String namespace, JsonNode node) {
        if (node.isArray()) {
            node.forEach(element -> walk(found, namespace, element));
        } else if (node.isObject()) {
            node.properties().forEach(field -> {
                GroupResource resource = BY_FIELD.get(field.getKey());
                if (resource != null) {
                    if (field.getValue().isArray()) {
                        field.getValue().forEach(element -> add(found, resource, namespace, element.path("name")));
                    } else {
                        add(found, resource, namespace, field.getValue().path("name"));
                        add(found, resource, namespace, field.getValue().path("secretName"));
                    }
                }
                walk(found, namespace, field.getValue());
            });
        }
    }

    private static void add(Set<Reference> found, GroupResource resource, String namespace, JsonNode name) {
        if (name.isString() && !name.stringValue().isEmpty()) {
            found.add(new Reference(resource, ObjectKey.namespaced(namespace, name.stringValue())));
        }
    }
}
