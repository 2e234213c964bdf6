package io.quarterdeck.standalone.manifests;

import io.quarterdeck.standalone.manifests.RetiredKind.Change;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * The table of retired kinds, {@code retired-kinds.yaml}. Source: Kubernetes documentation, "Deprecated API Migration
 * Guide", and the change logs before it.
 */
final class RetiredKinds {

    private final List<RetiredKind> kinds;

    private RetiredKinds(List<RetiredKind> kinds) {
        this.kinds = kinds;
    }

    static RetiredKinds read() {
        try (InputStream in = RetiredKinds.class.getResourceAsStream("retired-kinds.yaml")) {
            Map<String, Object> data =
                    new Yaml(new SafeConstructor(new LoaderOptions())).load(Objects.requireNonNull(in));
            Map<?, ?> changes = map(Objects.requireNonNull(data.get("changes")));
            List<RetiredKind> kinds = new ArrayList<>();
            for (Object row : (List<?>) Objects.requireNonNull(data.get("kinds"))) {
                Map<?, ?> entry = map(row);
                String[] today = text(entry, "today").split(" ");
                List<Change> all = new ArrayList<>();
                for (Object name : entry.get("changes") instanceof List<?> list ? list : List.of()) {
                    for (Object change : (List<?>) Objects.requireNonNull(changes.get(name), String.valueOf(name))) {
                        Map<?, ?> one = map(change);
                        String when = one.containsKey("present")
                                ? "present"
                                : one.containsKey("missing") ? "missing" : "always";
                        all.add(new Change(when, text(one, when), text(one, "say")));
                    }
                }
                for (Object kind : (List<?>) Objects.requireNonNull(entry.get("kinds"))) {
                    String name = String.valueOf(kind);
                    boolean gone = today[0].isEmpty();
                    kinds.add(new RetiredKind(
                            text(entry, "version"),
                            name,
                            text(entry, "until"),
                            today[0],
                            gone ? "" : today.length > 1 ? today[1] : name,
                            List.copyOf(all)));
                }
            }
            return new RetiredKinds(kinds);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<?, ?> map(Object value) {
        return (Map<?, ?>) Objects.requireNonNull(value);
    }

    private static String text(Map<?, ?> map, String key) {
        Object value = map.get(key);
        return value == null ? "" : String.valueOf(value);
    }

    List<RetiredKind> all() {
        return kinds;
    }

    Optional<RetiredKind> find(String apiVersion, String kind) {
        return kinds.stream()
                .filter(each -> each.oldApiVersion().equals(apiVersion)
                        && each.oldKind().equals(kind))
                .findFirst();
    }
}
