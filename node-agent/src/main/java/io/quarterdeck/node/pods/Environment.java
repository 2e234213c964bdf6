package io.quarterdeck.node.pods;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvFromSource;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarSource;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.quarterdeck.node.volumes.ClusterObjects;
import io.quarterdeck.node.volumes.DownwardApi;
import io.quarterdeck.node.volumes.DownwardApi.NodeFacts;
import io.quarterdeck.node.volumes.VolumeFailure;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A container's environment from all its sources. What is defined later wins; services give way to all others. */
final class Environment {

    private final ClusterObjects objects;

    Environment(ClusterObjects objects) {
        this.objects = objects;
    }

    /** Throws {@link VolumeFailure} when something that is not optional is missing. */
    Map<String, String> of(
            Pod pod, Container container, Collection<Service> services, NodeFacts node, List<String> podIps) {
        String namespace = pod.getMetadata().getNamespace();
        Map<String, String> result = new LinkedHashMap<>();
        for (EnvFromSource source : Objects.requireNonNullElse(container.getEnvFrom(), List.<EnvFromSource>of())) {
            String prefix = Objects.requireNonNullElse(source.getPrefix(), "");
            if (source.getConfigMapRef() != null) {
                configMap(
                                namespace,
                                source.getConfigMapRef().getName(),
                                source.getConfigMapRef().getOptional())
                        .ifPresent(map -> Objects.requireNonNullElse(map.getData(), Map.<String, String>of())
                                .forEach((key, value) -> result.put(prefix + key, value)));
            } else if (source.getSecretRef() != null) {
                secret(
                                namespace,
                                source.getSecretRef().getName(),
                                source.getSecretRef().getOptional())
                        .ifPresent(secret -> Objects.requireNonNullElse(secret.getData(), Map.<String, String>of())
                                .forEach((key, value) -> result.put(prefix + key, decoded(value))));
            }
        }
        Map<String, String> known = new LinkedHashMap<>(ServiceVariables.of(
                services, namespace, !Boolean.FALSE.equals(pod.getSpec().getEnableServiceLinks())));
        Map<String, String> fromServices = Map.copyOf(known);
        known.putAll(result);
        for (EnvVar variable : Objects.requireNonNullElse(container.getEnv(), List.<EnvVar>of())) {
            Optional<String> value = variable.getValueFrom() == null
                    ? Optional.of(Expansion.expand(Objects.requireNonNullElse(variable.getValue(), ""), known))
                    : from(pod, container, variable.getValueFrom(), node, podIps);
            value.ifPresent(text -> {
                result.put(variable.getName(), text);
                known.put(variable.getName(), text);
            });
        }
        fromServices.forEach(result::putIfAbsent);
        return result;
    }

    private Optional<String> from(
            Pod pod, Container container, EnvVarSource source, NodeFacts node, List<String> podIps) {
        String namespace = pod.getMetadata().getNamespace();
        if (source.getFieldRef() != null) {
            return Optional.of(DownwardApi.field(pod, source.getFieldRef().getFieldPath(), node, podIps));
        }
        if (source.getResourceFieldRef() != null) {
            return Optional.of(DownwardApi.resource(pod, source.getResourceFieldRef(), Optional.of(container), node));
        }
        if (source.getConfigMapKeyRef() != null) {
            var ref = source.getConfigMapKeyRef();
            Optional<ConfigMap> map = configMap(namespace, ref.getName(), ref.getOptional());
            return value(
                    map.map(ConfigMap::getData),
                    ref.getKey(),
                    ref.getOptional(),
                    "couldn't find key %s in ConfigMap %s/%s".formatted(ref.getKey(), namespace, ref.getName()));
        }
        if (source.getSecretKeyRef() != null) {
            var ref = source.getSecretKeyRef();
            Optional<Secret> secret = secret(namespace, ref.getName(), ref.getOptional());
            return value(
                            secret.map(Secret::getData),
                            ref.getKey(),
                            ref.getOptional(),
                            "couldn't find key %s in Secret %s/%s".formatted(ref.getKey(), namespace, ref.getName()))
                    .map(Environment::decoded);
        }
        return Optional.empty();
    }

    private static Optional<String> value(
            Optional<Map<String, String>> data, String key, @Nullable Boolean optional, String otherwise) {
        Optional<String> value = data.map(map -> map.get(key));
        if (value.isEmpty() && !Boolean.TRUE.equals(optional)) {
            throw new VolumeFailure(otherwise);
        }
        return value;
    }

    private Optional<ConfigMap> configMap(String namespace, String name, @Nullable Boolean optional) {
        Optional<ConfigMap> found = objects.configMap(namespace, name);
        if (found.isEmpty() && !Boolean.TRUE.equals(optional)) {
            throw new VolumeFailure("configmap \"%s\" not found".formatted(name));
        }
        return found;
    }

    private Optional<Secret> secret(String namespace, String name, @Nullable Boolean optional) {
        Optional<Secret> found = objects.secret(namespace, name);
        if (found.isEmpty() && !Boolean.TRUE.equals(optional)) {
            throw new VolumeFailure("secret \"%s\" not found".formatted(name));
        }
        return found;
    }

    private static String decoded(String base64) {
        return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
    }
}
