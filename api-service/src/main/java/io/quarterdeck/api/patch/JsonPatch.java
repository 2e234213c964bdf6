package io.quarterdeck.api.patch;

import io.quarterdeck.api.schema.GoJson;
import io.quarterdeck.api.schema.Json;
import io.quarterdeck.model.StatusException;
import java.util.ArrayList;
import java.util.List;
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

    /** An operation that does not fit the document. */
    private static final class Misfit extends RuntimeException {
        Misfit() {
            super("misfit", null, false, false);
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
            throw undecodable(
                    "json: cannot unmarshal %s into Go value of type []handlers.jsonPatchOp".formatted(word(tree)));
        }
        List<Operation> operations = new ArrayList<>(tree.size());
        for (int i = 0; i < tree.size(); i++) {
            JsonNode item = tree.get(i);
            if (!item.isObject() && !item.isNull()) {
                throw undecodable(
                        "json: cannot unmarshal %s into Go value of type handlers.jsonPatchOp".formatted(word(item)));
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
            throw undecodable("json: cannot unmarshal %s into Go struct field jsonPatchOp.%s of type string"
                    .formatted(word(value), field));
        }
        return value.stringValue();
    }

    static String word(JsonNode node) {
        return switch (node.getNodeType()) {
            case OBJECT -> "object";
            case ARRAY -> "array";
            case STRING -> "string";
            case BOOLEAN -> "bool";
            default -> "number";
        };
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
                patch.apply(document, operation);
            } catch (Misfit misfit) {
                throw new PatchMisfitException(why(operation), operation.op().equals("test"));
            }
        }
        return document;
    }

    private static String why(Operation operation) {
        String path = operation.path() == null ? "" : operation.path();
        return switch (operation.op()) {
            case "test" -> "testing value %s failed: test failed".formatted(path);
            case "replace" ->
                "replace operation does not apply: doc is missing path: %s: missing value".formatted(path);
            case "add", "remove" ->
                "%s operation does not apply: doc is missing path: \"%s\": missing value"
                        .formatted(operation.op(), path);
            case "move", "copy" ->
                "%s operation does not apply: doc is missing from path: %s: missing value"
                        .formatted(operation.op(), operation.from());
            default -> "Unexpected kind: " + operation.op();
        };
    }

    private void apply(ObjectNode document, Operation operation) {
        String path = required(operation.path());
        switch (operation.op()) {
            case "add" -> add(document, path, orNull(operation.value()));
            case "remove" -> remove(document, path);
            case "replace" -> replace(document, path, orNull(operation.value()));
            case "move" -> {
                String from = required(operation.from());
                JsonNode moved = remove(document, from);
                add(document, path, moved);
            }
            case "copy" -> {
                JsonNode source = get(document, required(operation.from()));
                if (source == null || (copied += size(source)) > MOST_COPIED_NODES) {
                    throw new Misfit();
                }
                add(document, path, source.deepCopy());
            }
            case "test" -> {
                JsonNode actual = get(document, path);
                JsonNode wanted = orNull(operation.value());
                if (actual == null ? !wanted.isNull() : !same(actual, wanted)) {
                    throw new Misfit();
                }
            }
            default -> throw new Misfit();
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

    private static String required(@Nullable String path) {
        if (path == null) {
            throw new Misfit();
        }
        return path;
    }

    private static JsonNode orNull(@Nullable JsonNode value) {
        return value == null ? JsonNodeFactory.instance.nullNode() : value.deepCopy();
    }

    /** The container that holds the last step of the path. */
    private static JsonNode parent(JsonNode document, String[] steps) {
        JsonNode node = document;
        for (int i = 1; i < steps.length - 1; i++) {
            JsonNode next = switch (node) {
                case ObjectNode object -> object.get(steps[i]);
                case ArrayNode array -> array.get(index(steps[i], array.size()));
                default -> null;
            };
            if (next == null) {
                throw new Misfit();
            }
            node = next;
        }
        return node;
    }

    private static String[] steps(String path) {
        String[] steps = path.split("/", -1);
        if (steps.length < 2) {
            throw new Misfit();
        }
        for (int i = 0; i < steps.length; i++) {
            steps[i] = steps[i].replace("~1", "/").replace("~0", "~");
        }
        return steps;
    }

    private static int index(String step, int size) {
        try {
            int index = Integer.parseInt(step);
            int absolute = index < 0 ? size + index : index;
            if (absolute < 0 || absolute >= size) {
                throw new Misfit();
            }
            return absolute;
        } catch (NumberFormatException e) {
            throw new Misfit();
        }
    }

    private static @Nullable JsonNode get(ObjectNode document, String path) {
        String[] steps = steps(path);
        String last = steps[steps.length - 1];
        return switch (parent(document, steps)) {
            case ObjectNode object -> object.get(last);
            case ArrayNode array -> array.get(index(last, array.size()));
            default -> throw new Misfit();
        };
    }

    private static void add(ObjectNode document, String path, JsonNode value) {
        String[] steps = steps(path);
        String last = steps[steps.length - 1];
        switch (parent(document, steps)) {
            case ObjectNode object -> object.set(last, value);
            case ArrayNode array -> {
                if (last.equals("-")) {
                    array.add(value);
                } else {
                    array.insert(index(last, array.size() + 1), value);
                }
            }
            default -> throw new Misfit();
        }
    }

    private static JsonNode remove(ObjectNode document, String path) {
        String[] steps = steps(path);
        String last = steps[steps.length - 1];
        JsonNode removed = switch (parent(document, steps)) {
            case ObjectNode object -> object.remove(last);
            case ArrayNode array -> array.remove(index(last, array.size()));
            default -> null;
        };
        if (removed == null) {
            throw new Misfit();
        }
        return removed;
    }

    private static void replace(ObjectNode document, String path, JsonNode value) {
        String[] steps = steps(path);
        String last = steps[steps.length - 1];
        switch (parent(document, steps)) {
            // Upstream's library lets an absent field be replaced.
            case ObjectNode object -> object.set(last, value);
            case ArrayNode array -> array.set(index(last, array.size()), value);
            default -> throw new Misfit();
        }
    }
}
