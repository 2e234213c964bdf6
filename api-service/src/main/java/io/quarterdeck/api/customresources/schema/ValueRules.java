package io.quarterdeck.api.customresources.schema;

import io.quarterdeck.api.validation.Values;
import io.quarterdeck.model.FieldError;
import io.quarterdeck.model.FieldError.Reason;
import io.quarterdeck.model.GoNumbers;
import io.quarterdeck.model.GoQuote;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Judges values by what their schema says of types, bounds, formats and combinations, in upstream's words.
 *
 * <p>Source: OpenAPI 3.0 as kube-openapi's validation has it (pkg/validation/validate), with its way to choose which
 * findings of an alternative are told.
 */
public final class ValueRules {

    private static final String NULL = "null";

    /** Where a finding belongs that upstream gives no field of its own. */
    private final String base;

    private ValueRules(String base) {
        this.base = base;
    }

    /**
     * Judges a whole object or a part of one.
     *
     * @param base the path in front of all findings; empty for a whole object
     * @param old what stood there before; null in a create. What did not change is not refused.
     */
    public static List<FieldError> check(String base, JsonNode value, @Nullable JsonNode old, JsonSchema schema) {
        Correlation correlation = old == null ? null : new Correlation(value, old, schema);
        return new ValueRules(base).value(value, schema, "", correlation).findings;
    }

    /** Findings, and how many checks went well: the alternative with the most is the one that was meant. */
    private static final class Result {
        private final List<FieldError> findings = new ArrayList<>();
        private int matches;

        boolean valid() {
            return findings.isEmpty();
        }

        /** What several ways report is told once. */
        void merge(Result other) {
            other.findings.stream().filter(each -> !findings.contains(each)).forEach(findings::add);
            matches += other.matches;
        }

        void count() {
            matches++;
        }
    }

    private Result value(JsonNode value, JsonSchema schema, String path, @Nullable Correlation correlation) {
        Result result = judge(value, schema, path, correlation);
        return !result.valid() && correlation != null && correlation.unchanged() ? new Result() : result;
    }

    private Result judge(JsonNode value, JsonSchema schema, String path, @Nullable Correlation correlation) {
        Result result = new Result();
        if (value.isNull()) {
            result.merge(type(value, schema, path));
            enumeration(value, schema, path, result);
            return result;
        }
        if (!schema.type().isEmpty()
                || schema.intOrString()
                || !StringFormats.of(schema).isEmpty()) {
            result.merge(type(value, schema, path));
            result.count();
        }
        result.merge(combinations(value, schema, path, correlation));
        result.count();
        if (value.isString()) {
            string(value.stringValue(), schema, path, result);
            result.count();
            format(value.stringValue(), schema, path, result);
        } else if (value.isNumber()) {
            result.merge(number(value, schema, path));
            result.count();
        } else if (value.isArray()) {
            result.merge(list(value, schema, path, correlation));
            result.count();
        }
        enumeration(value, schema, path, result);
        result.count();
        if (value instanceof ObjectNode object) {
            result.merge(object(object, schema, path, correlation));
            result.count();
        }
        result.count();
        return result;
    }

    // ---- types ------------------------------------------------------------------------------------------------------

    private static String typeOf(JsonNode value) {
        if (value.isNull()) {
            return NULL;
        }
        return value.isObject()
                ? "object"
                : value.isArray()
                        ? "array"
                        : value.isString()
                                ? "string"
                                : value.isBoolean() ? "boolean" : isInteger(value) ? "integer" : "number";
    }

    private static boolean isInteger(JsonNode value) {
        return value.isIntegralNumber();
    }

    /** Whether a float is as good as an integer. */
    private static boolean wholeNumber(double value) {
        return Math.abs(value) <= (1L << 53) - 1 && value == Math.rint(value);
    }

    private static String typeNames(JsonSchema schema) {
        return schema.intOrString() ? "integer,string" : schema.type();
    }

    private static boolean allows(JsonSchema schema, String type) {
        return schema.intOrString()
                ? type.equals("integer") || type.equals("string")
                : schema.type().equals(type);
    }

