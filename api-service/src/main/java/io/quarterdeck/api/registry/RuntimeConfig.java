package io.quarterdeck.api.registry;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Which versions of which groups are served: stable ones, unless told otherwise by lines as upstream's flag
 * {@code --runtime-config} takes them. {@code resource.k8s.io/v1beta1}, {@code apps/v1=false}, {@code api/beta=true} and
 * {@code coordination.k8s.io/v1beta1/leasecandidates}; the narrower word counts. Immutable.
 *
 * <p>Source: kube-apiserver's reference, {@code --runtime-config}.
 */
public final class RuntimeConfig {

    private static final Set<String> WIDE = Set.of("api/all", "api/ga", "api/beta", "api/alpha");
    private static final String CORE = "v1";

    private final Map<String, Boolean> words = new HashMap<>();

    /** @throws IllegalArgumentException when a line cannot be understood */
    public RuntimeConfig(List<String> lines) {
        for (String line : lines) {
            String word = line.strip();
            if (word.isEmpty()) {
                continue;
            }
            int equals = word.indexOf('=');
            String key = equals < 0 ? word : word.substring(0, equals);
            String value = equals < 0 ? "true" : word.substring(equals + 1).toLowerCase(Locale.ROOT);
            if (!value.equals("true") && !value.equals("false")) {
                throw new IllegalArgumentException("runtime-config: %s is neither true nor false".formatted(word));
            }
            if (key.startsWith("api/") && !key.equals("api/v1") && !WIDE.contains(key)
                    || !key.contains("/") && !key.equals(CORE)) {
                throw new IllegalArgumentException("runtime-config: %s names neither a group and version nor one of %s"
                        .formatted(word, List.of("api/all", "api/ga", "api/beta", "api/alpha")));
            }
            words.put(key.equals("api/v1") ? CORE : key, value.equals("true"));
        }
    }

    /** What is served when nothing is said. */
    public static RuntimeConfig stable() {
        return new RuntimeConfig(List.of());
    }

    /** @param stability {@code ga}, {@code beta} or {@code alpha} */
    boolean serves(String group, String version, String resource, String stability) {
        String groupVersion = group.isEmpty() ? version : group + "/" + version;
        for (String key : List.of(groupVersion + "/" + resource, groupVersion, "api/" + stability, "api/all")) {
            Boolean said = words.get(key);
            if (said != null) {
                return said;
            }
        }
        return stability.equals("ga");
    }
}
