package io.quarterdeck.quota;

import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.Quantity;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * How much of a quota an object uses, under the names that quotas know. Objects are the API's JSON. Pure.
 *
 * <p>Source: Kubernetes documentation, "Resource Quotas".
 */
public final class QuotaUsage {

    /** Core kinds that quotas count by their plain name, too. */
    private static final Set<String> BY_PLURAL = Set.of(
            "configmaps", "secrets", "services", "replicationcontrollers", "resourcequotas", "persistentvolumeclaims");

    private static final Set<String> OF_PODS = Set.of("pods", "cpu", "memory", "ephemeral-storage");

    private static final GroupResource PODS = new GroupResource("", "pods");
    private static final GroupResource CLAIMS = new GroupResource("", "persistentvolumeclaims");
    private static final GroupResource DEVICE_CLAIMS = new GroupResource("resource.k8s.io", "resourceclaims");

    private static final String DEVICES = ".deviceclass.resource.k8s.io/devices";

    /** The most devices that one request can be given: what a request for all of them may come to. */
    private static final long ALL_DEVICES = 32;

    private static final Quantity ONE = Quantity.of(1);

    private QuotaUsage() {}

    public static Map<String, Quantity> of(GroupResource resource, JsonNode object) {
        Map<String, Quantity> usage = new TreeMap<>();
        boolean core = resource.group().isEmpty();
        usage.put("count/" + resource, ONE);
        if (core && BY_PLURAL.contains(resource.resource())) {
            usage.put(resource.resource(), ONE);
        }
        if (core) {
            switch (resource.resource()) {
                case "services" -> service(object.path("spec"), usage);
                case "persistentvolumeclaims" -> claim(object, usage);
                case "pods" -> pod(object, usage);
                default -> {
                    // Only counted.
                }
            }
        }
        if (resource.equals(DEVICE_CLAIMS)) {
            devices(object.path("spec").path("devices").path("requests"), usage);
        }
        return usage;
    }

    /** Whose objects the name counts; empty for names that nobody counts. */
    public static Optional<GroupResource> counted(String name) {
        if (name.startsWith("count/")) {
            String resource = name.substring("count/".length());
            int dot = resource.indexOf('.');
            return Optional.of(
                    dot < 0
                            ? new GroupResource("", resource)
                            : new GroupResource(resource.substring(dot + 1), resource.substring(0, dot)));
        }
        if (BY_PLURAL.contains(name)) {
            return Optional.of(new GroupResource("", name));
        }
        if (name.startsWith("services.")) {
            return Optional.of(new GroupResource("", "services"));
        }
        if (name.endsWith(DEVICES)) {
            return Optional.of(DEVICE_CLAIMS);
        }
        if (name.equals("requests.storage") || name.contains(".storageclass.storage.k8s.io/")) {
            return Optional.of(new GroupResource("", "persistentvolumeclaims"));
        }
        boolean ofPods = OF_PODS.contains(name)
                || name.startsWith("requests.")
                || name.startsWith("limits.")
                || name.startsWith("hugepages-");
        return ofPods ? Optional.of(new GroupResource("", "pods")) : Optional.empty();
    }

    private static void service(JsonNode spec, Map<String, Quantity> usage) {
        int ports = spec.path("ports").size();
        String type = spec.path("type").asString("");
        boolean balanced = type.equals("LoadBalancer");
        boolean allocates = spec.path("allocateLoadBalancerNodePorts").asBoolean(true);
        if (type.equals("NodePort") || (balanced && allocates)) {
            usage.put("services.nodeports", Quantity.of(ports));
        } else if (balanced) {
            long chosen = spec.path("ports")
                    .valueStream()
                    .filter(port -> port.path("nodePort").asInt(0) != 0)
                    .count();
            usage.put("services.nodeports", Quantity.of(chosen));
        }
        if (balanced) {
            usage.put("services.loadbalancers", ONE);
        }
    }

    private static void claim(JsonNode claim, Map<String, Quantity> usage) {
        JsonNode spec = claim.path("spec");
        String className = claim.path("metadata")
                .path("annotations")
                .path("volume.beta.kubernetes.io/storage-class")
                .asString(spec.path("storageClassName").asString(""));
        String prefix = className + ".storageclass.storage.k8s.io/";
        if (!className.isEmpty()) {
            usage.put(prefix + "persistentvolumeclaims", ONE);
        }
        String size = spec.path("resources").path("requests").path("storage").asString("");
        if (!size.isEmpty()) {
            Quantity storage = storage(claim, Quantity.parse(size).roundUp());
            usage.put("requests.storage", storage);
            if (!className.isEmpty()) {
                usage.put(prefix + "requests.storage", storage);
            }
        }
    }

    /** What is allocated counts where it is more than what is (now) asked for: an expansion that failed. */
    private static Quantity storage(JsonNode claim, Quantity asked) {
        String size =
                claim.path("status").path("allocatedResources").path("storage").asString("");
        if (size.isEmpty()) {
            return asked;
        }
        Quantity allocated = Quantity.parse(size).roundUp();
        return allocated.compareTo(asked) > 0 ? allocated : asked;
    }

    /** Of alternatives each class counts with the most that it may come to. */
    private static void devices(JsonNode requests, Map<String, Quantity> usage) {
        for (JsonNode request : requests) {
            Map<String, Quantity> most = new TreeMap<>();
            request.path("firstAvailable").forEach(alternative -> device(alternative, most));
            if (most.isEmpty() && request.has("exactly")) {
                device(request.path("exactly"), most);
            }
            most.forEach((name, amount) -> usage.merge(name, amount, Quantity::plus));
        }
    }

