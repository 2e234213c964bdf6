package io.quarterdeck.api.patch;

import io.quarterdeck.api.schema.ObjectSchema;
import io.quarterdeck.api.schema.Schema;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A set of field paths. Steps are kept as FieldsV1 writes them: {@code f:name}, {@code k:{"key":…}}, {@code v:value}.
 *
 * <p>Source: structured-merge-diff, fieldpath.
 */
final class FieldSet {

    private final TreeSet<String> members = new TreeSet<>(FieldStep.ORDER);
    private final TreeMap<String, FieldSet> children = new TreeMap<>(FieldStep.ORDER);

    static FieldSet of(List<List<String>> paths) {
        FieldSet set = new FieldSet();
        paths.forEach(set::insert);
        return set;
    }

    /** What was written by {@link #encode}. */
    static FieldSet parse(JsonNode fields) {
        return parse(fields, step -> step.length() < 2 ? null : step);
    }

    /**
     * What a client wrote.
     *
     * @throws IllegalArgumentException when it is no set of fields
     */
    static FieldSet read(JsonNode fields) {
        if (!fields.isObject()) {
            throw new IllegalArgumentException("fields must be an object");
        }
        return parse(fields, FieldStep::read);
    }

    /** Gives a step the form in which steps are compared; null for one that means nothing. */
    @FunctionalInterface
    private interface StepReader {
        @Nullable String read(String step);
    }

    private static FieldSet parse(JsonNode fields, StepReader reader) {
        FieldSet set = new FieldSet();
        fields.properties().forEach(entry -> {
            String step = entry.getKey().equals(".") ? null : reader.read(entry.getKey());
            if (step == null) {
                return;
            }
            JsonNode below = entry.getValue();
            if (below.isEmpty() || below.has(".")) {
                set.members.add(step);
            }
            FieldSet child = parse(below, reader);
            if (!child.isEmpty()) {
                set.children.put(step, child);
            }
        });
        return set;
    }

    ObjectNode encode() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        TreeSet<String> steps = new TreeSet<>(FieldStep.ORDER);
        steps.addAll(members);
        steps.addAll(children.keySet());
        for (String step : steps) {
            ObjectNode below = node.putObject(step);
            FieldSet child = children.get(step);
            if (child != null) {
                if (members.contains(step)) {
                    below.putObject(".");
                }
                below.setAll(child.encode());
            }
        }
        return node;
    }

    boolean isEmpty() {
        return members.isEmpty() && children.isEmpty();
    }

    void insert(List<String> path) {
        FieldSet set = this;
        for (int i = 0; i < path.size() - 1; i++) {
            set = set.children.computeIfAbsent(path.get(i), step -> new FieldSet());
        }
        if (!path.isEmpty()) {
            set.members.add(path.getLast());
        }
    }

    boolean has(String step) {
        return members.contains(step);
    }

    Set<String> members() {
        return Collections.unmodifiableSet(members);
    }

    /** The steps that have something below them. */
    Map<String, FieldSet> children() {
        return Collections.unmodifiableMap(children);
    }

    @Nullable FieldSet below(String step) {
        return children.get(step);
    }

    /** One of the two where the other adds nothing, so that what stays the same can be told by identity. */
    FieldSet union(FieldSet other) {
        if (other.isEmpty() || other == this) {
            return this;
        }
        if (isEmpty()) {
            return other;
        }
        FieldSet result = new FieldSet();
        result.members.addAll(members);
        result.members.addAll(other.members);
        children.forEach((step, child) -> {
            FieldSet theirs = other.children.get(step);
            result.children.put(step, theirs == null ? child : child.union(theirs));
        });
        other.children.forEach(result.children::putIfAbsent);
        return result;
    }

    FieldSet intersection(FieldSet other) {
        FieldSet result = new FieldSet();
        result.members.addAll(members);
        result.members.retainAll(other.members);
        children.forEach((step, child) -> {
            FieldSet theirs = other.children.get(step);
            FieldSet both = theirs == null ? null : child.intersection(theirs);
            if (both != null && !both.isEmpty()) {
                result.children.put(step, both);
            }
        });
        return result;
    }

    /** This set itself where it shares nothing with the other. */
    FieldSet difference(FieldSet other) {
        FieldSet result = new FieldSet();
        boolean less = false;
        for (String step : members) {
            if (other.members.contains(step)) {
                less = true;
            } else {
                result.members.add(step);
            }
        }
        for (Map.Entry<String, FieldSet> child : children.entrySet()) {
            FieldSet theirs = other.children.get(child.getKey());
            FieldSet left = theirs == null ? child.getValue() : child.getValue().difference(theirs);
            less |= left != child.getValue();
            if (!left.isEmpty()) {
                result.children.put(child.getKey(), left);
            }
        }
        return less ? result : this;
    }

    /** Without the given fields of the object and all below them. */
    FieldSet without(Iterable<List<String>> paths) {
        FieldSet result = this;
        for (List<String> path : paths) {
            result = result.without(path.iterator());
        }
        return result;
    }

    private FieldSet without(Iterator<String> path) {
        String step = path.next();
        FieldSet child = children.get(step);
        FieldSet rest = null;
        if (path.hasNext()) {
            if (child == null) {
                return this;
            }
            rest = child.without(path);
            if (rest == child) {
                return this;
            }
        } else if (child == null && !members.contains(step)) {
            return this;
        }
        FieldSet result = new FieldSet();
        result.members.addAll(members);
        result.children.putAll(children);
        if (rest == null) {
            result.members.remove(step);
            result.children.remove(step);
        } else if (rest.isEmpty()) {
            result.children.remove(step);
        } else {
            result.children.put(step, rest);
        }
        return result;
    }

    /** Named fields of structs that have something below them count as members too. */
    FieldSet withNamedFields(@Nullable Schema schema) {
        FieldSet result = new FieldSet();
        result.members.addAll(members);
        children.forEach((step, child) -> {
            if (schema instanceof ObjectSchema object
                    && step.startsWith("f:")
                    && object.field(step.substring(2)) != null) {
                result.members.add(step);
            }
            result.children.put(step, child.withNamedFields(FieldStep.descend(schema, step)));
        });
        return result;
    }

    boolean has(List<String> path) {
        FieldSet set = this;
        for (String step : path.subList(0, path.size() - 1)) {
            FieldSet child = set.children.get(step);
            if (child == null) {
                return false;
            }
            set = child;
        }
        return set.members.contains(path.getLast());
    }

    int size() {
        int size = members.size();
        for (FieldSet child : children.values()) {
            size += child.size();
        }
        return size;
    }

    /** Every member, with its path as upstream prints it: {@code .spec.containers[name="a"].image}. */
    List<String> shown() {
        List<String> paths = new ArrayList<>();
        walk("", paths);
        return paths;
    }

    private void walk(String path, List<String> paths) {
        members.forEach(step -> paths.add(path + FieldStep.shown(step)));
        for (Map.Entry<String, FieldSet> child : children.entrySet()) {
            child.getValue().walk(path + FieldStep.shown(child.getKey()), paths);
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof FieldSet set && members.equals(set.members) && children.equals(set.children);
    }

    @Override
    public int hashCode() {
        return members.hashCode() * 31 + children.hashCode();
    }
}
