package io.quarterdeck.api.admission.plugins;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.Quantity;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/**
 * How much of a quota an object uses, under the names that quotas know. Pure.
 *
 * <p>Source: Kubernetes documentation, "Resource Quotas".
 */
final class QuotaUsage {

    /** Core kinds that quotas count by their plain name, too. */
    private static final Set<String> BY_PLURAL = Set.of(
            "configmaps", "secrets", "services", "replicationcontrollers", "resourcequotas", "persistentvolumeclaims");

    private static final Quantity ONE = Quantity.of(1);

    private QuotaUsage() {}

    static Map<String, Quantity> of(GroupResource resource, Document object) {
        Map<String, Quantity> usage = new TreeMap<>();
        boolean core = resource.group().isEmpty();
        usage.put("count/" + resource, ONE);
        if (core && BY_PLURAL.contains(resource.resource())) {
            usage.put(resource.resource(), ONE);
        }
        if (core) {
            switch (resource.resource()) {
                case "services" -> service(object, usage);
                case "persistentvolumeclaims" -> claim(object, usage);
                case "pods" -> pod(object, usage);
                default -> {
                    // Only counted.
                }
            }
        }
        return usage;
    }

    private static void service(Document service, Map<String, Quantity> usage) {
        int ports = service.items("spec.ports").size();
        String type = service.text("spec.type");
        boolean balanced = type.equals("LoadBalancer");
        boolean allocates = !service.has("spec.allocateLoadBalancerNodePorts")
                || service.flag("spec.allocateLoadBalancerNodePorts");
        if (type.equals("NodePort") || (balanced && allocates)) {
            usage.put("services.nodeports", Quantity.of(ports));
        } else if (balanced) {
            long chosen = service.items("spec.ports").stream()
                    .filter(port -> port.path("nodePort").asInt(0) != 0)
                    .count();
            usage.put("services.nodeports", Quantity.of(chosen));
        }
        if (balanced) {
            usage.put("services.loadbalancers", ONE);
        }
    }

    private static void claim(Document claim, Map<String, Quantity> usage) {
        String beta = claim.annotation("volume.beta.kubernetes.io/storage-class");
        String className = beta != null ? beta : claim.text("spec.storageClassName");
        String prefix = className + ".storageclass.storage.k8s.io/";
        if (!className.isEmpty()) {
            usage.put(prefix + "persistentvolumeclaims", ONE);
        }
        String size = claim.text("spec.resources.requests.storage");
        if (!size.isEmpty()) {
            usage.put("requests.storage", Quantity.parse(size));
            if (!className.isEmpty()) {
                usage.put(prefix + "requests.storage", Quantity.parse(size));
            }
        }
    }

    /** A pod that ended holds its place in the count of objects and nothing else. */
    private static void pod(Document pod, Map<String, Quantity> usage) {
        if (Set.of("Failed", "Succeeded").contains(pod.text("status.phase"))) {
            return;
        }
        usage.put("pods", ONE);
        PodResources.totalWithOverhead(pod, "requests").forEach((resource, amount) -> {
            if (resource.equals("cpu") || resource.equals("memory") || resource.equals("ephemeral-storage")) {
                usage.put(resource, amount);
            }
            if (resource.startsWith("hugepages-")) {
                usage.put(resource, amount);
            }
            usage.put("requests." + resource, amount);
        });
        PodResources.totalWithOverhead(pod, "limits").forEach((resource, amount) -> {
            if (resource.equals("cpu") || resource.equals("memory") || resource.equals("ephemeral-storage")) {
                usage.put("limits." + resource, amount);
            }
        });
    }

    /** Whether a quota's scopes take in the object; only pods have anything that scopes speak of. */
    static boolean inScope(Document quota, GroupResource resource, Document object) {
        List<JsonNode> selectors = new ArrayList<>(quota.items("spec.scopeSelector.matchExpressions"));
        List<String> scopes =
                quota.items("spec.scopes").stream().map(JsonNode::asString).toList();
        if (scopes.isEmpty() && selectors.isEmpty()) {
            return true;
        }
        if (!resource.equals(new GroupResource("", "pods"))) {
            return false;
        }
        return scopes.stream().allMatch(scope -> matches(scope, "Exists", List.of(), object))
                && selectors.stream().allMatch(selector -> {
                    List<String> values = new ArrayList<>();
                    selector.path("values").forEach(value -> values.add(value.asString("")));
                    return matches(
                            selector.path("scopeName").asString(""),
                            selector.path("operator").asString(""),
                            values,
                            object);
                });
    }

    private static boolean matches(String scope, String operator, List<String> values, Document pod) {
        return switch (scope) {
            case "Terminating" -> pod.has("spec.activeDeadlineSeconds");
            case "NotTerminating" -> !pod.has("spec.activeDeadlineSeconds");
            case "BestEffort" -> isBestEffort(pod);
            case "NotBestEffort" -> !isBestEffort(pod);
            case "CrossNamespacePodAffinity" -> crossesNamespaces(pod.at("spec.affinity"));
            case "PriorityClass" -> {
                String className = pod.text("spec.priorityClassName");
                yield switch (operator) {
                    case "In" -> values.contains(className);
                    case "NotIn" -> !values.contains(className);
                    case "DoesNotExist" -> className.isEmpty();
                    default -> !className.isEmpty();
                };
            }
            default -> false;
        };
    }

    private static boolean isBestEffort(Document pod) {
        return !(pod.at("spec.resources.requests").size() > 0
                        || pod.at("spec.resources.limits").size() > 0)
                && PodContainers.initAndMain(pod).stream()
                        .allMatch(container -> container
                                        .path("resources")
                                        .path("requests")
                                        .isEmpty()
                                && container.path("resources").path("limits").isEmpty());
    }

    private static boolean crossesNamespaces(JsonNode affinity) {
        for (String kind : List.of("podAffinity", "podAntiAffinity")) {
            for (JsonNode term : affinity.path(kind).path("requiredDuringSchedulingIgnoredDuringExecution")) {
                if (term.path("namespaces").size() > 0 || term.has("namespaceSelector")) {
                    return true;
                }
            }
            for (JsonNode weighted : affinity.path(kind).path("preferredDuringSchedulingIgnoredDuringExecution")) {
                JsonNode term = weighted.path("podAffinityTerm");
                if (term.path("namespaces").size() > 0 || term.has("namespaceSelector")) {
                    return true;
                }
            }
        }
        return false;
    }

    /** What each container of a pod must say because the quota counts it: {@code name for: containers}. */
    static List<String> missing(Set<String> constrained, Document pod) {
        List<String> missing = new ArrayList<>();
        for (String name : constrained) {
            String list = name.startsWith("limits.") ? "limits" : "requests";
            String resource = name.startsWith("limits.") || name.startsWith("requests.")
                    ? name.substring(name.indexOf('.') + 1)
                    : name;
            if (!Set.of("cpu", "memory").contains(resource)
                    || pod.at("spec.resources." + list).has(resource)) {
                continue;
            }
            List<String> silent = PodContainers.initAndMain(pod).stream()
                    .filter(container -> !container.path("resources").path(list).has(resource))
                    .map(container -> container.path("name").asString(""))
                    .sorted()
                    .toList();
            if (!silent.isEmpty()) {
                missing.add(name + " for: " + String.join(",", silent));
            }
        }
        return missing;
    }
}
