package io.quarterdeck.standalone.manifests;

import io.quarterdeck.api.schema.ApiData;
import java.io.IOException;
import java.io.Reader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads a file of objects, YAML or JSON, and tells of each what became of its kind and version. */
public final class ManifestCheck {

    /**
     * What is to be known of one object.
     *
     * @param object {@code extensions/v1beta1 Deployment web}
     * @param works whether it can be created as it is
     * @param advice lines, in the order in which to follow them; empty when all is well
     */
    public record Report(String object, boolean works, List<String> advice) {}

    private final RetiredKinds retired = RetiredKinds.read();
    private final Map<String, String> known = new HashMap<>();

    public ManifestCheck() {
        for (JsonNode version :
                JsonMapper.shared().readTree(ApiData.RESOURCES.bytes()).get("groupVersions")) {
            String group = version.get("group").asString();
            String apiVersion = (group.isEmpty() ? "" : group + "/")
                    + version.get("version").asString();
            for (JsonNode resource : version.get("resources")) {
                known.put(
                        apiVersion + " " + resource.get("kind").asString(),
                        version.get("stability").asString());
            }
        }
    }

    /**
     * @throws IOException when the file cannot be read
     * @throws IllegalArgumentException when it is neither YAML nor JSON
     */
    public List<Report> check(Reader file) throws IOException {
        List<Report> reports = new ArrayList<>();
        try {
            for (Object document : new Yaml(new SafeConstructor(new LoaderOptions())).loadAll(file)) {
                collect(document, reports);
            }
        } catch (YAMLException e) {
            throw new IllegalArgumentException(
                    String.valueOf(e.getMessage()).lines().findFirst().orElse(""), e);
        }
        return reports;
    }

    private void collect(Object document, List<Report> reports) {
        if (!(document instanceof Map<?, ?> object)) {
            return;
        }
        if ("List".equals(object.get("kind")) && object.get("items") instanceof List<?> items) {
            items.forEach(item -> collect(item, reports));
            return;
        }
        String apiVersion = text(object, "apiVersion");
        String kind = text(object, "kind");
        String name = object.get("metadata") instanceof Map<?, ?> metadata ? text(metadata, "name") : "";
        String shown = (apiVersion + " " + kind + " " + name).strip();
        reports.add(retired.find(apiVersion, kind)
                .map(found -> report(shown, found, object))
                .orElseGet(() -> report(shown, apiVersion, kind)));
    }

    private static Report report(String shown, RetiredKind retired, Map<?, ?> object) {
        List<String> advice = new ArrayList<>();
        advice.add(retired.today()
                .map(today -> "use " + today
                        + (retired.served()
                                        ? " (%s is served, too)"
                                        : " (%s is gone since Kubernetes " + retired.until() + ")")
                                .formatted(retired.oldApiVersion()))
                .orElse("nothing takes its place (%s is gone since Kubernetes %s)"
                        .formatted(retired.oldApiVersion(), retired.until())));
        retired.changes().stream()
                .filter(change -> change.concerns(object))
                .forEach(change -> advice.add(change.text()));
        return new Report(shown, retired.served(), advice);
    }

    private Report report(String shown, String apiVersion, String kind) {
        String stability = known.get(apiVersion + " " + kind);
        if (stability == null) {
            return kind.isEmpty() || apiVersion.isEmpty()
                    ? new Report(shown, false, List.of("no object: it needs apiVersion and kind"))
                    : new Report(
                            shown,
                            !apiVersion.equals("v1")
                                    && !apiVersion
                                            .substring(0, apiVersion.indexOf('/') + 1)
                                            .isEmpty()
                                    && apiVersion.contains("."),
                            List.of("no kind of Kubernetes itself: it needs its CustomResourceDefinition first"));
        }
        return stability.equals("ga")
                ? new Report(shown, true, List.of())
                : new Report(
                        shown,
                        false,
                        List.of("served when the setting quarterdeck.api.runtime-config has %s=true"
                                .formatted(apiVersion)));
    }

    private static String text(Map<?, ?> map, String key) {
        Object value = map.get(key);
        return value == null ? "" : String.valueOf(value);
    }
}
