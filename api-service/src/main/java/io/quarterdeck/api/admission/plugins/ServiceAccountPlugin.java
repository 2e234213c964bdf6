package io.quarterdeck.api.admission.plugins;

import io.quarterdeck.api.admission.AdmissionPlugin;
import io.quarterdeck.api.admission.AdmissionRequest;
import io.quarterdeck.api.admission.AdmissionRequest.Operation;
import io.quarterdeck.api.cache.CachedObjects;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.ObjectKey;
import java.security.SecureRandom;
import java.util.List;
import java.util.random.RandomGenerator;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Gives each pod a service account, and each container that account's token, the cluster's authority and the namespace.
 *
 * <p>Source: Kubernetes documentation, "Managing Service Accounts", admission controller.
 */
@Component
final class ServiceAccountPlugin implements AdmissionPlugin {

    private static final GroupResource SERVICE_ACCOUNTS = new GroupResource("", "serviceaccounts");
    private static final String MOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";
    private static final String PREFIX = "kube-api-access-";
    private static final String ALPHABET = "bcdfghjklmnpqrstvwxz2456789";
    private static final String MOUNTABLE_ONLY = "kubernetes.io/enforce-mountable-secrets";

    private final CachedObjects objects;
    private final RandomGenerator random;

    @Autowired
    ServiceAccountPlugin(CachedObjects objects) {
        this(objects, new SecureRandom());
    }

    ServiceAccountPlugin(CachedObjects objects, RandomGenerator random) {
        this.objects = objects;
        this.random = random;
    }

    @Override
    public String name() {
        return "ServiceAccount";
    }

    @Override
    public void mutate(AdmissionRequest request) {
        if (!request.is(Operation.CREATE, "", "pods")) {
            return;
        }
        Document pod = request.body();
        if (PodContainers.isMirror(pod)) {
            validate(request);
            return;
        }
        String name = pod.text("spec.serviceAccountName");
        if (name.isEmpty()) {
            name = "default";
            pod.set("spec.serviceAccountName", name);
        }
        // The deprecated name of the field says the same.
        pod.set("spec.serviceAccount", name);
        Document account = account(request, name);
        if (mounts(pod, account)) {
            mountToken(pod);
        }
        if (pod.items("spec.imagePullSecrets").isEmpty()
                && account.has("imagePullSecrets")
                && !account.items("imagePullSecrets").isEmpty()) {
            pod.set("spec.imagePullSecrets", account.at("imagePullSecrets").deepCopy());
        }
    }

    private Document account(AdmissionRequest request, String name) {
        String namespace = request.request().key().namespace();
        return objects.find(SERVICE_ACCOUNTS, ObjectKey.namespaced(namespace, name))
                .orElseThrow(() ->
                        request.forbidden("error looking up service account %s/%s: serviceaccount \"%s\" not found"
                                .formatted(namespace, name, name)));
    }

    private static boolean mounts(Document pod, Document account) {
        if (pod.has("spec.automountServiceAccountToken")) {
            return pod.flag("spec.automountServiceAccountToken");
        }
        return !account.has("automountServiceAccountToken") || account.flag("automountServiceAccountToken");
    }

    private void mountToken(Document pod) {
        String volume = "";
        for (JsonNode existing : pod.items("spec.volumes")) {
            if (existing.path("name").asString("").startsWith(PREFIX) && existing.has("projected")) {
                volume = existing.path("name").asString("");
            }
        }
        boolean present = !volume.isEmpty();
        String name = present ? volume : PREFIX + suffix();
        boolean needed = false;
        for (ObjectNode container : PodContainers.initAndMain(pod)) {
            ArrayNode mounts = container.get("volumeMounts") instanceof ArrayNode array
                    ? array
                    : container.putArray("volumeMounts");
            boolean taken = false;
            for (JsonNode mount : mounts) {
                taken |= mount.path("mountPath").asString("").equals(MOUNT);
            }
            if (!taken) {
                mounts.addObject().put("name", name).put("readOnly", true).put("mountPath", MOUNT);
                needed = true;
            }
        }
        if (needed && !present) {
            ArrayNode volumes = pod.at("spec.volumes") instanceof ArrayNode array
                    ? array
                    : pod.object("spec").putArray("volumes");
            volumes.add(tokenVolume(name));
        }
    }

