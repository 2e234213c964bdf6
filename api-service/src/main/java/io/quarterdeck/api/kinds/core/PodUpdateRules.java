package io.quarterdeck.api.kinds.core;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.InternalForm;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Values;
import io.quarterdeck.model.Addresses;
import io.quarterdeck.model.Formats;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What may change in a pod, and through which door. Source: Kubernetes documentation "Pods", "Pod update and replacement". */
final class PodUpdateRules {

    private static final String CHANGEABLE =
            "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
                    + "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
                    + "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)\n";

    private PodUpdateRules() {}

    static void check(Field pod) {
        Field spec = pod.at("spec");
        for (String list : List.of("containers", "initContainers")) {
            Field containers = spec.at(list);
            if (containers.node().size() != containers.old().size()) {
                containers.forbidden("pod updates may not add or remove containers");
                return;
            }
            for (Field container : containers.items()) {
                container.at("image").require();
                ContainerRules.imagePadding(container);
            }
        }
        if (!activeDeadline(spec.at("activeDeadlineSeconds"))) {
            return;
        }
        addedTolerations(spec.at("tolerations"));
        deletedGates(spec.at("schedulingGates"));
        JsonNode old = spec.old();
        if (!spec.changed() || !(spec.node() instanceof ObjectNode changed)) {
            return;
        }
        ObjectNode rest = withoutChangeable(changed.deepCopy(), old);
        if (!old.path("schedulingGates").isEmpty()) {
            gated(spec, rest);
        }
        if (!Values.same(rest, old)) {
            spec.forbidden(CHANGEABLE + InternalForm.diff("PodSpec", old, rest));
        }
    }

    private static ObjectNode withoutChangeable(ObjectNode spec, JsonNode old) {
        for (String list : List.of("containers", "initContainers")) {
            for (int i = 0; i < spec.path(list).size(); i++) {
                keep(
                        (ObjectNode) spec.path(list).get(i),
                        "image",
                        old.path(list).path(i));
            }
        }
        for (String field : List.of("activeDeadlineSeconds", "tolerations", "schedulingGates")) {
            keep(spec, field, old);
        }
        if (old.path("terminationGracePeriodSeconds").asLong(0) < 0
                && spec.path("terminationGracePeriodSeconds").asLong(0) == 1) {
            keep(spec, "terminationGracePeriodSeconds", old);
        }
        return spec;
    }

    private static void keep(ObjectNode target, String field, JsonNode old) {
        if (old.path(field).isMissingNode()) {
            target.remove(field);
        } else {
            target.set(field, old.path(field));
        }
    }

    private static boolean activeDeadline(Field deadline) {
        boolean before = deadline.old().isNumber();
        if (!deadline.present()) {
            if (before) {
                deadline.invalidValue(null, "must not update from a positive integer to nil value");
            }
            return true;
        }
        List<String> problems = Formats.range(deadline.number(), 0, Integer.MAX_VALUE);
        deadline.invalid(problems);
        if (!problems.isEmpty()) {
            return false;
        }
        if (before && deadline.old().longValue() < deadline.number()) {
            deadline.invalid("must be less than or equal to previous value");
            return false;
        }
        return true;
    }

    private static void addedTolerations(Field tolerations) {
        for (JsonNode old : tolerations.old()) {
            boolean found = false;
            for (JsonNode next : tolerations.node()) {
                ObjectNode comparable = (ObjectNode) old.deepCopy();
                keep(comparable, "tolerationSeconds", next);
                found |= Values.same(comparable, next);
            }
            if (!found) {
                tolerations.forbidden("existing toleration can not be modified except its tolerationSeconds");
                return;
            }
        }
        SchedulingRules.tolerations(tolerations);
    }

    private static void deletedGates(Field gates) {
        Set<String> before = new HashSet<>();
        gates.old().forEach(gate -> before.add(gate.path("name").asString("")));
        for (Field gate : gates.items()) {
            String name = gate.at("name").text();
            if (!before.contains(name)) {
                gate.at("name")
                        .forbidden("only deletion is allowed, but found new scheduling gate '%s'".formatted(name));
            }
        }
    }

    /** A pod behind a gate may still be narrowed down. */
    private static void gated(Field spec, ObjectNode rest) {
        Field selector = spec.at("nodeSelector");
        JsonNode old = spec.old();
        if (selector.changed()) {
            boolean onlyAdded = selector.old().properties().stream()
                    .allMatch(entry -> entry.getValue().equals(selector.node().path(entry.getKey())));
            if (!onlyAdded) {
                selector.invalid("only additions to spec.nodeSelector are allowed (no mutations or deletions)");
            }
            keep(rest, "nodeSelector", old);
        }
        Field affinity = spec.at("affinity.nodeAffinity");
        if (affinity.changed()) {
            narrowed(affinity);
            if (rest.path("affinity") instanceof ObjectNode target) {
                keep(target, "nodeAffinity", old.path("affinity"));
                if (target.isEmpty() && old.path("affinity").isMissingNode()) {
                    rest.remove("affinity");
                }
            } else if (old.path("affinity").has("nodeAffinity")) {
                rest.putObject("affinity")
                        .set("nodeAffinity", old.path("affinity").path("nodeAffinity"));
            }
        }
    }

