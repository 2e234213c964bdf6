package io.quarterdeck.api.kinds.core;

import io.quarterdeck.model.Quantity;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/** What a client should know about a legal pod spec: fields that do nothing, hide each other or will go. */
final class PodWarnings {

    private static final Map<String, String> NODE_LABELS = Map.of(
            "beta.kubernetes.io/arch", "deprecated since v1.14; use \"kubernetes.io/arch\" instead",
            "beta.kubernetes.io/os", "deprecated since v1.14; use \"kubernetes.io/os\" instead",
            "failure-domain.beta.kubernetes.io/region",
                    "deprecated since v1.17; use \"topology.kubernetes.io/region\" instead",
            "failure-domain.beta.kubernetes.io/zone",
                    "deprecated since v1.17; use \"topology.kubernetes.io/zone\" instead",
            "beta.kubernetes.io/instance-type",
                    "deprecated since v1.17; use \"node.kubernetes.io/instance-type\" instead");

    private PodWarnings() {}

    /** @param path of the object that has metadata and spec; empty for a pod */
    static List<String> of(String path, JsonNode object) {
        List<String> warnings = new ArrayList<>();
        String prefix = path.isEmpty() ? "" : path + ".";
        JsonNode spec = object.path("spec");
        String specPath = prefix + "spec";
        nodeSelector(spec, specPath, warnings);
        topologySpread(spec, specPath, warnings);
        annotations(object, prefix, warnings);
        spec(spec, specPath, warnings);
        containers(spec, specPath, warnings);
        return warnings;
    }

    private static void nodeSelector(JsonNode spec, String path, List<String> warnings) {
        for (String key : new TreeSet<>(spec.path("nodeSelector").propertyNames())) {
            if (NODE_LABELS.containsKey(key)) {
                warnings.add("%s.nodeSelector[%s]: %s".formatted(path, key, NODE_LABELS.get(key)));
            }
        }
    }

    private static void topologySpread(JsonNode spec, String path, List<String> warnings) {
        int i = 0;
        for (JsonNode constraint : spec.path("topologySpreadConstraints")) {
            String at = "%s.topologySpreadConstraints[%d]".formatted(path, i++);
            if (NODE_LABELS.containsKey(constraint.path("topologyKey").asString(""))) {
                warnings.add("%s.topologyKey: %s is %s"
                        .formatted(
                                at,
                                constraint.path("topologyKey").asString(),
                                NODE_LABELS.get(constraint.path("topologyKey").asString())));
            }
            if (!constraint.path("labelSelector").isObject()) {
                warnings.add(at + ".labelSelector: a null labelSelector results in matching no pod");
            }
        }
    }

    private static void annotations(JsonNode object, String prefix, List<String> warnings) {
        for (String key :
                new TreeSet<>(object.path("metadata").path("annotations").propertyNames())) {
            String at = "%smetadata.annotations[%s]".formatted(prefix, key);
            if (key.equals("seccomp.security.alpha.kubernetes.io/pod")
                    || key.startsWith("container.seccomp.security.alpha.kubernetes.io/")) {
                warnings.add(at + ": non-functional in v1.27+; use the \"seccompProfile\" field instead");
            } else if (key.startsWith("container.apparmor.security.beta.kubernetes.io/")) {
                warnings.add(at + ": deprecated since v1.30; use the \"appArmorProfile\" field instead");
            } else if (key.equals("scheduler.alpha.kubernetes.io/critical-pod")) {
                warnings.add(at + ": non-functional in v1.16+; use the \"priorityClassName\" field instead");
            }
        }
    }

