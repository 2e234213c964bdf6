package io.quarterdeck.api.settings;

import io.quarterdeck.pki.CertificateFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads a file that operators know from upstream: YAML or JSON with an apiVersion and a kind. Messages never quote the
 * file, which may hold keys.
 */
public final class ConfigurationFile {

    /** Upstream's YAML becomes JSON with its fields by name, so that of several mistakes it tells the first one of these. */
    private static final JsonMapper SORTING =
            JsonMapper.builder().enable(JsonNodeFeature.WRITE_PROPERTIES_SORTED).build();

    private ConfigurationFile() {}

    /**
     * @param versions accepted API versions, the current one first
     * @throws IllegalArgumentException when it is not YAML, or not of that kind
     */
    public static ObjectNode read(Path file, String kind, Set<String> versions) {
        return parse(CertificateFiles.read(file), file.toString(), kind, versions);
    }

    /** The same for text at hand; {@code name} stands for it in messages. */
    public static ObjectNode parse(String text, String name, String kind, Set<String> versions) {
        ObjectNode tree = parse(text, name);
        String apiVersion = tree.path("apiVersion").asString("");
        if (!kind.equals(tree.path("kind").asString("")) || !versions.contains(apiVersion)) {
            throw new IllegalArgumentException("%s: no %s of %s: it says kind \"%s\", apiVersion \"%s\""
                    .formatted(name, kind, versions, tree.path("kind").asString(""), apiVersion));
        }
        return tree;
    }

    /** A document of any kind. */
    public static ObjectNode parse(String text, String name) {
        Object content;
        try {
            LoaderOptions options = new LoaderOptions();
            options.setAllowDuplicateKeys(false);
            content = new Yaml(new SafeConstructor(options)).load(text);
        } catch (YAMLException malformed) {
            throw new IllegalArgumentException(name + ": not YAML");
        }
        if (!(JsonMapper.shared().valueToTree(content) instanceof ObjectNode tree)) {
            throw new IllegalArgumentException(name + ": not an object");
        }
        return (ObjectNode) SORTING.readTree(SORTING.writeValueAsBytes(tree));
    }

    /** Refuses fields that nobody would read: a misspelt rule must not be a silent one. */
    public static void requireFields(JsonNode object, String path, String... known) {
        Set<String> allowed = Set.of(known);
        object.propertyNames().forEach(name -> {
            if (!allowed.contains(name)) {
                throw new IllegalArgumentException(
                        "strict decoding error: unknown field \"" + (path.isEmpty() ? name : path + "." + name) + "\"");
            }
        });
    }

    /** The strings of a list; empty when it is absent. */
    public static List<String> strings(JsonNode object, String field) {
        List<String> strings = new ArrayList<>();
        object.path(field).forEach(each -> strings.add(each.asString("")));
        return List.copyOf(strings);
    }
}