    private static void device(JsonNode request, Map<String, Quantity> most) {
        long devices = switch (request.path("allocationMode").asString("")) {
            case "ExactCount" -> request.path("count").asLong(0);
            case "All" -> ALL_DEVICES;
            default -> 0;
        };
        most.merge(
                request.path("deviceClassName").asString("") + DEVICES,
                Quantity.of(devices),
                (a, b) -> a.compareTo(b) >= 0 ? a : b);
    }

    /** A pod that ended holds its place in the count of objects and nothing else. */
    private static void pod(JsonNode pod, Map<String, Quantity> usage) {
        if (Set.of("Failed", "Succeeded")
                .contains(pod.path("status").path("phase").asString(""))) {
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

    /** Whether a quota's scopes take in the object; only pods and volume claims have anything that scopes speak of. */
    public static boolean inScope(JsonNode quota, GroupResource resource, JsonNode object) {
        JsonNode spec = quota.path("spec");
        List<JsonNode> selectors = spec.path("scopeSelector")
                .path("matchExpressions")
                .valueStream()
                .toList();
        List<String> scopes =
                spec.path("scopes").valueStream().map(JsonNode::asString).toList();
        if (scopes.isEmpty() && selectors.isEmpty()) {
            return true;
        }
        if (!resource.equals(PODS) && !resource.equals(CLAIMS)) {
            return false;
        }
        return scopes.stream().allMatch(scope -> matches(scope, "Exists", List.of(), resource, object))
                && selectors.stream().allMatch(selector -> {
                    List<String> values = new ArrayList<>();
                    selector.path("values").forEach(value -> values.add(value.asString("")));
                    return matches(
                            selector.path("scopeName").asString(""),
                            selector.path("operator").asString(""),
                            values,
                            resource,
                            object);
                });
    }

    private static boolean matches(
            String scope, String operator, List<String> values, GroupResource resource, JsonNode object) {
        return resource.equals(PODS)
                ? matchesPod(scope, operator, values, object.path("spec"))
                : scope.equals("VolumeAttributesClass") && matchesClaim(operator, values, object);
    }

    /** A claim has the class that it is to get besides the one that it has. */
    private static boolean matchesClaim(String operator, List<String> values, JsonNode claim) {
        JsonNode status = claim.path("status");
        Set<String> classes = new TreeSet<>();
        classes.add(claim.path("spec").path("volumeAttributesClassName").asString(""));
        classes.add(status.path("currentVolumeAttributesClassName").asString(""));
        classes.add(status.path("modifyVolumeStatus")
                .path("targetVolumeAttributesClassName")
                .asString(""));
        classes.remove("");
        return switch (operator) {
            case "In" -> classes.stream().anyMatch(values::contains);
            case "NotIn" -> classes.isEmpty() || classes.stream().anyMatch(name -> !values.contains(name));
            case "DoesNotExist" -> classes.isEmpty();
            default -> !classes.isEmpty();
        };
    }

    /** Whether a pod is one that ends by itself after a time. */
    public static boolean isTerminating(JsonNode pod) {
        return pod.path("spec").hasNonNull("activeDeadlineSeconds");
    }

    private static boolean matchesPod(String scope, String operator, List<String> values, JsonNode spec) {
        return switch (scope) {
            case "Terminating" -> spec.hasNonNull("activeDeadlineSeconds");
            case "NotTerminating" -> !spec.hasNonNull("activeDeadlineSeconds");
            case "BestEffort" -> isBestEffort(spec);
            case "NotBestEffort" -> !isBestEffort(spec);
            case "CrossNamespacePodAffinity" -> crossesNamespaces(spec.path("affinity"));
            case "PriorityClass" -> {
                String className = spec.path("priorityClassName").asString("");
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

    private static boolean isBestEffort(JsonNode spec) {
        return silent(spec) && containers(spec).allMatch(QuotaUsage::silent);
    }

    /** Neither requests nor limits. */
    private static boolean silent(JsonNode owner) {
        JsonNode resources = owner.path("resources");
        return resources.path("requests").isEmpty() && resources.path("limits").isEmpty();
    }

    private static Stream<JsonNode> containers(JsonNode spec) {
        return Stream.concat(
                spec.path("initContainers").valueStream(),
                spec.path("containers").valueStream());
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

    /** Whether a pod says as a whole what it needs, whatever of it. */
    private static boolean saysResourcesItself(JsonNode resources) {
        return Stream.of("requests", "limits")
                .flatMap(list -> resources.path(list).propertyNames().stream())
                .anyMatch(name -> name.equals("cpu") || name.equals("memory") || name.startsWith("hugepages-"));
    }

    /** What each container of a pod must say because the quota counts it: {@code name for: containers}. */
    public static List<String> missing(Set<String> constrained, JsonNode pod) {
        JsonNode spec = pod.path("spec");
        List<String> missing = new ArrayList<>();
        if (saysResourcesItself(spec.path("resources"))) {
            return missing;
        }
        for (String name : constrained) {
            String list = name.startsWith("limits.") ? "limits" : "requests";
            String resource = name.startsWith("limits.") || name.startsWith("requests.")
                    ? name.substring(name.indexOf('.') + 1)
                    : name;
            if (!Set.of("cpu", "memory").contains(resource)) {
                continue;
            }
            List<String> silent = containers(spec)
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
