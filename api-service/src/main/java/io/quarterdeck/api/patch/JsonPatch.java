package io.quarterdeck.api.patch;

import io.quarterdeck.api.schema.GoJson;
import io.quarterdeck.api.schema.Json;
import io.quarterdeck.model.StatusException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** RFC 6902 as upstream's library applies it: negative positions count from the end, the root cannot be addressed. */
final class JsonPatch {

    private static final int MOST_OPERATIONS = 10_000;
    /** Copies are counted by upstream too, so that a few of them cannot blow up the document. */
    private static final int MOST_COPIED_NODES = 1_000_000;

    private int copied;

    private JsonPatch() {}

    record Operation(
            String op,
            @Nullable String path,
            @Nullable String from,
            @Nullable JsonNode value) {}

    /** An operation that does not fit the document; the message is upstream's. */
    private static final class Misfit extends RuntimeException {
        Misfit(String why) {
            super(why, null, false, false);
        }
    }

    static List<Operation> read(byte[] patch, List<String> findings) {
        JsonNode tree;
        try {
            tree = Json.tree(patch);
        } catch (JacksonException e) {
            throw undecodable(GoJson.syntaxError(patch));
        }
        if (tree.isMissingNode()) {
            throw undecodable("unexpected end of JSON input");
        }
        if (tree.isNull()) {
            return List.of();
        }
        if (!tree.isArray()) {
            throw undecodable(GoJson.misfit(tree, "[]handlers.jsonPatchOp"));
        }
        List<Operation> operations = new ArrayList<>(tree.size());
        for (int i = 0; i < tree.size(); i++) {
            JsonNode item = tree.get(i);
            if (!item.isObject() && !item.isNull()) {
                throw undecodable(GoJson.misfit(item, "handlers.jsonPatchOp"));
            }
            for (String field : item.propertyNames()) {
                if (!List.of("op", "path", "from", "value").contains(field)) {
                    findings.add("json patch unknown field \"[%d].%s\"".formatted(i, field));
                }
            }
            String op = text(item, "op");
            operations.add(
                    new Operation(op == null ? "" : op, text(item, "path"), text(item, "from"), item.get("value")));
        }
        if (operations.size() > MOST_OPERATIONS) {
            throw StatusException.tooLarge(
                    "Request entity too large: The allowed maximum operations in a JSON patch is %d, got %d"
                            .formatted(MOST_OPERATIONS, operations.size()));
        }
        return operations;
    }

    private static @Nullable String text(JsonNode item, String field) {
        JsonNode value = item.get(field);
        if (value == null || value.isNull()) {
            return null;
        }
        if (!value.isString()) {
            throw undecodable(GoJson.misfit(value, "jsonPatchOp." + field, "string"));
        }
        return value.stringValue();
    }

    private static StatusException undecodable(String why) {
        return StatusException.badRequest("error decoding patch: " + why);
    }

    /** @throws PatchMisfitException when an operation does not fit */
    static ObjectNode apply(ObjectNode current, List<Operation> operations) throws PatchMisfitException {
        ObjectNode document = current.deepCopy();
        JsonPatch patch = new JsonPatch();
        for (Operation operation : operations) {
            try {
                if (operation.op().equals("replace") && "".equals(operation.path())) {
                    document = whole(operation.value());
                } else {
                    patch.apply(document, operation);
                }
            } catch (Misfit misfit) {
                throw new PatchMisfitException(
                        String.valueOf(misfit.getMessage()), operation.op().equals("test"));
            }
        }
        return document;
    }

    private static ObjectNode whole(@Nullable JsonNode value) {
        if (value instanceof ObjectNode object) {
            return object.deepCopy();
        }
        throw missing("replace operation does not apply: doc is missing path: ");
    }

    /** What is not there. */
    private static Misfit missing(String what) {
        return new Misfit(what + ": missing value");
    }

    private void apply(ObjectNode document, Operation operation) {
        String op = operation.op();
        switch (op) {
            case "add" -> {
                String path = path(operation);
                Place place = find(document, path);
                if (place == null) {
                    throw missing("add operation does not apply: doc is missing path: \"%s\"".formatted(path));
                }
                within("error in add for path: '%s': ".formatted(path), () -> place.add(orNull(operation.value())));
            }
            case "remove" -> {
                String path = path(operation);
                Place place = find(document, path);
                if (place == null) {
                    throw missing("remove operation does not apply: doc is missing path: \"%s\"".formatted(path));
                }
                within("error in remove for path: '%s': ".formatted(path), place::remove);
            }
            case "replace" -> replace(document, path(operation), orNull(operation.value()));
            case "move" -> move(document, operation);
            case "copy" -> copy(document, operation);
            case "test" -> {
                String path = path(operation);
                Place place = find(document, path);
                if (place == null) {
                    throw missing("test operation does not apply: is missing path: " + path);
                }
                JsonNode actual = within("error in test for path: '%s': ".formatted(path), place::get);
                JsonNode wanted = orNull(operation.value());
                if (actual == null ? !wanted.isNull() : !same(actual, wanted)) {
                    throw new Misfit("testing value %s failed: test failed".formatted(path));
                }
            }
            default -> throw new Misfit("Unexpected kind: " + (op.isEmpty() ? "unknown" : op));
        }
    }

