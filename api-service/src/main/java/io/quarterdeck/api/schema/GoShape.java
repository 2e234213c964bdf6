package io.quarterdeck.api.schema;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeType;

/**
 * A type as Go's JSON decoder knows it: says which value does not fit it, and which field it does not have. Immutable,
 * pure.
 */
public final class GoShape {

    public static final GoShape TEXT = text("string");
    public static final GoShape FLAG = new GoShape("bool", JsonNodeType.BOOLEAN, Map.of(), null);
    public static final GoShape INT32 = new GoShape("int32", JsonNodeType.NUMBER, Map.of(), null);

    /** A string in base64, or a list of numbers. */
    public static final GoShape BYTES = new GoShape(
            "[]uint8", JsonNodeType.STRING, Map.of(), new GoShape("uint8", JsonNodeType.NUMBER, Map.of(), null));

    /** A string like {@code 1m30s}, which a decoder of its own reads. */
    public static final GoShape DURATION = new GoShape("string", JsonNodeType.STRING, Map.of(), null);

    private final String type;
    private final JsonNodeType json;
    private final Map<String, GoShape> fields;
    private final @Nullable GoShape element;

    private GoShape(String type, JsonNodeType json, Map<String, GoShape> fields, @Nullable GoShape element) {
        this.type = type;
        this.json = json;
        this.fields = Map.copyOf(fields);
        this.element = element;
    }

    /** A string of a type of its own. */
    public static GoShape text(String type) {
        return new GoShape(type, JsonNodeType.STRING, Map.of(), null);
    }

    public static GoShape list(GoShape element) {
        return new GoShape("[]" + element.type, JsonNodeType.ARRAY, Map.of(), element);
    }

    /** A map with strings as keys. */
    public static GoShape map(GoShape value) {
        return new GoShape("map[string]" + value.type, JsonNodeType.OBJECT, Map.of(), value);
    }

    /** @param type with its package: {@code v1.Issuer} */
    public static GoShape struct(String type, Map<String, GoShape> fields) {
        return new GoShape(type, JsonNodeType.OBJECT, fields, null);
    }

    /** What a strict decoder says of a value: of another type, or with fields that nobody reads; empty when it fits. */
    public String problem(JsonNode value) {
        String misfit = misfit(value);
        if (!misfit.isEmpty()) {
            return misfit;
        }
        List<String> unknown = new ArrayList<>();
        unknown(value, "", unknown);
        return unknown.isEmpty()
                ? ""
                : unknown.stream()
                        .map("unknown field \"%s\""::formatted)
                        .collect(Collectors.joining(", ", "strict decoding error: ", ""));
    }

    /** What a lenient decoder says: the first value of another type; empty when all fit. */
    public String misfit(JsonNode value) {
        return misfit(value, "", "");
    }

    private String misfit(JsonNode value, String owner, String path) {
        if (value.isMissingNode() || value.isNull()) {
            return "";
        }
        boolean bytes = this == BYTES && value.isArray();
        if (value.getNodeType() != json && !bytes) {
            return owner.isEmpty() ? GoJson.misfit(value, type) : GoJson.misfit(value, owner + path, type);
        }
        if (this == DURATION) {
            return GoDuration.problem(value.asString()).orElse("");
        }
        if (this == INT32 && !(value.isIntegralNumber() && value.canConvertToInt())) {
            return GoJson.misfit("number " + value, owner + path, type);
        }
        if (element != null) {
            for (JsonNode each : value) {
                String found = element.misfit(each, owner, path);
                if (!found.isEmpty()) {
                    return found;
                }
            }
            return "";
        }
        String name = type.substring(type.indexOf('.') + 1);
        for (String field : value.propertyNames()) {
            GoShape known = fields.get(field);
            String found = known == null ? "" : known.misfit(value.path(field), name, path + "." + field);
            if (!found.isEmpty()) {
                return found;
            }
        }
        return "";
    }

    private void unknown(JsonNode value, String path, List<String> found) {
        if (element != null) {
            if (value.isArray()) {
                for (int i = 0; i < value.size(); i++) {
                    element.unknown(value.path(i), path + "[" + i + "]", found);
                }
            }
            return;
        }
        if (json != JsonNodeType.OBJECT) {
            return;
        }
        for (String field : value.propertyNames()) {
            String place = path.isEmpty() ? field : path + "." + field;
            GoShape known = fields.get(field);
            if (known == null) {
                found.add(place);
            } else {
                known.unknown(value.path(field), place, found);
            }
        }
    }
}
