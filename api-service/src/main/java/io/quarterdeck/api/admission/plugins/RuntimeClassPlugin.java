package io.quarterdeck.api.admission.plugins;

import io.quarterdeck.api.admission.AdmissionPlugin;
import io.quarterdeck.api.admission.AdmissionRequest;
import io.quarterdeck.api.admission.AdmissionRequest.Operation;
import io.quarterdeck.api.cache.CachedObjects;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.ObjectKey;
import java.util.Map;
import java.util.Optional;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Writes into a pod what its runtime class costs and where that can run. */
@Component
final class RuntimeClassPlugin implements AdmissionPlugin {

    private static final GroupResource CLASSES = new GroupResource("node.k8s.io", "runtimeclasses");

    private final CachedObjects objects;

    RuntimeClassPlugin(CachedObjects objects) {
        this.objects = objects;
    }

    @Override
    public String name() {
        return "RuntimeClass";
    }

    @Override
    public void mutate(AdmissionRequest request) {
        if (!request.is(Operation.CREATE, "", "pods")) {
            return;
        }
        Document pod = request.body();
        Optional<Document> runtimeClass = runtimeClass(request, pod);
        if (runtimeClass.isEmpty()) {
            return;
        }
        JsonNode overhead = runtimeClass.get().at("overhead.podFixed");
        if (overhead.isObject()) {
            if (pod.has("spec.overhead") && !pod.at("spec.overhead").equals(overhead)) {
                throw request.forbidden("pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead");
            }
            pod.set("spec.overhead", overhead.deepCopy());
        }
        schedule(request, pod, runtimeClass.get());
    }

    private static void schedule(AdmissionRequest request, Document pod, Document runtimeClass) {
        Map<String, String> own = pod.strings("spec.nodeSelector");
        runtimeClass.strings("scheduling.nodeSelector").forEach((key, value) -> {
            String present = own.get(key);
            if (present != null && !present.equals(value)) {
                throw request.forbidden(
                        "conflict: runtimeClass.scheduling.nodeSelector[%s] = %s; pod.spec.nodeSelector[%s] = %s"
                                .formatted(key, value, key, present));
            }
            ObjectNode selector = pod.object("spec.nodeSelector");
            selector.put(key, value);
        });
        for (JsonNode toleration : runtimeClass.items("scheduling.tolerations")) {
            if (!pod.items("spec.tolerations").contains(toleration)) {
                ArrayNode tolerations = pod.at("spec.tolerations") instanceof ArrayNode array
                        ? array
                        : pod.object("spec").putArray("tolerations");
                tolerations.add(toleration.deepCopy());
            }
        }
    }

    @Override
    public void validate(AdmissionRequest request) {
        if (!request.is(Operation.CREATE, "", "pods")) {
            return;
        }
        Document pod = request.body();
        Optional<Document> runtimeClass = runtimeClass(request, pod);
        if (runtimeClass.isPresent()
                && runtimeClass.get().at("overhead.podFixed").isObject()) {
            if (!runtimeClass.get().at("overhead.podFixed").equals(pod.at("spec.overhead"))) {
                throw request.forbidden("pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead");
            }
        } else if (pod.at("spec.overhead").size() > 0) {
            throw request.forbidden(
                    "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead");
        }
    }

    private Optional<Document> runtimeClass(AdmissionRequest request, Document pod) {
        String name = pod.text("spec.runtimeClassName");
        if (name.isEmpty()) {
            return Optional.empty();
        }
        Optional<Document> found = objects.find(CLASSES, ObjectKey.clusterScoped(name));
        if (found.isEmpty()) {
            throw request.forbidden("pod rejected: RuntimeClass \"" + name + "\" not found");
        }
        return found;
    }
}