    private static void narrowed(Field affinity) {
        Field required = affinity.at("requiredDuringSchedulingIgnoredDuringExecution");
        if (required.old().isMissingNode()) {
            return;
        }
        Field terms = required.at("nodeSelectorTerms");
        if (terms.node().size() != terms.old().size()) {
            terms.invalid("no additions/deletions to non-empty NodeSelectorTerms list are allowed");
            return;
        }
        for (Field term : terms.items()) {
            for (String list : List.of("matchExpressions", "matchFields")) {
                Field requirements = term.at(list);
                boolean emptyBefore = term.old().path("matchExpressions").isEmpty()
                        && term.old().path("matchFields").isEmpty();
                boolean prefix =
                        requirements.old().size() <= requirements.node().size();
                for (int i = 0; prefix && i < requirements.old().size(); i++) {
                    prefix = Values.same(
                            requirements.old().get(i), requirements.node().get(i));
                }
                if (emptyBefore ? !requirements.empty() : !prefix) {
                    term.invalid("only additions are allowed (no mutations or deletions)");
                    return;
                }
            }
        }
    }

    static void status(Field pod) {
        for (Field condition : pod.at("status.conditions").items()) {
            if (!Set.of("PodScheduled", "Ready", "Initialized")
                    .contains(condition.at("type").text())) {
                condition
                        .at("type")
                        .as(condition.path().replace("status.", "metadata.") + ".Type")
                        .format(Formats::qualifiedName);
            }
        }
        Field nominated = pod.at("status.nominatedNodeName");
        if (nominated.changed() && !nominated.empty()) {
            nominated.format(Formats::subdomain);
            if (!pod.at("spec.nodeName").empty()) {
                nominated.forbidden("may not be set on pods that are already bound to a node");
            }
        }
        pod.at("status.qosClass").immutable();
        String restartPolicy = pod.at("spec.restartPolicy").text();
        transitions(pod.at("status.containerStatuses"), restartPolicy, Map.of());
        Map<String, JsonNode> sidecars = new HashMap<>();
        pod.at("spec.initContainers").node().forEach(container -> {
            if (container.path("restartPolicy").asString("").equals("Always")) {
                sidecars.put(container.path("name").asString(""), container);
            }
        });
        transitions(pod.at("status.initContainerStatuses"), restartPolicy, sidecars);
        transitions(pod.at("status.ephemeralContainerStatuses"), "Never", Map.of());
        claimStatuses(pod);
        addresses(pod.at("status.podIPs"));
        Field hostIps = pod.at("status.hostIPs");
        if (!hostIps.empty()) {
            Field first = hostIps.index(0).at("ip");
            if (!first.is(pod.at("status.hostIP").text())) {
                first.invalid("must be equal to `hostIP`");
            }
            addresses(hostIps);
        }
    }

    /** A container that has ended for good stays ended. */
    private static void transitions(Field statuses, String restartPolicy, Map<String, JsonNode> sidecars) {
        if (restartPolicy.equals("Always")) {
            return;
        }
        for (int i = 0; i < statuses.old().size(); i++) {
            JsonNode old = statuses.old().get(i);
            JsonNode terminated = old.path("state").path("terminated");
            String name = old.path("name").asString("");
            if (!terminated.isObject()
                    || (terminated.path("exitCode").asInt(0) != 0 && restartPolicy.equals("OnFailure"))
                    || sidecars.containsKey(name)) {
                continue;
            }
            for (JsonNode next : statuses.node()) {
                if (next.path("name").asString("").equals(name)
                        && !next.path("state").path("terminated").isObject()) {
                    statuses.index(i).at("state").forbidden("may not be transitioned to non-terminated state");
                }
            }
        }
    }

    private static void claimStatuses(Field pod) {
        Set<String> known = new HashSet<>();
        pod.at("spec.resourceClaims")
                .node()
                .forEach(claim -> known.add(claim.path("name").asString("")));
        Set<String> seen = new HashSet<>();
        for (Field status : pod.at("status.resourceClaimStatuses").items()) {
            Field name = status.at("name");
            if (!known.contains(name.text())) {
                name.invalidValue(name.text(), "must match the name of an entry in `spec.resourceClaims`");
            }
            if (!seen.add(name.text())) {
                name.duplicate();
            }
        }
    }

    private static void addresses(Field addresses) {
        Set<String> seen = new HashSet<>();
        int v4 = 0;
        int v6 = 0;
        for (Field address : addresses.items()) {
            String text = address.at("ip").text();
            Addresses.address(text).forEach(problem -> address.invalidValue(text, problem));
            Addresses.Ip ip = Addresses.parse(text);
            if (ip != null && ip.v4()) {
                v4++;
            } else if (ip != null) {
                v6++;
            }
        }
        if (v4 > 1 || v6 > 1) {
            addresses.invalid("may specify no more than one IP for each IP family");
        }
        for (Field address : addresses.items()) {
            if (!seen.add(address.at("ip").text())) {
                address.duplicate();
            }
        }
    }

