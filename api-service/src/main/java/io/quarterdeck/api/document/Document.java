package io.quarterdeck.api.document;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One API object as a mutable JSON tree. Paths are field names joined by dots ({@code spec.template.metadata}); they
 * reach through objects only, and field names that contain dots are reached through the tree. Not thread-safe.
 */
public final class Document {

    private static final int MOST_KEPT_PATHS = 4_096;

    /** The steps of paths that code asks for: the same ones again and again, so that none is cut up anew. */
    private static final Map<String, String[]> STEPS = new ConcurrentHashMap<>();

    private final ObjectNode tree;

    public Document(ObjectNode tree) {
        this.tree = tree;
    }

    public static Document empty() {
        return new Document(JsonNodeFactory.instance.objectNode());
    }

    public ObjectNode tree() {
        return tree;
    }

    public Document copy() {
        return new Document(tree.deepCopy());
    }

    /** The node at {@code path}, or a missing node; never null. */
    public JsonNode at(String path) {
        JsonNode node = tree;
        for (String step : steps(path)) {
            JsonNode next = node.get(step);
            if (next == null) {
                return MissingNode.getInstance();
            }
            node = next;
        }
        return node;
    }

    private static String[] steps(String path) {
        String[] known = STEPS.get(path);
        if (known == null) {
            known = path.split("\\.", -1);
            if (STEPS.size() < MOST_KEPT_PATHS) {
                STEPS.put(path, known);
            }
        }
        return known;
    }

    public boolean has(String path) {
        JsonNode node = at(path);
        return !node.isMissingNode() && !node.isNull();
    }

    /** The string at {@code path}, or "" when there is none. */
    public String text(String path) {
        JsonNode node = at(path);
        return node.isString() ? node.stringValue() : "";
    }

    public long number(String path, long whenAbsent) {
        JsonNode node = at(path);
        return node.isIntegralNumber() ? node.longValue() : whenAbsent;
    }

    public boolean flag(String path) {
        JsonNode node = at(path);
        return node.isBoolean() && node.booleanValue();
    }

    /** The object at {@code path}, made (with its parents) where absent. */
    public ObjectNode object(String path) {
        ObjectNode node = tree;
        for (String field : steps(path)) {
            JsonNode next = node.get(field);
            node = next instanceof ObjectNode object ? object : node.putObject(field);
        }
        return node;
    }

    public Document set(String path, JsonNode value) {
        int dot = path.lastIndexOf('.');
        (dot < 0 ? tree : object(path.substring(0, dot))).set(path.substring(dot + 1), value);
        return this;
    }

    public Document set(String path, String value) {
        return set(path, JsonNodeFactory.instance.stringNode(value));
    }

    public Document set(String path, long value) {
        return set(path, JsonNodeFactory.instance.numberNode(value));
    }

    public Document set(String path, boolean value) {
        return set(path, JsonNodeFactory.instance.booleanNode(value));
    }

    public Document setIfAbsent(String path, String value) {
        return has(path) ? this : set(path, value);
    }

    public void remove(String path) {
        int dot = path.lastIndexOf('.');
        JsonNode parent = dot < 0 ? tree : at(path.substring(0, dot));
        if (parent instanceof ObjectNode object) {
            object.remove(path.substring(dot + 1));
        }
    }

    /** Makes {@code path} what it is in {@code old}, absent where it is absent there. */
    public void keep(String path, Document old) {
        JsonNode before = old.at(path);
        if (before.isMissingNode()) {
            remove(path);
        } else {
            set(path, before.deepCopy());
        }
    }

    public boolean same(String path, Document other) {
        JsonNode mine = at(path);
        JsonNode theirs = other.at(path);
        return mine.isMissingNode() ? theirs.isMissingNode() : mine.equals(theirs);
    }

    /** Gives the next generation when {@code path} differs from {@code old}, else the old one. */
    public void countGenerationWhenChanged(String path, Document old) {
        long generation = old.number("metadata.generation", 0);
        set("metadata.generation", same(path, old) ? generation : generation + 1);
    }

    public String apiVersion() {
        return text("apiVersion");
    }

    public String kind() {
        return text("kind");
    }

    public String name() {
        return text("metadata.name");
    }

    public String namespace() {
        return text("metadata.namespace");
    }

    public String uid() {
        return text("metadata.uid");
    }

    public boolean deleting() {
        return has("metadata.deletionTimestamp");
    }

    /** A copy of the labels; values that are not strings are left out. */
    public Map<String, String> labels() {
        return strings("metadata.labels");
    }

    public Map<String, String> annotations() {
        return strings("metadata.annotations");
    }

    public @Nullable String annotation(String key) {
        JsonNode value = at("metadata.annotations").get(key);
        return value != null && value.isString() ? value.stringValue() : null;
    }

    /** A copy of the map of strings at {@code path}. */
    public Map<String, String> strings(String path) {
        Map<String, String> strings = new LinkedHashMap<>();
        at(path).properties().forEach(entry -> {
            if (entry.getValue().isString()) {
                strings.put(entry.getKey(), entry.getValue().stringValue());
            }
        });
        return strings;
    }

    /** The elements of the array at {@code path}; empty where there is none. */
    public List<JsonNode> items(String path) {
        List<JsonNode> items = new ArrayList<>();
        if (at(path) instanceof ArrayNode array) {
            array.forEach(items::add);
        }
        return items;
    }

    public List<String> finalizers() {
        return items("metadata.finalizers").stream().map(JsonNode::asString).toList();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Document document && tree.equals(document.tree);
    }

    @Override
    public int hashCode() {
        return tree.hashCode();
    }

    @Override
    public String toString() {
        return tree.toString();
    }
}