    private Result type(JsonNode value, JsonSchema schema, String path) {
        Result result = new Result();
        String names = typeNames(schema);
        if (value.isNull()) {
            if (!names.isEmpty() && !schema.nullable()) {
                typeInvalid(result, path, names, NULL);
            } else {
                result.count();
            }
            return result;
        }
        String found = typeOf(value);
        String foundFormat = found.equals("integer") ? "int64" : found.equals("number") ? "float64" : "";
        String format = StringFormats.of(schema);
        boolean numeric = allows(schema, "number") || allows(schema, "integer");
        boolean fits = allows(schema, found)
                || found.equals("number") && allows(schema, "integer") && wholeNumber(value.doubleValue())
                || found.equals("integer") && allows(schema, "number");
        boolean written = value.isString() || value.isArray();
        if (!written && !format.isEmpty() && !fits && !foundFormat.equals(format)) {
            typeInvalid(result, path, format, foundFormat);
            return result;
        }
        if (!(written && !format.isEmpty() && !numeric) && !fits) {
            typeInvalid(result, path, names, found);
            return result;
        }
        result.count();
        return result;
    }

    private void typeInvalid(Result result, String path, String expected, String found) {
        add(
                result,
                Reason.TYPE_INVALID,
                path,
                "Invalid value: %s: %s in body must be of type %s: %s"
                        .formatted(GoQuote.quote(found), path, expected, GoQuote.quote(found)));
    }

    // ---- strings and numbers ----------------------------------------------------------------------------------------

    private void string(String text, JsonSchema schema, String path, Result result) {
        long length = text.codePointCount(0, text.length());
        Pattern pattern = schema.pattern();
        if (schema.has("maxLength") && length > schema.limit("maxLength")) {
            add(
                    result,
                    Reason.TOO_LONG,
                    path,
                    "Too long: may not be more than %d %s"
                            .formatted(schema.limit("maxLength"), schema.limit("maxLength") == 1 ? "byte" : "bytes"));
        } else if (schema.has("minLength") && length < schema.limit("minLength")) {
            invalid(
                    result,
                    path,
                    GoQuote.quote(text),
                    "should be at least %d chars long".formatted(schema.limit("minLength")));
        } else if (pattern != null && pattern.compiled() == null) {
            invalid(
                    result,
                    path,
                    GoQuote.quote(text),
                    "should match '%s, but pattern is invalid: %s'".formatted(pattern.expression(), pattern.error()));
        } else if (pattern != null && !pattern.in(text)) {
            invalid(result, path, GoQuote.quote(text), "should match '%s'".formatted(pattern.expression()));
        }
    }

    private void format(String text, JsonSchema schema, String path, Result result) {
        String format = StringFormats.of(schema);
        if (!StringFormats.known(format)) {
            return;
        }
        if (!StringFormats.accepts(format, text)) {
            add(
                    result,
                    Reason.TYPE_INVALID,
                    path,
                    "Invalid value: %s: %s in body must be of type %s: %s"
                            .formatted(GoQuote.quote(text), path, format, GoQuote.quote(text)));
        }
        result.count();
    }

    private Result number(JsonNode value, JsonSchema schema, String path) {
        Result result = new Result();
        boolean integer = isInteger(value);
        double number = value.doubleValue();
        String shown = integer ? value.asString() : GoNumbers.shown(number);
        range(number, integer, schema, "Checked", path, result);
        if (schema.has("multipleOf")) {
            double factor = schema.number("multipleOf");
            boolean inRange = range(factor, false, schema, "MultipleOf", path, result);
            if (factor <= 0) {
                add(
                        result,
                        Reason.INVALID,
                        path,
                        "Invalid value: %s: factor MultipleOf declared for %s must be positive: %s"
                                .formatted(GoNumbers.shown(factor), path, GoNumbers.shown(factor)));
            } else if (!multiple(value, integer && inRange, factor)) {
                invalid(result, path, shown, "should be a multiple of " + GoNumbers.shown(factor));
            }
        }
        bound(value, integer, shown, schema, path, result, false);
        bound(value, integer, shown, schema, path, result, true);
        result.count();
        return result;
    }

    private void bound(
            JsonNode value,
            boolean integer,
            String shown,
            JsonSchema schema,
            String path,
            Result result,
            boolean upper) {
        String field = upper ? "maximum" : "minimum";
        if (!schema.has(field)) {
            return;
        }
        double bound = schema.number(field);
        boolean exclusive = schema.says(upper ? "exclusiveMaximum" : "exclusiveMinimum");
        boolean whole =
                range(bound, false, schema, upper ? "Maximum boundary" : "Minimum boundary", path, result) && integer;
        int order = whole ? Long.compare(value.longValue(), (long) bound) : Double.compare(value.doubleValue(), bound);
        boolean holds = upper ? order < 0 || !exclusive && order == 0 : order > 0 || !exclusive && order == 0;
        if (!holds) {
            String word = upper ? "less" : "greater";
            String limit = whole ? Long.toString((long) bound) : GoNumbers.shown(bound);
            invalid(
                    result,
                    path,
                    shown,
                    "should be %s than %s%s".formatted(word, exclusive ? "" : "or equal to ", limit));
        }
    }

