package io.quarterdeck.api.patch;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The owners of an object's replica count as the owners of its Scale, and back: who scales an object owns that field of it,
 * and nothing else. Pure.
 *
 * <p>Source: apimachinery's managedfields.ScaleHandler, KEP-555.
 */
public final class ScaleOwnership {

    private static final String SCALE = "autoscaling/v1";
    private static final List<String> REPLICAS = List.of("f:spec", "f:replicas");

    private final String apiVersion;
    private final List<String> path;
    private final Map<String, List<String>> elsewhere = new HashMap<>();

    /**
     * @param apiVersion the object's version on this route
     * @param replicas the dotted path of the count in the object
     * @param elsewhere the same in other versions that have it elsewhere; empty for those that do not have it
     */
    public ScaleOwnership(String apiVersion, String replicas, Map<String, String> elsewhere) {
        this.apiVersion = apiVersion;
        this.path = steps(replicas);
        elsewhere.forEach((version, there) -> this.elsewhere.put(version, steps(there)));
    }

    private static List<String> steps(String dotted) {
        List<String> steps = new ArrayList<>();
        for (String name : dotted.split("\\.")) {
            if (!name.isEmpty()) {
                steps.add("f:" + name);
            }
        }
        return List.copyOf(steps);
    }

    /** Where the count lies for an owner: in the version in which it owns fields. */
    private List<String> path(JsonNode owner) {
        return elsewhere.getOrDefault(owner.path("apiVersion").asString(""), path);
    }

    /** Who owns the count, as entries of a Scale. */
    public ArrayNode ofScale(JsonNode owners) {
        ArrayNode entries = JsonNodeFactory.instance.arrayNode();
        for (JsonNode owner : owners) {
            if (holds(owner, path(owner))) {
                ObjectNode entry = (ObjectNode) owner.deepCopy();
                entry.put("apiVersion", SCALE).set("fieldsV1", only(REPLICAS));
                entries.add(entry);
            }
        }
        return entries;
    }

    /**
     * The object's entries after its Scale was written.
     *
     * @param owners the object's entries before
     * @param ofScale the Scale's entries after; an owner that is no longer among them lost the count
     */
    public ArrayNode ofObject(JsonNode owners, JsonNode ofScale) {
        Map<String, JsonNode> now = new HashMap<>();
        for (JsonNode entry : ofScale) {
            if (holds(entry, REPLICAS)) {
                now.put(identity(entry), entry);
            }
        }
        ArrayNode entries = JsonNodeFactory.instance.arrayNode();
        for (JsonNode owner : owners) {
            if (!holds(owner, path(owner)) || now.remove(identity(owner)) != null) {
                entries.add(owner.deepCopy());
                continue;
            }
            FieldSet left = FieldSet.parse(owner.path("fieldsV1")).difference(set(path(owner)));
            if (!left.isEmpty()) {
                entries.add(((ObjectNode) owner.deepCopy()).set("fieldsV1", left.encode()));
            }
        }
        now.values().forEach(entry -> {
            ObjectNode added = (ObjectNode) entry.deepCopy();
            // Upstream takes a new owner's time from the object, which has none for it.
            added.remove("time");
            added.put("apiVersion", apiVersion).set("fieldsV1", only(path));
            entries.add(added);
        });
        return entries;
    }

    /** An applier is one owner in all versions; an updater of the Scale is told from others by its subresource. */
    private static String identity(JsonNode owner) {
        return String.join(
                "\0",
                owner.path("manager").asString(""),
                owner.path("operation").asString(""),
                owner.path("subresource").asString(""));
    }

    private static boolean holds(JsonNode owner, List<String> field) {
        return !FieldSet.parse(owner.path("fieldsV1")).intersection(set(field)).isEmpty();
    }

    private static FieldSet set(List<String> field) {
        FieldSet set = new FieldSet();
        set.insert(field);
        return set;
    }

    private static ObjectNode only(List<String> field) {
        return set(field).encode();
    }
}
