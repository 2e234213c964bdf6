package io.quarterdeck.api.schema;

import static java.util.Map.entry;

import io.quarterdeck.model.Quantity;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Defaults that follow from other fields of the same value. Those that need more belong to the kinds' strategies. */
final class ComputedDefaults {

    private static final String CUSTOM_RESOURCE_DEFINITION =
            "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition";

    static final Map<String, Consumer<ObjectNode>> BY_TYPE = Map.ofEntries(
            entry("core.v1.Container", ComputedDefaults::container),
            entry("core.v1.EphemeralContainer", ComputedDefaults::container),
            entry("core.v1.LimitRangeItem", ComputedDefaults::limitRangeItem),
            entry("core.v1.Pod", ComputedDefaults::pod),
            entry("core.v1.Secret", ComputedDefaults::secret),
            entry("core.v1.Namespace", ComputedDefaults::namespace),
            entry("core.v1.PodSpec", ComputedDefaults::podSpec),
            entry("core.v1.Volume", ComputedDefaults::volume),
            entry("core.v1.ServicePort", ComputedDefaults::servicePort),
            entry("core.v1.ServiceSpec", ComputedDefaults::service),
            entry("apps.v1.DaemonSet", ComputedDefaults::daemonSet),
            entry(CUSTOM_RESOURCE_DEFINITION, ComputedDefaults::customResourceDefinition),
            entry("apps.v1.StatefulSetSpec", ComputedDefaults::statefulSet),
            entry("core.v1.NodeStatus", ComputedDefaults::nodeStatus),
            entry("core.v1.ReplicationController", ComputedDefaults::replicationController),
            entry("batch.v1.Job", ComputedDefaults::job),
            entry("networking.v1.NetworkPolicySpec", ComputedDefaults::networkPolicy));

    private ComputedDefaults() {}

    static boolean isResourceList(MapSchema map) {
        return map.goType().equals("v1.ResourceList");
    }

    /** Upstream keeps resource amounts in thousandths. */
    static void roundResources(ObjectNode resources) {
        resources.properties().forEach(amount -> {
            if (amount.getValue().isString() && fine(amount.getValue().stringValue())) {
                Quantity exact = Quantity.parse(amount.getValue().stringValue());
                amount.setValue(resources.stringNode(exact.roundUpToMilli().toString()));
            }
        });
    }

    private static boolean fine(String amount) {
        char last = amount.isEmpty() ? '0' : amount.charAt(amount.length() - 1);
        return last == 'n' || last == 'u' || amount.indexOf('e') >= 0 || amount.indexOf('.') >= 0;
    }

    private static void container(ObjectNode container) {
        if (empty(container, "imagePullPolicy")) {
            container.put("imagePullPolicy", isLatest(text(container, "image")) ? "Always" : "IfNotPresent");
        }
    }

    private static boolean isLatest(String image) {
        int digest = image.indexOf('@');
        if (digest >= 0) {
            String named = image.substring(0, digest);
            int colon = named.indexOf(':', named.lastIndexOf('/') + 1);
            return colon >= 0 && named.substring(colon + 1).equals("latest");
        }
        int colon = image.indexOf(':', image.lastIndexOf('/') + 1);
        return colon < 0 || image.substring(colon + 1).equals("latest");
    }

    /** Plain values become data; they are never kept. */
    private static void secret(ObjectNode secret) {
        JsonNode plain = secret.remove("stringData");
        if (plain instanceof ObjectNode values && !values.isEmpty()) {
            ObjectNode data = secret.get("data") instanceof ObjectNode known ? known : secret.putObject("data");
            values.properties()
                    .forEach(value -> data.put(
                            value.getKey(),
                            Base64.getEncoder()
                                    .encodeToString(value.getValue().asString().getBytes(StandardCharsets.UTF_8))));
        }
    }

    /** Selectors find a namespace by its name. */
    private static void namespace(ObjectNode namespace) {
        if (namespace.get("metadata") instanceof ObjectNode metadata && !empty(metadata, "name")) {
            ObjectNode labels =
                    metadata.get("labels") instanceof ObjectNode known ? known : metadata.putObject("labels");
            labels.put("kubernetes.io/metadata.name", text(metadata, "name"));
        }
    }

    /** Whoever states a limit and no request asks for the limit. */
    private static void pod(ObjectNode pod) {
        for (String list : new String[] {"containers", "initContainers"}) {
            for (JsonNode container : pod.path("spec").path(list)) {
                if (container.path("resources") instanceof ObjectNode resources) {
                    missingFrom(resources, "requests", resources.path("limits"));
                }
            }
        }
        if (pod.path("spec").path("resources") instanceof ObjectNode resources) {
            missingFrom(resources, "requests", resources.path("limits"));
        }
    }

    private static void limitRangeItem(ObjectNode item) {
        if (text(item, "type").equals("Container")) {
            missingFrom(item, "default", item.path("max"));
            missingFrom(item, "defaultRequest", item.path("default"));
            missingFrom(item, "defaultRequest", item.path("min"));
        }
    }

    /** Gives {@code field} the amounts of {@code source} that it lacks. */
    private static void missingFrom(ObjectNode owner, String field, JsonNode source) {
        source.properties().forEach(amount -> {
            ObjectNode target = owner.get(field) instanceof ObjectNode known ? known : owner.putObject(field);
            if (!target.has(amount.getKey())) {
                target.set(amount.getKey(), amount.getValue().deepCopy());
            }
        });
    }