    private static void move(ObjectNode document, Operation operation) {
        String from = from(operation);
        Place source = find(document, from);
        if (source == null) {
            throw missing("move operation does not apply: doc is missing from path: " + from);
        }
        String at = "error in move for path: '%s': ";
        JsonNode moved = within(at.formatted(source.step()), source::remove);
        String path = path(operation);
        Place target = find(document, path);
        if (target == null) {
            throw missing("move operation does not apply: doc is missing destination path: " + path);
        }
        within(at.formatted(path), () -> target.add(orNull(moved)));
    }

    private void copy(ObjectNode document, Operation operation) {
        String from = from(operation);
        Place source = find(document, from);
        if (source == null) {
            throw missing("copy operation does not apply: doc is missing from path: " + from);
        }
        // What is not there is copied as nothing.
        JsonNode copy = orNull(within("error in copy for from: '%s': ".formatted(from), source::get));
        copied += size(copy);
        if (copied > MOST_COPIED_NODES) {
            throw new Misfit("Unable to complete the copy, the accumulated size increase of copy is too large");
        }
        String path = path(operation);
        Place target = find(document, path);
        if (target == null) {
            throw missing("copy operation does not apply: doc is missing destination path: " + path);
        }
        within("error while adding value during copy: ", () -> target.add(copy));
    }

    private static String path(Operation operation) {
        if (operation.path() == null) {
            throw missing(operation.op() + " operation failed to decode path");
        }
        return operation.path();
    }

    private static String from(Operation operation) {
        if (operation.from() == null) {
            throw missing(operation.op() + " operation failed to decode from: operation, missing from field");
        }
        return operation.from();
    }

    /** What fails in {@code step} is told behind {@code where}. */
    private static @Nullable JsonNode within(String where, Supplier<@Nullable JsonNode> step) {
        try {
            return step.get();
        } catch (Misfit inner) {
            throw new Misfit(where + inner.getMessage());
        }
    }

    private static int size(JsonNode node) {
        int size = 1;
        for (JsonNode child : node) {
            size += size(child);
        }
        return size;
    }

    private static boolean same(JsonNode left, JsonNode right) {
        return left.equals(right)
                || left.isNumber() && right.isNumber() && left.decimalValue().compareTo(right.decimalValue()) == 0;
    }

    private static JsonNode orNull(@Nullable JsonNode value) {
        return value == null ? JsonNodeFactory.instance.nullNode() : value.deepCopy();
    }

    /** An object or a list, and the last step of a path below it. */
    private record Place(JsonNode container, String step) {

        @Nullable JsonNode get() {
            return container instanceof ObjectNode object
                    ? object.get(step)
                    : container.get(index(step, container.size()));
        }

        @Nullable JsonNode add(JsonNode value) {
            if (container instanceof ObjectNode object) {
                object.set(step, value);
            } else if (container instanceof ArrayNode array) {
                array.insert(step.equals("-") ? array.size() : index(step, array.size() + 1), value);
            }
            return null;
        }

        @Nullable JsonNode remove() {
            if (container instanceof ArrayNode array) {
                return array.remove(index(step, array.size()));
            }
            if (!(container instanceof ObjectNode object) || !object.has(step)) {
                throw missing("Unable to remove nonexistent key: " + step);
            }
            return object.remove(step);
        }

        void set(JsonNode value) {
            if (container instanceof ObjectNode object) {
                object.set(step, value);
            } else if (container instanceof ArrayNode array) {
                array.set(index(step, array.size()), value);
            }
        }
    }

    /** @return null when something above the last step is not there, or is no container */
    private static @Nullable Place find(JsonNode document, String path) {
        String[] steps = path.split("/", -1);
        if (steps.length < 2) {
            return null;
        }
        JsonNode node = document;
        for (int i = 1; i < steps.length - 1; i++) {
            String step = unescaped(steps[i]);
            JsonNode next;
            try {
                next = new Place(node, step).get();
            } catch (Misfit none) {
                next = null;
            }
            if (next == null || !next.isContainer()) {
                return null;
            }
            node = next;
        }
        return new Place(node, unescaped(steps[steps.length - 1]));
    }

    private static String unescaped(String step) {
        return step.replace("~1", "/").replace("~0", "~");
    }

    private static int index(String step, int size) {
        int index;
        try {
            index = Integer.parseInt(step);
        } catch (NumberFormatException e) {
            throw new Misfit("strconv.Atoi: parsing \"%s\": invalid syntax".formatted(step));
        }
        int absolute = index < 0 ? size + index : index;
        if (absolute < 0 || absolute >= size) {
            throw new Misfit("Unable to access invalid index: %d: invalid index referenced".formatted(index));
        }
        return absolute;
    }

    private static void replace(ObjectNode document, String path, JsonNode value) {
        Place place = find(document, path);
        if (place == null) {
            throw missing("replace operation does not apply: doc is missing path: " + path);
        }
        try {
            // Upstream's library lets an absent field be replaced.
            place.set(value);
        } catch (Misfit none) {
            throw missing("replace operation does not apply: doc is missing key: " + path);
        }
    }
}
