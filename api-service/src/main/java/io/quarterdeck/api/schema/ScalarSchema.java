package io.quarterdeck.api.schema;

import org.jspecify.annotations.Nullable;

/**
 * A leaf, or a value that the API does not look into.
 *
 * @param nested the schema that values of the JSON-schema unions contain; null for all other kinds
 */
public record ScalarSchema(
        Kind kind, String goType, @Nullable ObjectSchema nested) implements Schema {

    /** What values are legal and how they are written. */
    public enum Kind {
        STRING,
        INT32,
        INT64,
        FLOAT,
        BOOL,
        /** A 32-bit integer or a string. */
        INT_OR_STRING,
        /** A fixed-point number with suffix, see {@link io.quarterdeck.model.Quantity}. */
        QUANTITY,
        /** RFC 3339 in whole seconds. */
        TIME,
        /** RFC 3339 with six decimals. */
        MICRO_TIME,
        /** Base64. */
        BYTES,
        /** A set of field paths of managedFields. */
        FIELDS_V1,
        /** An object of any kind, kept as it came (runtime.RawExtension). */
        RAW_EXTENSION,
        /** Any JSON value (apiextensions' JSON). */
        ANY,
        /** JSONSchemaPropsOrArray. */
        SCHEMA_OR_ARRAY,
        /** JSONSchemaPropsOrBool. */
        SCHEMA_OR_BOOL,
        /** JSONSchemaPropsOrStringArray. */
        SCHEMA_OR_STRINGS
    }

    /** Whether Go holds it in a struct, which encoding/json never leaves out by omitempty. */
    boolean isStruct() {
        return switch (kind) {
            case INT_OR_STRING, QUANTITY, TIME, MICRO_TIME, FIELDS_V1, RAW_EXTENSION, ANY -> true;
            case SCHEMA_OR_ARRAY, SCHEMA_OR_BOOL, SCHEMA_OR_STRINGS -> true;
            case STRING, INT32, INT64, FLOAT, BOOL, BYTES -> false;
        };
    }
}
