package io.quarterdeck.api.admission.plugins;

import io.quarterdeck.api.admission.AdmissionPlugin;
import io.quarterdeck.api.admission.AdmissionRequest;
import io.quarterdeck.api.admission.AdmissionRequest.Operation;
import io.quarterdeck.api.cache.CachedObjects;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.ObjectKey;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import org.springframework.stereotype.Component;

/**
 * Writes the number behind a pod's priority class into the pod; keeps the system's classes and a single default.
 *
 * <p>Source: Kubernetes documentation, "Pod Priority and Preemption".
 */
@Component
final class PriorityPlugin implements AdmissionPlugin {

    private static final String GROUP = "scheduling.k8s.io";
    private static final GroupResource CLASSES = new GroupResource(GROUP, "priorityclasses");
    private static final Set<String> SYSTEM = Set.of("system-node-critical", "system-cluster-critical");
    private static final String PREEMPT = "PreemptLowerPriority";

    private final CachedObjects objects;

    PriorityPlugin(CachedObjects objects) {
        this.objects = objects;
    }

    @Override
    public String name() {
        return "Priority";
    }

    @Override
    public void mutate(AdmissionRequest request) {
        if (request.is(Operation.CREATE, "", "pods")) {
            resolve(request, request.body());
        } else if (request.is(Operation.UPDATE, "", "pods")) {
            Document pod = request.body();
            for (String field : new String[] {"spec.priority", "spec.preemptionPolicy"}) {
                if (!pod.has(field)) {
                    pod.keep(field, request.stored());
                }
            }
        }
    }

    private void resolve(AdmissionRequest request, Document pod) {
        String className = pod.text("spec.priorityClassName");
        Optional<Document> chosen;
        if (className.isEmpty()) {
            chosen = defaultClass();
            chosen.ifPresent(found -> pod.set("spec.priorityClassName", found.name()));
        } else {
            chosen = objects.find(CLASSES, ObjectKey.clusterScoped(className));
            if (chosen.isEmpty()) {
                throw request.forbidden("no PriorityClass with name " + className + " was found");
            }
        }
        long priority = chosen.map(found -> found.number("value", 0)).orElse(0L);
        String policy = chosen.map(found -> found.text("preemptionPolicy"))
                .filter(text -> !text.isEmpty())
                .orElse(PREEMPT);
        if (pod.has("spec.priority") && pod.number("spec.priority", 0) != priority) {
            throw request.forbidden(
                    "the integer value of priority (%d) must not be provided in pod spec; priority admission controller computed %d from the given PriorityClass name"
                            .formatted(pod.number("spec.priority", 0), priority));
        }
        pod.set("spec.priority", priority);
        String given = pod.text("spec.preemptionPolicy");
        if (!given.isEmpty() && !given.equals(policy)) {
            throw request.forbidden(
                    "the string value of PreemptionPolicy (%s) must not be provided in pod spec; priority admission controller computed %s from the given PriorityClass name"
                            .formatted(given, policy));
        }
        pod.set("spec.preemptionPolicy", policy);
    }

    /** With several defaults, which only a race can make, the lowest. */
    private Optional<Document> defaultClass() {
        return objects.list(CLASSES, "").stream()
                .filter(found -> found.flag("globalDefault"))
                .min(Comparator.comparingLong(found -> found.number("value", 0)));
    }

    @Override
    public void validate(AdmissionRequest request) {
        if (request.is(Operation.DELETE, GROUP, "priorityclasses")) {
            if (SYSTEM.contains(request.request().key().name())) {
                throw request.forbidden("this is a system priority class and cannot be deleted");
            }
            return;
        }
        if ((request.is(Operation.CREATE, GROUP, "priorityclasses")
                        || request.is(Operation.UPDATE, GROUP, "priorityclasses"))
                && request.body().flag("globalDefault")) {
            defaultClass()
                    .filter(other -> !other.name().equals(request.body().name()))
                    .ifPresent(other -> {
                        throw request.forbidden("PriorityClass " + other.name()
                                + " is already marked as default. Only one default can exist");
                    });
        }
    }
}