    private static boolean multiple(JsonNode value, boolean whole, double factor) {
        if (whole && (long) factor > 0) {
            return value.longValue() % (long) factor == 0;
        }
        double times = factor < 1 ? 1 / factor * value.doubleValue() : value.doubleValue() / factor;
        return wholeNumber(times);
    }

    /** Whether a number, or a bound, can be held by the type; upstream tells of it without a field. */
    private boolean range(double number, boolean integer, JsonSchema schema, String what, String path, Result result) {
        if (schema.intOrString()) {
            return true;
        }
        String format = schema.format();
        boolean fits;
        if (schema.type().equals("integer")) {
            boolean narrow = format.equals("int32");
            fits = (integer || number == Math.rint(number) && Math.abs(number) < 0x1p63)
                    && (!narrow || number >= Integer.MIN_VALUE && number <= Integer.MAX_VALUE);
            format = narrow || format.equals("int64") ? format : "";
        } else {
            boolean single = schema.type().equals("number") && format.equals("float");
            fits = !single || !Float.isInfinite((float) number);
            format = single ? format : "";
        }
        if (!fits) {
            result.findings.add(new FieldError(
                    Reason.INVALID,
                    base.isEmpty() ? "<nil>" : base,
                    "Invalid value: \"\": %s value must be of type %s %s in %s"
                            .formatted(
                                    what,
                                    schema.type(),
                                    format.isEmpty() ? "(default format)" : "with format " + format,
                                    path)));
        }
        return fits;
    }

    private void enumeration(JsonNode value, JsonSchema schema, String path, Result result) {
        List<JsonNode> allowed = schema.enumeration();
        if (allowed.isEmpty() || allowed.stream().anyMatch(each -> sameValue(each, value))) {
            return;
        }
        String values = allowed.stream()
                .map(each -> GoQuote.quote(each.isString() ? each.stringValue() : Values.json(each)))
                .collect(Collectors.joining(", "));
        add(
                result,
                Reason.NOT_SUPPORTED,
                path,
                "Unsupported value: %s: supported values: %s".formatted(print(value), values));
    }

    private static boolean sameValue(JsonNode one, JsonNode other) {
        return one.isNumber() && other.isNumber()
                ? one.decimalValue().compareTo(other.decimalValue()) == 0
                : one.equals(other);
    }

    private static String print(JsonNode value) {
        if (value.isNull()) {
            return GoQuote.quote(NULL);
        }
        return value.isNumber() && !isInteger(value) ? GoNumbers.shown(value.doubleValue()) : Values.print(value);
    }

    // ---- containers -------------------------------------------------------------------------------------------------

    private Result list(JsonNode list, JsonSchema schema, String path, @Nullable Correlation correlation) {
        Result result = new Result();
        JsonSchema items = schema.items();
        for (int i = 0; items != null && i < list.size(); i++) {
            Correlation below = correlation == null ? null : correlation.item(i);
            result.merge(value(list.get(i), items, Paths.index(path, i), below));
        }
        if (schema.has("minItems") && list.size() < schema.limit("minItems")) {
            invalid(
                    result,
                    path,
                    Integer.toString(list.size()),
                    "should have at least %d items".formatted(schema.limit("minItems")));
        }
        tooMany(result, "maxItems", list.size(), schema, path);
        result.count();
        return result;
    }

    private Result object(ObjectNode object, JsonSchema schema, String path, @Nullable Correlation correlation) {
        Result result = new Result();
        if (schema.has("minProperties") && object.size() < schema.limit("minProperties")) {
            invalid(
                    result,
                    path,
                    Integer.toString(object.size()),
                    "should have at least %d properties".formatted(schema.limit("minProperties")));
        }
        tooMany(result, "maxProperties", object.size(), schema, path);
        for (Map.Entry<String, JsonNode> field : object.properties()) {
            String name = field.getKey();
            if (schema.properties().containsKey(name)) {
                continue;
            }
            if (schema.forbidsAdditional()) {
                add(
                        result,
                        Reason.INVALID,
                        path,
                        "Invalid value: %s: %s.%s in body is a forbidden property"
                                .formatted(GoQuote.quote(name), path, name));
            } else if (schema.additional() != null) {
                result.merge(value(
                        field.getValue(), schema.additional(), path + "." + name, below(correlation, path, name)));
            }
        }
        for (Map.Entry<String, JsonSchema> property : schema.properties().entrySet()) {
            JsonNode value = object.get(property.getKey());
            if (value != null) {
                result.merge(value(
                        value,
                        property.getValue(),
                        Paths.child(path, property.getKey()),
                        below(correlation, path, property.getKey())));
            }
        }
        for (String name : schema.required()) {
            if (!object.has(name)) {
                add(result, Reason.REQUIRED, path + "." + name, "Required value");
            }
        }
        return result;
    }

