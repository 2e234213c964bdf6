package io.quarterdeck.node.images;

import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.quarterdeck.node.runtime.ImageService.RegistryCredentials;
import io.quarterdeck.node.volumes.ClusterObjects;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Credentials from a pod's imagePullSecrets, of both of upstream's types. */
final class PullSecrets {

    private static final Map<String, String> KEYS = Map.of(
            "kubernetes.io/dockerconfigjson", ".dockerconfigjson",
            "kubernetes.io/dockercfg", ".dockercfg");

    private final ClusterObjects objects;

    PullSecrets(ClusterObjects objects) {
        this.objects = objects;
    }

    /** Those that fit the image's registry. A secret that is missing or unreadable counts as none, as upstream has it. */
    List<RegistryCredentials> of(Pod pod, ImageReference image) {
        List<RegistryCredentials> found = new ArrayList<>();
        for (LocalObjectReference reference :
                Objects.requireNonNullElse(pod.getSpec().getImagePullSecrets(), List.<LocalObjectReference>of())) {
            Optional<Secret> secret = objects.secret(pod.getMetadata().getNamespace(), reference.getName());
            String key = secret.map(Secret::getType).map(KEYS::get).orElse(null);
            if (secret.isEmpty() || key == null || secret.get().getData() == null) {
                continue;
            }
            String data = secret.get().getData().get(key);
            if (data != null) {
                read(data, image, found);
            }
        }
        return found;
    }

    private static void read(String base64, ImageReference image, List<RegistryCredentials> found) {
        try {
            JsonNode config = JsonMapper.shared().readTree(Base64.getDecoder().decode(base64));
            JsonNode registries = config.has("auths") ? config.path("auths") : config;
            registries.properties().forEach(entry -> {
                if (!matches(entry.getKey(), image)) {
                    return;
                }
                String user = entry.getValue().path("username").asString("");
                String password = entry.getValue().path("password").asString("");
                String auth = entry.getValue().path("auth").asString("");
                if (user.isEmpty() && !auth.isEmpty()) {
                    String decoded = new String(Base64.getDecoder().decode(auth), StandardCharsets.UTF_8);
                    int colon = decoded.indexOf(':');
                    user = colon < 0 ? decoded : decoded.substring(0, colon);
                    password = colon < 0 ? "" : decoded.substring(colon + 1);
                }
                found.add(new RegistryCredentials(entry.getKey(), user, password));
            });
        } catch (JacksonException | IllegalArgumentException unreadable) {
            // Pulled without, then: the registry's own refusal says more than we could.
        }
    }

    private static boolean matches(String key, ImageReference image) {
        String host =
                key.replaceFirst("^https?://", "").replaceFirst("/v[12]/?$", "").replaceFirst("/$", "");
        if (host.equals("index.docker.io") || host.equals("registry-1.docker.io")) {
            host = "docker.io";
        }
        return host.equals(image.registry()) || image.name().startsWith(host + "/");
    }
}
