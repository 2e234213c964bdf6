package io.quarterdeck.model;

/**
 * One finding of validation, as upstream's field.Error: what is wrong, where, and in which words.
 *
 * @param field upstream's path, for example {@code spec.containers[0].image}; empty for the whole object
 * @param message the text behind the path, complete with the rejected value: {@code Invalid value: 0: must be greater than zero}
 */
public record FieldError(Reason reason, String field, String message) {

    /** Upstream's cause types, by the name that Status causes carry. */
    public enum Reason {
        REQUIRED("FieldValueRequired"),
        INVALID("FieldValueInvalid"),
        NOT_SUPPORTED("FieldValueNotSupported"),
        DUPLICATE("FieldValueDuplicate"),
        FORBIDDEN("FieldValueForbidden"),
        NOT_FOUND("FieldValueNotFound"),
        TOO_LONG("FieldValueTooLong"),
        TOO_MANY("FieldValueTooMany"),
        TYPE_INVALID("FieldValueTypeInvalid"),
        INTERNAL("InternalError");

        private final String word;

        Reason(String word) {
            this.word = word;
        }

        public String word() {
            return word;
        }
    }

    @Override
    public String toString() {
        return field.isEmpty() ? message : field + ": " + message;
    }
}
