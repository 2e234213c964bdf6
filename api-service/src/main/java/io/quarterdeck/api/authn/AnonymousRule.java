package io.quarterdeck.api.authn;

import io.quarterdeck.api.settings.ConfigurationFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * Whether, and to which paths, callers without credentials are let through. Immutable.
 *
 * <p>Source: API apiserver.config.k8s.io/v1, AuthenticationConfiguration.
 *
 * @param paths whole paths; all when empty
 */
record AnonymousRule(boolean allowed, List<String> paths) {

    static final Set<String> VERSIONS =
            Set.of("apiserver.config.k8s.io/v1", "apiserver.config.k8s.io/v1beta1", "apiserver.config.k8s.io/v1alpha1");

    /** @param otherwise what holds when the file does not say */
    static AnonymousRule read(Path file, boolean otherwise) {
        JsonNode anonymous = ConfigurationFile.read(file, "AuthenticationConfiguration", VERSIONS)
                .path("anonymous");
        if (anonymous.isMissingNode()) {
            return new AnonymousRule(otherwise, List.of());
        }
        ConfigurationFile.requireFields(anonymous, "anonymous", "enabled", "conditions");
        boolean enabled = anonymous.path("enabled").asBoolean(false);
        List<String> paths = new ArrayList<>();
        for (JsonNode condition : anonymous.path("conditions")) {
            ConfigurationFile.requireFields(condition, "anonymous.conditions", "path");
            paths.add(condition.path("path").asString(""));
        }
        return new AnonymousRule(enabled, paths);
    }

    boolean lets(String path) {
        return allowed && (paths.isEmpty() || paths.contains(path));
    }
}
