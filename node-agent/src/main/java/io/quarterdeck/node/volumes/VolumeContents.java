package io.quarterdeck.node.volumes;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.DownwardAPIVolumeFile;
import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ProjectedVolumeSource;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeProjection;
import io.quarterdeck.node.volumes.DownwardApi.NodeFacts;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Which files a volume holds that mirrors API objects: configMap, secret, downwardAPI, projected. */
final class VolumeContents {

    private static final int DEFAULT_MODE = 0644;
    private static final long DEFAULT_TOKEN_SECONDS = 3600;

    private final ClusterObjects objects;

    VolumeContents(ClusterObjects objects) {
        this.objects = objects;
    }

    static boolean mirrorsObjects(Volume volume) {
        return volume.getConfigMap() != null
                || volume.getSecret() != null
                || volume.getDownwardAPI() != null
                || volume.getProjected() != null;
    }

    /** By path within the volume. Throws {@link VolumeFailure} when something it needs is not there. */
    Map<String, FileProjection> of(Pod pod, Volume volume, NodeFacts node, boolean tokenForOneUser) {
        Map<String, FileProjection> files = new HashMap<>();
        if (volume.getConfigMap() != null) {
            var source = volume.getConfigMap();
            configMap(
                    pod,
                    source.getName(),
                    source.getItems(),
                    optional(source.getOptional()),
                    mode(source.getDefaultMode(), DEFAULT_MODE),
                    files);
        } else if (volume.getSecret() != null) {
            var source = volume.getSecret();
            secret(
                    pod,
                    source.getSecretName(),
                    source.getItems(),
                    optional(source.getOptional()),
                    mode(source.getDefaultMode(), DEFAULT_MODE),
                    files);
        } else if (volume.getDownwardAPI() != null) {
            downward(
                    pod,
                    volume.getDownwardAPI().getItems(),
                    mode(volume.getDownwardAPI().getDefaultMode(), DEFAULT_MODE),
                    node,
                    files);
        } else {
            projected(pod, volume.getProjected(), node, tokenForOneUser, files);
        }
        return files;
    }

    private void projected(
            Pod pod,
            ProjectedVolumeSource source,
            NodeFacts node,
            boolean tokenForOneUser,
            Map<String, FileProjection> files) {
        int mode = mode(source.getDefaultMode(), DEFAULT_MODE);
        for (VolumeProjection part : Objects.requireNonNullElse(source.getSources(), List.<VolumeProjection>of())) {
            if (part.getConfigMap() != null) {
                var from = part.getConfigMap();
                configMap(pod, from.getName(), from.getItems(), optional(from.getOptional()), mode, files);
            } else if (part.getSecret() != null) {
                var from = part.getSecret();
                secret(pod, from.getName(), from.getItems(), optional(from.getOptional()), mode, files);
            } else if (part.getDownwardAPI() != null) {
                downward(pod, part.getDownwardAPI().getItems(), mode, node, files);
            } else if (part.getServiceAccountToken() != null) {
                var from = part.getServiceAccountToken();
                ClusterObjects.Token token = objects.token(
                        pod,
                        Objects.requireNonNullElse(from.getAudience(), ""),
                        Objects.requireNonNullElse(from.getExpirationSeconds(), DEFAULT_TOKEN_SECONDS));
                files.put(
                        within(from.getPath()),
                        new FileProjection(
                                token.value().getBytes(StandardCharsets.UTF_8), tokenForOneUser ? 0600 : mode));
            } else {
                throw new VolumeFailure("projected volume source is not supported by this node");
            }
        }
    }

    private void configMap(
            Pod pod,
            String name,
            @Nullable List<KeyToPath> items,
            boolean optional,
            int mode,
            Map<String, FileProjection> files) {
        Optional<ConfigMap> found = objects.configMap(pod.getMetadata().getNamespace(), name);
        if (found.isEmpty() && !optional) {
            throw new VolumeFailure("configmap \"%s\" not found".formatted(name));
        }
        Map<String, byte[]> data = new HashMap<>();
        found.ifPresent(map -> {
            orEmpty(map.getData()).forEach((key, value) -> data.put(key, value.getBytes(StandardCharsets.UTF_8)));
            orEmpty(map.getBinaryData())
                    .forEach((key, value) -> data.put(key, Base64.getDecoder().decode(value)));
        });
        project("configmap", data, items, optional, mode, files);
    }

    private void secret(
            Pod pod,
            String name,
            @Nullable List<KeyToPath> items,
            boolean optional,
            int mode,
            Map<String, FileProjection> files) {
        Optional<Secret> found = objects.secret(pod.getMetadata().getNamespace(), name);
        if (found.isEmpty() && !optional) {
            throw new VolumeFailure("secret \"%s\" not found".formatted(name));
        }
        Map<String, byte[]> data = new HashMap<>();
        found.ifPresent(secret -> orEmpty(secret.getData())
                .forEach((key, value) -> data.put(key, Base64.getDecoder().decode(value))));
        project("secret", data, items, optional, mode, files);
    }

    private static void project(
            String what,
            Map<String, byte[]> data,
            @Nullable List<KeyToPath> items,
            boolean optional,
            int mode,
            Map<String, FileProjection> files) {
        if (items == null || items.isEmpty()) {
            data.forEach((key, value) -> files.put(key, new FileProjection(value, mode)));
            return;
        }
        for (KeyToPath item : items) {
            byte[] content = data.get(item.getKey());
            if (content != null) {
                files.put(within(item.getPath()), new FileProjection(content, mode(item.getMode(), mode)));
            } else if (!optional) {
                throw new VolumeFailure("%s references non-existent %s key: %s"
                        .formatted(what, "secret".equals(what) ? "secret" : "config", item.getKey()));
            }
        }
    }

    private static void downward(
            Pod pod,
            @Nullable List<DownwardAPIVolumeFile> items,
            int mode,
            NodeFacts node,
            Map<String, FileProjection> files) {
        for (DownwardAPIVolumeFile item : Objects.requireNonNullElse(items, List.<DownwardAPIVolumeFile>of())) {
            String value = item.getFieldRef() != null
                    ? DownwardApi.field(pod, item.getFieldRef().getFieldPath(), node, List.of())
                    : DownwardApi.resource(pod, item.getResourceFieldRef(), Optional.empty(), node);
            files.put(
                    within(item.getPath()),
                    new FileProjection(value.getBytes(StandardCharsets.UTF_8), mode(item.getMode(), mode)));
        }
    }

    /** The API refuses such paths; the node does not trust it with its own disk. */
    private static String within(String path) {
        Path normal = Path.of(path).normalize();
        if (normal.isAbsolute() || normal.startsWith("..") || normal.toString().isEmpty()) {
            throw new VolumeFailure("path \"%s\" leaves the volume".formatted(path));
        }
        return normal.toString();
    }

    private static boolean optional(@Nullable Boolean value) {
        return Boolean.TRUE.equals(value);
    }

    private static int mode(@Nullable Integer value, int otherwise) {
        return value == null ? otherwise : value;
    }

    private static Map<String, String> orEmpty(@Nullable Map<String, String> map) {
        return map == null ? Map.of() : map;
    }
}
