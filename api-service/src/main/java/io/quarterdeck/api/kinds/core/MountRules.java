package io.quarterdeck.api.kinds.core;

import io.quarterdeck.api.validation.Field;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** Rules about how containers see volumes. {@code volumes} are those of the pod, by name. */
final class MountRules {

    private MountRules() {}

    static void mounts(Field container, Map<String, JsonNode> volumes) {
        Field mounts = container.at("volumeMounts");
        Map<String, String> devices = pathsByName(container.at("volumeDevices"), "devicePath");
        Set<String> paths = new HashSet<>();
        for (Field mount : mounts.items()) {
            Field name = mount.at("name");
            Field path = mount.at("mountPath");
            name.require();
            if (!volumes.containsKey(name.text())) {
                name.notFound();
            }
            path.require();
            if (!paths.add(path.text())) {
                path.invalid("must be unique");
            }
            if (devices.containsKey(name.text())) {
                name.invalid("must not already exist in volumeDevices");
            }
            if (devices.containsValue(path.text())) {
                path.invalid("must not already exist as a path in volumeDevices");
            }
            subPaths(mount, mounts, volumes);
            propagation(mount, mounts, container);
            recursiveReadOnly(mount, mounts);
        }
    }

    private static void subPaths(Field mount, Field mounts, Map<String, JsonNode> volumes) {
        Field subPath = mount.at("subPath");
        Field expression = mount.at("subPathExpr");
        JsonNode volume = volumes.get(mount.at("name").text());
        if (volume != null && volume.has("image")) {
            for (Field field : List.of(subPath, expression)) {
                if (!field.empty()) {
                    field.invalid("not allowed in image volume sources");
                }
            }
        }
        if (!subPath.empty()) {
            PathRules.localDescending(subPath.as(mounts.path() + ".subPath"));
        }
        if (!expression.empty()) {
            if (!subPath.empty()) {
                expression.invalid("subPathExpr and subPath are mutually exclusive");
            }
            PathRules.localDescending(expression.as(mounts.path() + ".subPathExpr"));
        }
    }

    private static void propagation(Field mount, Field mounts, Field container) {
        Field propagation = mount.at("mountPropagation").as(mounts.path() + ".mountPropagation");
        if (!propagation.present()) {
            return;
        }
        propagation.oneOf("Bidirectional", "HostToContainer", "None");
        if (propagation.is("Bidirectional")
                && !container.at("securityContext.privileged").flag()) {
            propagation.forbidden("Bidirectional mount propagation is available only to privileged containers");
        }
    }

    private static void recursiveReadOnly(Field mount, Field mounts) {
        Field recursive = mount.at("recursiveReadOnly").as(mounts.path() + ".recursiveReadOnly");
        if (!recursive.present() || recursive.is("Disabled")) {
            return;
        }
        if (!recursive.is("Enabled") && !recursive.is("IfPossible")) {
            recursive.unsupported("Disabled", "Enabled", "IfPossible");
            return;
        }
        if (!mount.at("readOnly").flag()) {
            recursive.forbidden("may only be specified when readOnly is true");
        }
        Field propagation = mount.at("mountPropagation");
        if (propagation.present() && !propagation.is("None")) {
            recursive.forbidden("may only be specified when mountPropagation is None or not specified");
        }
    }

    static void devices(Field container, Map<String, JsonNode> volumes) {
        Field devices = container.at("volumeDevices");
        Map<String, String> mounts = pathsByName(container.at("volumeMounts"), "mountPath");
        Set<String> names = new HashSet<>();
        Set<String> paths = new HashSet<>();
        for (Field device : devices.items()) {
            Field name = device.at("name");
            Field path = device.at("devicePath");
            name.require();
            if (names.contains(name.text())) {
                name.invalid("must be unique");
            }
            JsonNode volume = volumes.get(name.text());
            if (volume == null) {
                name.notFound();
            } else if (!volume.has("persistentVolumeClaim") && !volume.has("ephemeral")) {
                name.invalid("can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode");
            }
            path.require();
            if (paths.contains(path.text())) {
                path.invalid("must be unique");
            }
            if (PathRules.backsteps(path.text())) {
                path.invalid("can not contain backsteps ('..')");
            } else {
                paths.add(path.text());
            }
            if (mounts.containsKey(name.text())) {
                name.invalid("must not already exist in volumeMounts");
            }
            if (mounts.containsValue(path.text())) {
                path.invalid("must not already exist as a path in volumeMounts");
            }
            if (!name.empty()) {
                names.add(name.text());
            }
        }
    }

    private static Map<String, String> pathsByName(Field list, String pathField) {
        Map<String, String> paths = new HashMap<>();
        list.items()
                .forEach(item ->
                        paths.put(item.at("name").text(), item.at(pathField).text()));
        return paths;
    }
}
