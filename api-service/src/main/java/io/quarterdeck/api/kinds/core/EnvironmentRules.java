package io.quarterdeck.api.kinds.core;

import io.quarterdeck.api.validation.Field;
import io.quarterdeck.model.Formats;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Rules about a container's environment and about fields that are read from the pod itself (downward API). */
final class EnvironmentRules {

    private static final Set<String> ENV_FIELDS = new TreeSet<>(Set.of(
            "metadata.name",
            "metadata.namespace",
            "metadata.uid",
            "spec.nodeName",
            "spec.serviceAccountName",
            "status.hostIP",
            "status.hostIPs",
            "status.podIP",
            "status.podIPs"));
    static final Set<String> VOLUME_FIELDS = new TreeSet<>(
            Set.of("metadata.name", "metadata.namespace", "metadata.labels", "metadata.annotations", "metadata.uid"));
    private static final Set<String> CONVERTIBLE = Set.of(
            "metadata.annotations",
            "metadata.labels",
            "metadata.name",
            "metadata.namespace",
            "metadata.uid",
            "spec.nodeName",
            "spec.restartPolicy",
            "spec.serviceAccountName",
            "spec.schedulerName",
            "status.phase",
            "status.hostIP",
            "status.hostIPs",
            "status.podIP",
            "status.podIPs");
    private static final Set<String> RESOURCES = new TreeSet<>(Set.of(
            "limits.cpu",
            "limits.memory",
            "limits.ephemeral-storage",
            "requests.cpu",
            "requests.memory",
            "requests.ephemeral-storage"));
    private static final Set<String> BYTE_DIVISORS =
            Set.of("1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei");

    private EnvironmentRules() {}

    static void env(Field env, Set<String> volumes) {
        for (Field variable : env.items()) {
            variable.at("name").requireFormat(Formats::environmentName);
            variable.at("valueFrom").ifPresent(source -> valueFrom(source, variable, volumes));
        }
    }

    private static void valueFrom(Field source, Field variable, Set<String> volumes) {
        int sources = 0;
        Field field = source.at("fieldRef");
        if (field.present()) {
            sources++;
            fieldSelector(field, ENV_FIELDS);
        }
        Field resource = source.at("resourceFieldRef");
        if (resource.present()) {
            sources++;
            resourceSelector(resource, false);
        }
        for (String type : List.of("configMapKeyRef", "secretKeyRef")) {
            Field key = source.at(type);
            if (key.present()) {
                sources++;
                key.at("name").format(Formats::subdomain);
                key.at("key").requireFormat(Formats::configKey);
            }
        }
        Field file = source.at("fileKeyRef");
        if (file.present()) {
            sources++;
            file.at("key").requireFormat(Formats::environmentName);
            Field volume = file.at("volumeName");
            if (volume.require() && !volumes.contains(volume.text())) {
                volume.notFound();
            }
            if (file.at("path").require()) {
                PathRules.localNonReserved(file.at("path"));
            }
        }
        if (sources == 0) {
            source.invalidValue(
                    "",
                    "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`");
        } else if (!variable.at("value").empty()) {
            source.invalidValue("", "may not be specified when `value` is not empty");
        } else if (sources > 1) {
            source.invalidValue("", "may not have more than one field specified at a time");
        }
    }

    static void envFrom(Field envFrom) {
        for (Field item : envFrom.items()) {
            Field prefix = item.at("prefix");
            if (!prefix.empty()) {
                prefix.format(Formats::environmentName);
            }
            int sources = 0;
            for (String type : List.of("configMapRef", "secretRef")) {
                Field source = item.at(type);
                if (source.present()) {
                    sources++;
                    Field name = source.at("name");
                    if (name.require()) {
                        name.format(value -> Formats.subdomain(Formats.maskTrailingDash(value)));
                    }
                }
            }
            if (sources == 0) {
                envFrom.invalidValue("", "must specify one of: `configMapRef` or `secretRef`");
            } else if (sources > 1) {
                envFrom.invalidValue("", "may not have more than one field specified at a time");
            }
        }
    }

    static void fieldSelector(Field selector, Set<String> supported) {
        if (!selector.at("apiVersion").require() || !selector.at("fieldPath").require()) {
            return;
        }
        Field fieldPath = selector.at("fieldPath");
        String path = fieldPath.text();
        int bracket = path.indexOf("['");
        String base = bracket > 0 && path.endsWith("']") ? path.substring(0, bracket) : path;
        if (!base.equals(path)) {
            String subscript = path.substring(bracket + 2, path.length() - 2);
            switch (base) {
                case "metadata.annotations" ->
                    Formats.qualifiedName(Formats.lower(subscript))
                            .forEach(problem -> selector.invalidValue(Formats.lower(subscript), problem));
                case "metadata.labels" ->
                    Formats.qualifiedName(subscript).forEach(problem -> selector.invalidValue(subscript, problem));
                default ->
                    fieldPath.invalid("error converting fieldPath: field label does not support subscript: " + path);
            }
        } else if (!CONVERTIBLE.contains(path)) {
            fieldPath.invalid("error converting fieldPath: field label not supported: " + path);
        } else if (!supported.contains(path)) {
            fieldPath.unsupported(supported);
        }
    }

    static void resourceSelector(Field selector, boolean volume) {
        Field resource = selector.at("resource");
        String name = resource.text();
        if (volume && selector.at("containerName").empty()) {
            selector.at("containerName").required();
        } else if (name.isEmpty()) {
            resource.required();
        } else if (!RESOURCES.contains(name)
                && !name.startsWith("limits.hugepages-")
                && !name.startsWith("requests.hugepages-")) {
            resource.unsupported(RESOURCES);
        }
        Field divisor = selector.at("divisor");
        if (divisor.empty() || ResourceRules.quantityOrZero(divisor.node()).signum() == 0) {
            return;
        }
        if (name.endsWith(".cpu")) {
            if (!divisor.is("1m") && !divisor.is("1")) {
                divisor.invalidValue(name, "only divisor's values 1m and 1 are supported with the cpu resource");
            }
        } else if (!BYTE_DIVISORS.contains(divisor.text())) {
            String kind = name.endsWith(".memory")
                    ? "memory"
                    : name.endsWith(".ephemeral-storage") ? "local ephemeral storage" : "hugepages";
            divisor.invalidValue(
                    name,
                    "only divisor's values 1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei are supported with the "
                            + kind + " resource");
        }
    }
}
