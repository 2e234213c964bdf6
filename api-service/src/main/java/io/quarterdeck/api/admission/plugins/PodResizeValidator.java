package io.quarterdeck.api.admission.plugins;

import io.quarterdeck.api.admission.AdmissionPlugin;
import io.quarterdeck.api.admission.AdmissionRequest;
import io.quarterdeck.api.cache.CachedObjects;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.model.GoQuote;
import io.quarterdeck.model.Quantity;
import io.quarterdeck.model.StatusException;
import io.quarterdeck.model.StatusException.Cause;
import io.quarterdeck.model.StatusException.Details;
import io.quarterdeck.quota.PodResources;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;

/**
 * A pod does not grow beyond what its node has for all pods together, and only on Linux.
 *
 * <p>Source: Kubernetes documentation, "Resize CPU and Memory Resources assigned to Containers"; KEP-1287.
 */
@Component
final class PodResizeValidator implements AdmissionPlugin {

    private final CachedObjects objects;

    PodResizeValidator(CachedObjects objects) {
        this.objects = objects;
    }

    @Override
    public String name() {
        return "PodResizeValidator";
    }

    @Override
    public void validate(AdmissionRequest request) {
        if (!BoundPods.changes(request, List.of("resize"))) {
            return;
        }
        Document node = BoundPods.node(request, objects);
        String system = node.labels().getOrDefault("kubernetes.io/os", "linux");
        if (!system.equals("linux")) {
            throw refusal(
                    request,
                    "UnsupportedPlatform",
                    "pod resize is only supported on linux nodes, node %s is %s"
                            .formatted(GoQuote.quote(node.name()), GoQuote.quote(system)));
        }
        List<String> lacking = lacking(request.body(), node);
        if (!lacking.isEmpty()) {
            throw refusal(
                    request,
                    "NodeCapacity",
                    "node didn't have enough allocatable resources: " + String.join("; ", lacking));
        }
    }

    private static List<String> lacking(Document pod, Document node) {
        Map<String, Quantity> requests = PodResources.totalWithOverhead(pod.tree(), "requests");
        Map<String, Quantity> allocatable = PodResources.amounts(node.at("status.allocatable"));
        List<String> lacking = new ArrayList<>();
        Quantity processors = requests.getOrDefault("cpu", Quantity.ZERO);
        Quantity ofNode = allocatable.getOrDefault("cpu", Quantity.ZERO);
        if (processors.compareTo(ofNode) > 0) {
            lacking.add("cpu, requested: %d, allocatable: %d".formatted(processors.milliValue(), ofNode.milliValue()));
        }
        Quantity memory = requests.getOrDefault("memory", Quantity.ZERO);
        Quantity memoryOfNode = allocatable.getOrDefault("memory", Quantity.ZERO);
        if (memory.compareTo(memoryOfNode) > 0) {
            lacking.add(
                    "memory, requested: %d, allocatable: %d".formatted(memory.longValue(), memoryOfNode.longValue()));
        }
        return lacking;
    }

    private static StatusException refusal(AdmissionRequest request, String cause, String why) {
        StatusException refusal = request.forbidden(why);
        Details details = Details.of(request.resource().resource(), request.shownName());
        return new StatusException(
                refusal.code(), refusal.reason(), refusal.text(), details.with(List.of(new Cause(cause, "", ""))));
    }
}