    private static void service(ObjectNode spec) {
        if (text(spec, "sessionAffinity").equals("None")) {
            spec.remove("sessionAffinityConfig");
        }
        // Addresses from outside need a policy for traffic from outside.
        if (text(spec, "type").equals("ClusterIP")
                && !spec.path("externalIPs").isEmpty()
                && empty(spec, "externalTrafficPolicy")) {
            spec.put("externalTrafficPolicy", "Cluster");
        }
    }

    /** An annotation carries what was a field in older versions. */
    private static void daemonSet(ObjectNode daemonSet) {
        if (daemonSet.get("metadata") instanceof ObjectNode metadata) {
            ObjectNode annotations =
                    metadata.get("annotations") instanceof ObjectNode known ? known : metadata.putObject("annotations");
            if (!annotations.has("deprecated.daemonset.template.generation")) {
                annotations.put("deprecated.daemonset.template.generation", "0");
            }
        }
    }

    private static void customResourceDefinition(ObjectNode definition) {
        if (definition.path("spec") instanceof ObjectNode spec && !spec.hasNonNull("conversion")) {
            spec.putObject("conversion").put("strategy", "None");
        }
        if (definition.path("spec").path("names") instanceof ObjectNode names && !empty(names, "kind")) {
            if (empty(names, "singular")) {
                names.put("singular", text(names, "kind").toLowerCase(Locale.ROOT));
            }
            if (empty(names, "listKind")) {
                names.put("listKind", text(names, "kind") + "List");
            }
        }
        if (definition.get("status") instanceof ObjectNode status
                && status.path("storedVersions").isEmpty()) {
            for (JsonNode version : definition.path("spec").path("versions")) {
                if (version.path("storage").asBoolean(false)) {
                    status.putArray("storedVersions").add(version.path("name"));
                    break;
                }
            }
        }
    }

    private static void statefulSet(ObjectNode spec) {
        for (JsonNode template : spec.path("volumeClaimTemplates")) {
            if (template instanceof ObjectNode claim && empty(claim, "kind")) {
                claim.put("apiVersion", "v1");
                claim.put("kind", "PersistentVolumeClaim");
            }
        }
    }

    /** The deprecated field follows the current one. */
    private static void podSpec(ObjectNode spec) {
        String account = text(spec, "serviceAccountName");
        if (account.isEmpty()) {
            account = text(spec, "serviceAccount");
        }
        if (!account.isEmpty()) {
            spec.put("serviceAccountName", account);
            spec.put("serviceAccount", account);
        }
    }

    private static void volume(ObjectNode volume) {
        if (volume.size() <= (volume.has("name") ? 1 : 0)) {
            volume.putObject("emptyDir");
        }
    }

    private static void servicePort(ObjectNode port) {
        JsonNode target = port.get("targetPort");
        boolean absent = target == null
                || target.isNull()
                || target.isNumber() && target.intValue() == 0
                || target.isString() && target.stringValue().isEmpty();
        if (absent && port.get("port") != null) {
            port.set("targetPort", port.get("port").deepCopy());
        }
    }

    private static void nodeStatus(ObjectNode status) {
        if (status.get("capacity") instanceof ObjectNode capacity) {
            if (!(status.get("allocatable") instanceof ObjectNode)) {
                status.putObject("allocatable");
            }
            ObjectNode allocatable = (ObjectNode) status.get("allocatable");
            if (allocatable.isEmpty()) {
                allocatable.setAll(capacity.deepCopy());
            }
        }
    }

    private static void replicationController(ObjectNode controller) {
        JsonNode labels =
                controller.path("spec").path("template").path("metadata").path("labels");
        if (!(labels instanceof ObjectNode map) || map.isEmpty()) {
            return;
        }
        ObjectNode spec = (ObjectNode) controller.get("spec");
        if (spec.path("selector").isEmpty()) {
            spec.set("selector", map.deepCopy());
        }
        labelsFrom(controller, map);
    }

    private static void labelsFrom(ObjectNode object, ObjectNode labels) {
        ObjectNode metadata = object.get("metadata") instanceof ObjectNode known ? known : object.putObject("metadata");
        if (metadata.path("labels").isEmpty()) {
            metadata.set("labels", labels.deepCopy());
        }
    }

    private static void job(ObjectNode job) {
        if (!(job.get("spec") instanceof ObjectNode spec)) {
            return;
        }
        if (absent(spec, "completions") && absent(spec, "parallelism")) {
            spec.put("completions", 1);
            spec.put("parallelism", 1);
        }
        if (absent(spec, "parallelism")) {
            spec.put("parallelism", 1);
        }
        if (absent(spec, "backoffLimit")) {
            spec.put("backoffLimit", absent(spec, "backoffLimitPerIndex") ? 6 : Integer.MAX_VALUE);
        }
        if (absent(spec, "podReplacementPolicy")) {
            spec.put("podReplacementPolicy", absent(spec, "podFailurePolicy") ? "TerminatingOrFailed" : "Failed");
        }
        if (spec.path("template").path("metadata").path("labels") instanceof ObjectNode labels && !labels.isEmpty()) {
            labelsFrom(job, labels);
        }
    }

    private static void networkPolicy(ObjectNode spec) {
        if (spec.path("policyTypes").isEmpty()) {
            ArrayNode types = spec.putArray("policyTypes");
            types.add("Ingress");
            if (!spec.path("egress").isEmpty()) {
                types.add("Egress");
            }
        }
    }

    private static boolean absent(ObjectNode node, String field) {
        return node.path(field).isMissingNode() || node.path(field).isNull();
    }

    private static boolean empty(ObjectNode node, String field) {
        return text(node, field).isEmpty();
    }

    private static String text(ObjectNode node, String field) {
        JsonNode value = node.get(field);
        return value != null && value.isString() ? value.stringValue() : "";
    }
}