    /** Ephemeral containers are only ever added. */
    static void ephemeralContainers(Field pod) {
        if (pod.at("metadata.annotations").old().has(PodAnnotations.MIRROR)) {
            pod.as("").forbidden("static pods do not support ephemeral containers");
            return;
        }
        Field containers = pod.at("spec.ephemeralContainers");
        Map<String, JsonNode> next = new HashMap<>();
        containers.node().forEach(container -> next.put(container.path("name").asString(""), container));
        for (JsonNode old : containers.old()) {
            String name = old.path("name").asString("");
            JsonNode now = next.get(name);
            if (now == null) {
                containers.forbidden("existing ephemeral containers \"%s\" may not be removed\n".formatted(name));
            } else if (!Values.same(old, now)) {
                containers.forbidden("existing ephemeral containers \"%s\" may not be changed\n%s"
                        .formatted(name, InternalForm.diff("EphemeralContainer", old, now)));
            }
        }
    }

    static void resize(Field pod) {
        if (pod.at("metadata.annotations").old().has(PodAnnotations.MIRROR)) {
            pod.as("").forbidden("static pods cannot be resized");
            return;
        }
        if (pod.at("spec.os.name").is("windows")) {
            pod.as("").forbidden("windows pods cannot be resized");
            return;
        }
        Field spec = pod.at("spec");
        String qos = pod.at("status.qosClass").old().asString("");
        if (!qos.equals(PodQos.of(spec.node()))) {
            spec.invalidValue(qos, "Pod QOS Class may not change as a result of resizing");
        }
        for (JsonNode status : pod.at("status.containerStatuses").old()) {
            if (status.path("state").path("running").isObject()) {
                if (!status.has("resources")) {
                    spec.forbidden("Pod running on node without support for resize");
                }
                break;
            }
        }
        for (String list : List.of("initContainers", "containers")) {
            for (Field container : spec.at(list).items()) {
                if (list.equals("containers") || container.at("restartPolicy").is("Always")) {
                    resized(container);
                }
            }
        }
        for (String list : List.of("containers", "initContainers")) {
            for (Field container : spec.at(list).items()) {
                boolean sidecar = container.at("restartPolicy").is("Always");
                JsonNode comparable = list.equals("containers") || sidecar
                        ? withoutResizable(container.node(), container.old())
                        : container.node();
                if (!Values.same(comparable, container.old())) {
                    spec.forbidden(
                            list.equals("containers")
                                    ? "only cpu and memory resources are mutable"
                                    : sidecar
                                            ? "only cpu and memory resources for sidecar containers are mutable"
                                            : "resources for non-sidecar init containers are immutable");
                }
            }
        }
    }

    private static void resized(Field container) {
        for (String list : List.of("requests", "limits")) {
            Field resources = container.at("resources").at(list);
            boolean removed = resources.old().propertyNames().stream()
                    .anyMatch(name -> !resources.node().has(name));
            if (removed) {
                resources.forbidden("resource %s cannot be removed".formatted(list));
            }
        }
        boolean restarts = false;
        for (JsonNode policy : container.at("resizePolicy").node()) {
            restarts |= policy.path("resourceName").asString("").equals("memory")
                    && policy.path("restartPolicy").asString("").equals("RestartContainer");
        }
        Field memory = container.at("resources.limits").key("memory");
        if (!restarts && memory.present() && memory.old().isMissingNode()) {
            memory.forbidden("memory limits cannot be added unless resizePolicy is RestartContainer");
        }
    }

    private static JsonNode withoutResizable(JsonNode container, JsonNode old) {
        ObjectNode copy = (ObjectNode) container.deepCopy();
        for (String list : List.of("requests", "limits")) {
            if (copy.path("resources").path(list) instanceof ObjectNode resources) {
                for (String name : List.of("cpu", "memory")) {
                    keep(resources, name, old.path("resources").path(list));
                }
                if (resources.isEmpty() && !old.path("resources").has(list)) {
                    ((ObjectNode) copy.path("resources")).remove(list);
                }
            }
        }
        keep(copy, "resizePolicy", old);
        return copy;
    }

    /** Takes from {@code next} what the resize subresource may change, and the rest from {@code old}. */
    static void keepAllButResources(Document next, Document old) {
        ObjectNode spec = (ObjectNode) old.at("spec").deepCopy();
        for (String list : List.of("containers", "initContainers")) {
            Map<String, JsonNode> asked = new HashMap<>();
            next.at("spec")
                    .path(list)
                    .forEach(container -> asked.put(container.path("name").asString(""), container));
            if (spec.path(list) instanceof ArrayNode containers) {
                for (JsonNode container : containers) {
                    JsonNode wanted = asked.get(container.path("name").asString(""));
                    if (wanted != null && container instanceof ObjectNode target) {
                        keep(target, "resources", wanted);
                        keep(target, "resizePolicy", wanted);
                    }
                }
            }
        }
        next.set("spec", spec);
        next.keep("status", old);
    }
}