    private static @Nullable Correlation below(@Nullable Correlation correlation, String path, String name) {
        boolean header = path.isEmpty() && (name.equals("kind") || name.equals("apiVersion"));
        return correlation == null || header ? null : correlation.field(name);
    }

    private void tooMany(Result result, String limit, int size, JsonSchema schema, String path) {
        if (schema.has(limit) && size > schema.limit(limit)) {
            long most = schema.limit(limit);
            add(
                    result,
                    Reason.TOO_MANY,
                    path,
                    "Too many: %d: must have at most %d %s".formatted(size, most, most == 1 ? "item" : "items"));
        }
    }

    // ---- allOf, anyOf, oneOf, not -----------------------------------------------------------------------------------

    private Result combinations(JsonNode value, JsonSchema schema, String path, @Nullable Correlation correlation) {
        Result result = new Result();
        if (!schema.anyOf().isEmpty()) {
            result.merge(anyOf(value, schema.anyOf(), path, correlation));
        }
        if (!schema.oneOf().isEmpty()) {
            result.merge(oneOf(value, schema.oneOf(), path, correlation));
        }
        if (!schema.allOf().isEmpty()) {
            int valid = 0;
            for (JsonSchema each : schema.allOf()) {
                Result judged = judge(value, each, path, correlation);
                valid += judged.valid() ? 1 : 0;
                result.merge(judged);
            }
            if (valid != schema.allOf().size()) {
                composite(
                        result, path, "must validate all the schemas (allOf)" + (valid == 0 ? ". None validated" : ""));
            }
        }
        JsonSchema not = schema.not();
        if (not != null && judge(value, not, path, correlation).valid()) {
            composite(result, path, "must not validate the schema (not)");
        }
        result.count();
        return result;
    }

    private Result anyOf(
            JsonNode value, List<JsonSchema> alternatives, String path, @Nullable Correlation correlation) {
        Result best = null;
        for (JsonSchema each : alternatives) {
            Result judged = judge(value, each, path, correlation);
            if (judged.valid()) {
                return judged;
            }
            best = best == null || judged.matches > best.matches ? judged : best;
        }
        Result result = new Result();
        composite(result, path, "must validate at least one schema (anyOf)");
        if (best != null) {
            result.merge(best);
        }
        return result;
    }

    private Result oneOf(
            JsonNode value, List<JsonSchema> alternatives, String path, @Nullable Correlation correlation) {
        Result best = null;
        Result first = null;
        int valid = 0;
        for (JsonSchema each : alternatives) {
            Result judged = judge(value, each, path, correlation);
            if (judged.valid()) {
                valid++;
                best = null;
                first = first == null ? judged : first;
            } else if (valid == 0 && (best == null || judged.matches > best.matches)) {
                best = judged;
            }
        }
        if (valid == 1 && first != null) {
            return first;
        }
        Result result = new Result();
        composite(
                result,
                path,
                "must validate one and only one schema (oneOf). "
                        + (valid == 0 ? "Found none valid" : "Found %d valid alternatives".formatted(valid)));
        if (best != null) {
            result.merge(best);
        }
        return result;
    }

    // ---- findings ---------------------------------------------------------------------------------------------------

    private void composite(Result result, String path, String why) {
        result.findings.add(new FieldError(
                Reason.INVALID,
                base.isEmpty() ? "<nil>" : base,
                "Invalid value: \"\": %s %s".formatted(GoQuote.quote(path), why)));
    }

    private void invalid(Result result, String path, String shown, String why) {
        add(result, Reason.INVALID, path, "Invalid value: %s: %s in body %s".formatted(shown, path, why));
    }

    private void add(Result result, Reason reason, String path, String message) {
        String name = path.startsWith(".") ? path.substring(1) : path;
        String field = base.isEmpty() ? name : name.isEmpty() ? base : base + "." + name;
        result.findings.add(new FieldError(reason, field.isEmpty() ? "<nil>" : field, message));
    }
}
