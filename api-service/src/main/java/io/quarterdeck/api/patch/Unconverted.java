package io.quarterdeck.api.patch;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.schema.GoBase64;
import io.quarterdeck.api.schema.GoJson;
import io.quarterdeck.api.schema.GoText;
import io.quarterdeck.api.schema.ListSchema;
import io.quarterdeck.api.schema.MapSchema;
import io.quarterdeck.api.schema.ObjectSchema;
import io.quarterdeck.api.schema.ScalarSchema;
import io.quarterdeck.api.schema.Schema;
import io.quarterdeck.model.GroupVersionKind;
import io.quarterdeck.model.StatusException;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Why the result of a strategic patch or of an apply is no object of its kind: upstream makes objects of them by another way
 * than by JSON, with texts of its own. Pure.
 *
 * <p>Source: apimachinery, runtime.DefaultUnstructuredConverter.
 */
public final class Unconverted {

    private static final Pattern TYPE_ERROR = Pattern.compile(
            "json: cannot unmarshal (\\w+)(?: (\\S+))? into Go (?:struct field \\S+|value) of type (\\S+)");

    private Unconverted() {}

    /**
     * Why a tree is no object of a schema.
     *
     * @param why what the codec says
     */
    static String text(JsonNode tree, @Nullable Schema schema, String why) {
        String misfit = schema == null ? null : misfit(tree, schema);
        // Types that read themselves say what they say of JSON, and know no field.
        return misfit == null ? why.replaceFirst("Go struct field \\S+ of type", "Go value of type") : misfit;
    }

    private static @Nullable String misfit(JsonNode value, Schema schema) {
        if (value.isNull() || value.isMissingNode()) {
            return null;
        }
        return switch (schema) {
            case ObjectSchema object ->
                value.isObject()
                        ? first(object.fields(), field -> misfit(value.path(field.name()), field.schema()))
                        : "cannot restore struct from: " + kind(value);
            case MapSchema map ->
                value.isObject()
                        ? first(value, child -> misfit(child, map.values()))
                        : "cannot restore map from " + kind(value);
            case ListSchema list ->
                value.isArray()
                        ? first(value, child -> misfit(child, list.items()))
                        : "cannot restore slice from " + kind(value);
            case ScalarSchema scalar -> misfit(value, scalar);
        };
    }

    private static <T> @Nullable String first(Iterable<T> all, Function<T, @Nullable String> judge) {
        for (T each : all) {
            String misfit = judge.apply(each);
            if (misfit != null) {
                return misfit;
            }
        }
        return null;
    }

    private static @Nullable String misfit(JsonNode value, ScalarSchema schema) {
        String found = kind(value);
        return switch (schema.kind()) {
            // To Go, any integer can be a character.
            case STRING ->
                switch (found) {
                    case "string" -> null;
                    case "int64" -> "cannot convert int64 to " + schema.goType();
                    default -> "unrecognized type: string";
                };
            case BOOL -> found.equals("bool") ? null : "unrecognized type: bool";
            case FLOAT -> value.isNumber() ? null : "unrecognized type: float64";
            case INT32, INT64 ->
                switch (found) {
                    case "int64" -> null;
                    case "float64" ->
                        value.doubleValue() == Math.rint(value.doubleValue())
                                ? null
                                : "cannot convert float64 to " + schema.goType();
                    default -> "unrecognized type: " + schema.goType();
                };
            case BYTES -> bytes(value, found);
            default -> null;
        };
    }

    private static @Nullable String bytes(JsonNode value, String found) {
        if (found.equals("string")) {
            String error = GoBase64.error(value.stringValue());
            return error.isEmpty() ? null : "error decoding from json: " + error;
        }
        return found.equals("slice")
                ? first(value, item -> item.isNumber() ? null : "unrecognized type: uint8")
                : "cannot restore slice from " + found;
    }

    /** The kind of what Go decodes JSON into. */
    private static String kind(JsonNode value) {
        return switch (value.getNodeType()) {
            case OBJECT -> "map";
            case ARRAY -> "slice";
            default -> GoText.type(value);
        };
    }

    private static boolean fraction(Matcher matcher) {
        return matcher.group(2) != null && matcher.group(2).contains(".");
    }

    /**
     * The refusal of an applied object whose values have the right types and still cannot be read.
     *
     * @param applied what the client sent
     */
    public static StatusException applied(Document applied, GroupVersionKind kind, StatusException refusal) {
        Matcher matcher = TYPE_ERROR.matcher(refusal.text());
        String why = refusal.text();
        if (matcher.matches()) {
            boolean number = matcher.group(1).equals("number");
            if (number && !fraction(matcher)) {
                // Upstream cuts such a number down to what fits, and goes on.
                return refusal;
            }
            why = number
                    ? "cannot convert float64 to " + matcher.group(3)
                    : GoJson.misfit(matcher.group(1), matcher.group(3));
        }
        String shown = "%s/%s, Kind=%s".formatted(kind.group(), kind.version(), kind.kind());
        return new StatusException(
                500,
                "",
                "failed to convert new object (%s/%s; %s) to proper version: unable to convert unstructured object to %s: %s"
                        .formatted(applied.namespace(), applied.name(), shown, shown, why),
                null);
    }
}