    private static void spec(JsonNode spec, String path, List<String> warnings) {
        int i = 0;
        for (JsonNode secret : spec.path("imagePullSecrets")) {
            if (secret.path("name").asString("").isBlank()) {
                warnings.add("%s.imagePullSecrets[%d].name: invalid empty name \"%s\""
                        .formatted(path, i, secret.path("name").asString("")));
            }
            i++;
        }
        i = 0;
        for (JsonNode alias : spec.path("hostAliases")) {
            if (alias.path("ip").asString("").isEmpty()) {
                warnings.add("%s.hostAliases[%d].ip: ip is empty".formatted(path, i));
            }
            i++;
        }
        i = 0;
        for (JsonNode volume : spec.path("volumes")) {
            String at = "%s.volumes[%d]".formatted(path, i++);
            if (volume.has("gitRepo")) {
                warnings.add(at + ".gitRepo: deprecated in v1.11, and disabled by default in v1.33+");
            }
            if (volume.has("photonPersistentDisk")) {
                warnings.add(at + ".photonPersistentDisk: deprecated in v1.11, non-functional in v1.16+");
            }
            if (volume.has("scaleIO")) {
                warnings.add(at + ".scaleIO: deprecated in v1.16, non-functional in v1.22+");
            }
            for (String removed : List.of("flocker", "quobyte", "storageos")) {
                if (volume.has(removed)) {
                    warnings.add("%s.%s: deprecated in v1.22, non-functional in v1.25+"
                            .formatted(at, removed.equals("storageos") ? "storageOS" : removed));
                }
            }
            for (String removed : List.of("glusterfs")) {
                if (volume.has(removed)) {
                    warnings.add("%s.%s: deprecated in v1.25, non-functional in v1.26+".formatted(at, removed));
                }
            }
            for (String removed : List.of("cephfs", "rbd")) {
                if (volume.has(removed)) {
                    warnings.add("%s.%s: deprecated in v1.28, non-functional in v1.31+".formatted(at, removed));
                }
            }
        }
        if (spec.path("terminationGracePeriodSeconds").asLong(0) < 0) {
            warnings.add(
                    "%s.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1"
                            .formatted(path));
        }
        JsonNode claimed = spec.path("overhead").path("memory");
        if (fractional(claimed)) {
            warnings.add("%s.overhead[memory]: fractional byte value \"%s\" is invalid, must be an integer"
                    .formatted(path, claimed.asString()));
        }
    }

    private static void containers(JsonNode spec, String path, List<String> warnings) {
        Map<String, String> ports = new HashMap<>();
        for (String list : List.of("initContainers", "containers")) {
            int i = 0;
            for (JsonNode container : spec.path(list)) {
                String at = "%s.%s[%d]".formatted(path, list, i++);
                fractionalBytes(container, at, warnings);
                hiddenVariables(container, at, warnings);
                repeatedPorts(container, at, list, ports, warnings);
            }
        }
    }

    private static void fractionalBytes(JsonNode container, String at, List<String> warnings) {
        for (String list : List.of("limits", "requests")) {
            for (String resource : List.of("memory", "ephemeral-storage")) {
                JsonNode value = container.path("resources").path(list).path(resource);
                if (fractional(value)) {
                    warnings.add("%s.resources.%s[%s]: fractional byte value \"%s\" is invalid, must be an integer"
                            .formatted(at, list, resource, value.asString()));
                }
            }
        }
    }

    private static boolean fractional(JsonNode value) {
        return ResourceRules.quantity(value)
                .map(Quantity::value)
                .filter(exact -> exact.stripTrailingZeros().scale() > 0)
                .isPresent();
    }

    private static void hiddenVariables(JsonNode container, String at, List<String> warnings) {
        Set<String> names = new HashSet<>();
        int i = 0;
        for (JsonNode variable : container.path("env")) {
            String name = variable.path("name").asString("");
            if (!names.add(name)) {
                warnings.add("%s.env[%d]: hides previous definition of \"%s\", which may be dropped when using apply"
                        .formatted(at, i, name));
            }
            i++;
        }
    }

    private static void repeatedPorts(
            JsonNode container, String at, String list, Map<String, String> seen, List<String> warnings) {
        int i = 0;
        for (JsonNode port : container.path("ports")) {
            String here = "%s.ports[%d]".formatted(at, i++);
            String key = "%s/%s/%s"
                    .formatted(
                            port.path("protocol").asString(""),
                            port.path("containerPort").asInt(0),
                            port.path("hostPort").asInt(0) == 0
                                    ? ""
                                    : port.path("hostIP").asString("") + ":"
                                            + port.path("hostPort").asInt(0));
            if (list.equals("initContainers")) {
                continue;
            }
            String before = seen.putIfAbsent(key, here);
            if (before != null) {
                warnings.add("%s: duplicate port definition with %s".formatted(here, before));
            }
        }
    }
}