    private static ObjectNode tokenVolume(String name) {
        ObjectNode volume = JsonNodeFactory.instance.objectNode();
        volume.put("name", name);
        ObjectNode projected = volume.putObject("projected");
        ArrayNode sources = projected.putArray("sources");
        // A little over an hour, so that the kubelet's renewal at 80 % never meets an expired token.
        sources.addObject()
                .putObject("serviceAccountToken")
                .put("expirationSeconds", 3607)
                .put("path", "token");
        ObjectNode authority = sources.addObject().putObject("configMap");
        authority.put("name", "kube-root-ca.crt");
        authority.putArray("items").addObject().put("key", "ca.crt").put("path", "ca.crt");
        sources.addObject()
                .putObject("downwardAPI")
                .putArray("items")
                .addObject()
                .put("path", "namespace")
                .putObject("fieldRef")
                .put("apiVersion", "v1")
                .put("fieldPath", "metadata.namespace");
        projected.put("defaultMode", 420);
        return volume;
    }

    private String suffix() {
        StringBuilder suffix = new StringBuilder();
        for (int i = 0; i < 5; i++) {
            suffix.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        }
        return suffix.toString();
    }

    @Override
    public void validate(AdmissionRequest request) {
        if (!request.is(Operation.CREATE, "", "pods")) {
            return;
        }
        Document pod = request.body();
        if (PodContainers.isMirror(pod)) {
            mirror(request, pod);
            return;
        }
        Document account = account(request, pod.text("spec.serviceAccountName"));
        if ("true".equals(account.annotation(MOUNTABLE_ONLY))) {
            mountableOnly(request, pod, account);
        }
    }

    /** What a node shows of its own static pods cannot reach for anything of the cluster. */
    private static void mirror(AdmissionRequest request, Document pod) {
        if (!pod.text("spec.serviceAccountName").isEmpty()) {
            throw request.forbidden("a mirror pod may not reference service accounts");
        }
        if (pod.items("spec.volumes").stream().anyMatch(volume -> volume.has("secret"))) {
            throw request.forbidden("a mirror pod may not reference secrets");
        }
        for (JsonNode volume : pod.items("spec.volumes")) {
            for (JsonNode source : volume.path("projected").path("sources")) {
                if (source.has("serviceAccountToken")) {
                    throw request.forbidden("a mirror pod may not use ServiceAccountToken volume projections");
                }
            }
        }
    }

    private static void mountableOnly(AdmissionRequest request, Document pod, Document account) {
        List<String> mountable = names(account.items("secrets"));
        for (JsonNode volume : pod.items("spec.volumes")) {
            String secret = volume.path("secret").path("secretName").asString("");
            if (!secret.isEmpty() && !mountable.contains(secret)) {
                throw request.forbidden(
                        "volume with secret.secretName=\"%s\" is not allowed because service account %s does not reference that secret"
                                .formatted(secret, account.name()));
            }
        }
        for (ObjectNode container : PodContainers.initAndMain(pod)) {
            for (JsonNode variable : container.path("env")) {
                String secret = variable.path("valueFrom")
                        .path("secretKeyRef")
                        .path("name")
                        .asString("");
                if (!secret.isEmpty() && !mountable.contains(secret)) {
                    throw request.forbidden(
                            "container %s with envVar %s referencing secret.secretName=\"%s\" is not allowed because service account %s does not reference that secret"
                                    .formatted(
                                            container.path("name").asString(""),
                                            variable.path("name").asString(""),
                                            secret,
                                            account.name()));
                }
            }
        }
        List<String> pullable = names(account.items("imagePullSecrets"));
        for (String secret : names(pod.items("spec.imagePullSecrets"))) {
            if (!pullable.contains(secret)) {
                throw request.forbidden(
                        "imagePullSecrets[0].name=\"%s\" is not allowed because service account %s does not reference that imagePullSecret"
                                .formatted(secret, account.name()));
            }
        }
    }

    private static List<String> names(List<JsonNode> references) {
        return references.stream()
                .map(reference -> reference.path("name").asString(""))
                .toList();
    }
}
