package io.quarterdeck.api.admission.plugins;

import io.quarterdeck.api.admission.AdmissionPlugin;
import io.quarterdeck.api.admission.AdmissionRequest;
import io.quarterdeck.api.admission.AdmissionRequest.Operation;
import io.quarterdeck.api.cache.CachedObjects;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.model.GoErrors;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.Quantity;
import io.quarterdeck.quota.PodResources;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Gives containers the requests and limits that a namespace's LimitRanges set as defaults, and holds pods, containers and
 * claims to their bounds.
 *
 * <p>Source: Kubernetes documentation, "Limit Ranges".
 */
@Component
final class LimitRanger implements AdmissionPlugin {

    private static final GroupResource RANGES = new GroupResource("", "limitranges");
    private static final String ANNOTATION = "kubernetes.io/limit-ranger";

    private final CachedObjects objects;

    LimitRanger(CachedObjects objects) {
        this.objects = objects;
    }

    @Override
    public String name() {
        return "LimitRanger";
    }

    @Override
    public void mutate(AdmissionRequest request) {
        if (!request.is(Operation.CREATE, "", "pods")) {
            return;
        }
        for (Document range : ranges(request)) {
            applyDefaults(request.body(), range);
        }
    }

    @Override
    public void validate(AdmissionRequest request) {
        boolean pod = request.is(Operation.CREATE, "", "pods") || request.is(Operation.UPDATE, "", "pods");
        boolean claim = request.is(Operation.CREATE, "", "persistentvolumeclaims")
                || request.is(Operation.UPDATE, "", "persistentvolumeclaims");
        // What is on its way out is not held to new bounds.
        if ((!pod && !claim) || request.body().deleting()) {
            return;
        }
        for (Document range : ranges(request)) {
            List<String> findings = pod ? podFindings(request.body(), range) : claimFindings(request.body(), range);
            if (!findings.isEmpty()) {
                throw request.forbidden(GoErrors.aggregate(findings));
            }
        }
    }

    private List<Document> ranges(AdmissionRequest request) {
        return objects.list(RANGES, request.request().key().namespace());
    }

    private static void applyDefaults(Document pod, Document range) {
        Map<String, String> requests = new TreeMap<>();
        Map<String, String> limits = new TreeMap<>();
        for (JsonNode limit : range.items("spec.limits")) {
            if (limit.path("type").asString("").equals("Container")) {
                limit.path("defaultRequest")
                        .properties()
                        .forEach(entry ->
                                requests.put(entry.getKey(), entry.getValue().asString()));
                limit.path("default")
                        .properties()
                        .forEach(entry ->
                                limits.put(entry.getKey(), entry.getValue().asString()));
            }
        }
        List<String> done = new ArrayList<>();
        List<ObjectNode> containers = new ArrayList<>();
        PodContainers.add(containers, pod.items("spec.containers"));
        containers.forEach(container -> fill(container, "container", requests, limits, done));
        List<ObjectNode> init = new ArrayList<>();
        PodContainers.add(init, pod.items("spec.initContainers"));
        init.forEach(container -> fill(container, "init container", requests, limits, done));
        if (!done.isEmpty()) {
            pod.object("metadata.annotations").put(ANNOTATION, "LimitRanger plugin set: " + String.join("; ", done));
        }
    }

    private static void fill(
            ObjectNode container,
            String what,
            Map<String, String> requests,
            Map<String, String> limits,
            List<String> done) {
        List<String> setRequests = fill(container, "requests", requests);
        List<String> setLimits = fill(container, "limits", limits);
        String name = container.path("name").asString("");
        if (!setRequests.isEmpty()) {
            done.add("%s request for %s %s".formatted(String.join(", ", setRequests), what, name));
        }
        if (!setLimits.isEmpty()) {
            done.add("%s limit for %s %s".formatted(String.join(", ", setLimits), what, name));
        }
    }

    private static List<String> fill(ObjectNode container, String list, Map<String, String> defaults) {
        List<String> set = new ArrayList<>();
        defaults.forEach((resource, amount) -> {
            if (!container.path("resources").path(list).has(resource)) {
                ObjectNode resources = container.get("resources") instanceof ObjectNode present
                        ? present
                        : container.putObject("resources");
                ObjectNode amounts =
                        resources.get(list) instanceof ObjectNode present ? present : resources.putObject(list);
                amounts.put(resource, amount);
                set.add(resource);
            }
        });
        return set;
    }

