package io.quarterdeck.api.authn;

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

    /**
     * @param disallowedIssuers whose tokens somebody else judges: a file that names them is refused whole
     * @param otherwise what holds when the file does not say
     */
    static AnonymousRule read(Path file, Set<String> disallowedIssuers, boolean otherwise) {
        JsonNode anonymous = AuthenticationFile.read(file, disallowedIssuers).path("anonymous");
        if (anonymous.isMissingNode()) {
            return new AnonymousRule(otherwise, List.of());
        }
        boolean enabled = anonymous.path("enabled").asBoolean(false);
        List<String> paths = new ArrayList<>();
        for (JsonNode condition : anonymous.path("conditions")) {
            paths.add(condition.path("path").asString(""));
        }
        return new AnonymousRule(enabled, paths);
    }

    boolean lets(String path) {
        return allowed && (paths.isEmpty() || paths.contains(path));
    }
}
