package io.quarterdeck.api.customresources.schema;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/**
 * A path to a field that a schema declares: {@code .spec.list['a.b']}.
 *
 * <p>Source: apiextensions, schema/cel ValidFieldPath.
 *
 * @param path in upstream's form, without the first dot
 * @param schema of the field; missing when there is none
 * @param error why there is none, else empty
 */
public record SchemaPath(String path, JsonNode schema, String error) {

    private static final String NO_FIELD = "does not refer to a valid field";

    /** @param brackets whether names may stand in brackets and quotes */
    public static SchemaPath find(String text, JsonNode root, boolean brackets) {
        StringBuilder path = new StringBuilder();
        JsonNode schema = root;
        int position = 0;
        while (position < text.length()) {
            char delimiter = text.charAt(position);
            position++;
            String name;
            if (delimiter == '.') {
                int end = position;
                while (end < text.length() && ".[]".indexOf(text.charAt(end)) < 0) {
                    end++;
                }
                if (end == position) {
                    return failed(end == text.length() ? "unexpected end of JSON path" : NO_FIELD);
                }
                name = text.substring(position, end);
                position = end;
            } else if (delimiter == '[') {
                if (!brackets) {
                    return failed("array notation is not allowed");
                }
                int end = quoteEnd(text, position);
                if (end < 0) {
                    return failed("expected single quoted string but got " + text.substring(position));
                }
                name = text.substring(position + 1, end).replace("\\'", "'").replace("\\\\", "\\");
                if (end + 1 >= text.length()) {
                    return failed("unexpected end of JSON path");
                }
                if (text.charAt(end + 1) != ']') {
                    return failed("expected ] but got " + text.substring(end + 1));
                }
                position = end + 2;
            } else {
                int end = position;
                while (end < text.length() && ".[]".indexOf(text.charAt(end)) < 0) {
                    end++;
                }
                return failed("expected [ or . but got: " + text.substring(position - 1, end));
            }
            if (!schema.path("properties").isEmpty()) {
                schema = schema.path("properties").path(name);
                path.append(path.isEmpty() ? "" : ".").append(name);
            } else if (schema.path("additionalProperties").isObject()) {
                schema = schema.path("additionalProperties");
                path.append('[').append(name).append(']');
            } else {
                return failed(NO_FIELD);
            }
            if (schema.isMissingNode()) {
                return failed(NO_FIELD);
            }
        }
        return new SchemaPath(path.toString(), schema, "");
    }

    private static int quoteEnd(String text, int start) {
        if (start >= text.length() || text.charAt(start) != '\'') {
            return -1;
        }
        for (int i = start + 1; i < text.length(); i++) {
            if (text.charAt(i) == '\'' && text.charAt(i - 1) != '\\') {
                return i;
            }
        }
        return -1;
    }

    private static SchemaPath failed(String why) {
        return new SchemaPath("", MissingNode.getInstance(), why);
    }
}