    private static List<String> claimFindings(Document claim, Document range) {
        List<String> findings = new ArrayList<>();
        Map<String, Quantity> requests = amounts(claim.at("spec.resources.requests"));
        for (JsonNode limit : range.items("spec.limits")) {
            if (limit.path("type").asString("").equals("PersistentVolumeClaim")) {
                amounts(limit.path("min"))
                        .forEach((resource, bound) -> tooSmall(
                                        "PersistentVolumeClaim", resource, bound, requests, Map.of())
                                .ifPresent(findings::add));
                // A claim has no limits: its request is what counts.
                amounts(limit.path("max")).forEach((resource, bound) -> {
                    Quantity asked = requests.get(resource);
                    if (asked == null) {
                        findings.add("maximum %s usage per PersistentVolumeClaim is %s.  No request is specified"
                                .formatted(resource, bound));
                    } else if (asked.compareTo(bound) > 0) {
                        findings.add("maximum %s usage per PersistentVolumeClaim is %s, but request is %s"
                                .formatted(resource, bound, asked));
                    }
                });
            }
        }
        return findings;
    }

    private static List<String> podFindings(Document pod, Document range) {
        List<String> findings = new ArrayList<>();
        for (JsonNode limit : range.items("spec.limits")) {
            String type = limit.path("type").asString("");
            if (type.equals("Container")) {
                for (ObjectNode container : PodContainers.initAndMain(pod)) {
                    check(
                            findings,
                            limit,
                            type,
                            amounts(container.path("resources").path("requests")),
                            amounts(container.path("resources").path("limits")));
                }
            } else if (type.equals("Pod")) {
                check(
                        findings,
                        limit,
                        type,
                        PodResources.total(pod.tree(), "requests"),
                        PodResources.total(pod.tree(), "limits"));
            }
        }
        return findings;
    }

    private static void check(
            List<String> findings,
            JsonNode limit,
            String type,
            Map<String, Quantity> requests,
            Map<String, Quantity> limits) {
        amounts(limit.path("min"))
                .forEach((resource, bound) ->
                        tooSmall(type, resource, bound, requests, limits).ifPresent(findings::add));
        amounts(limit.path("max"))
                .forEach((resource, bound) ->
                        tooLarge(type, resource, bound, requests, limits).ifPresent(findings::add));
        amounts(limit.path("maxLimitRequestRatio"))
                .forEach((resource, bound) ->
                        wrongRatio(type, resource, bound, requests, limits).ifPresent(findings::add));
    }

    private static Optional<String> tooSmall(
            String type,
            String resource,
            Quantity bound,
            Map<String, Quantity> requests,
            Map<String, Quantity> limits) {
        Quantity request = requests.get(resource);
        Quantity limit = limits.get(resource);
        String start = "minimum %s usage per %s is %s".formatted(resource, type, bound);
        if (request == null) {
            return Optional.of(start + ".  No request is specified");
        }
        if (request.compareTo(bound) < 0) {
            return Optional.of(start + ", but request is " + request);
        }
        return limit != null && limit.compareTo(bound) < 0
                ? Optional.of(start + ", but limit is " + limit)
                : Optional.empty();
    }

    private static Optional<String> tooLarge(
            String type,
            String resource,
            Quantity bound,
            Map<String, Quantity> requests,
            Map<String, Quantity> limits) {
        Quantity request = requests.get(resource);
        Quantity limit = limits.get(resource);
        String start = "maximum %s usage per %s is %s".formatted(resource, type, bound);
        if (limit == null) {
            return Optional.of(start + ".  No limit is specified");
        }
        if (limit.compareTo(bound) > 0) {
            return Optional.of(start + ", but limit is " + limit);
        }
        return request != null && request.compareTo(bound) > 0
                ? Optional.of(start + ", but request is " + request)
                : Optional.empty();
    }

    private static Optional<String> wrongRatio(
            String type,
            String resource,
            Quantity bound,
            Map<String, Quantity> requests,
            Map<String, Quantity> limits) {
        Quantity request = requests.get(resource);
        Quantity limit = limits.get(resource);
        String start = "%s max limit to request ratio per %s is %s".formatted(resource, type, bound);
        if (request == null || request.signum() == 0) {
            return Optional.of(start + ", but no request is specified or request is 0");
        }
        if (limit == null || limit.signum() == 0) {
            return Optional.of(start + ", but no limit is specified or limit is 0");
        }
        double ratio = limit.value().doubleValue() / request.value().doubleValue();
        return ratio > bound.value().doubleValue()
                ? Optional.of(start + ", but provided ratio is " + String.format(Locale.ROOT, "%f", ratio))
                : Optional.empty();
    }

    static Map<String, Quantity> amounts(JsonNode list) {
        Map<String, Quantity> amounts = new TreeMap<>();
        list.properties()
                .forEach(entry -> amounts.put(
                        entry.getKey(), Quantity.parse(entry.getValue().asString())));
        return amounts;
    }
}
