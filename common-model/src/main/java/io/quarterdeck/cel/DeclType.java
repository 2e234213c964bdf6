package io.quarterdeck.cel;

import java.util.List;
import java.util.Map;

/**
 * What a variable or a part of it may hold. Immutable. Sizes are what the cost of an expression is estimated from.
 */
public sealed interface DeclType {

    /** The bytes of the largest request: what an unbounded value can hold at most. */
    long MAX_REQUEST_BYTES = 3L * 1024 * 1024;

    DeclType BOOL = new Scalar(Kind.BOOL, 0, 4);
    DeclType INT = new Scalar(Kind.INT, 0, 1);
    DeclType DOUBLE = new Scalar(Kind.DOUBLE, 0, 1);
    DeclType STRING = new Scalar(Kind.STRING, MAX_REQUEST_BYTES - 2, 2);
    DeclType DYN = new Scalar(Kind.DYN, MAX_REQUEST_BYTES - 2, 1);

    /** What a variable may hold without saying so; unlike DYN it cannot be meant by an expression itself. */
    DeclType ANY = new Scalar(Kind.ANY, MAX_REQUEST_BYTES - 2, 1);

    DeclType TIMESTAMP = new Scalar(Kind.TIMESTAMP, 32, 21);

    enum Kind {
        BOOL,
        INT,
        DOUBLE,
        STRING,
        BYTES,
        DURATION,
        /** RFC 3339. */
        TIMESTAMP,
        /** A day, which CEL sees as its first instant. */
        DATE,
        /** Anything; int-or-string fields, too. */
        DYN,
        ANY,
        /** What an expression may give, while no schema says it. */
        UINT,
        NULL
    }

    /** The fewest bytes that a value takes as JSON. */
    long minSize();

    /** The most elements, characters or bytes that a value has; negative where nothing is known. */
    long maxElements();

    record Scalar(Kind kind, long maxElements, long minSize) implements DeclType {}

    /**
     * A list.
     *
     * @param merge how it compares and what {@code +} makes of it: x-kubernetes-list-type
     * @param keys JSON names of the keys where {@code merge} is {@link Merge#MAP}
     */
    record ListOf(DeclType element, long maxElements, Merge merge, List<String> keys) implements DeclType {

        public enum Merge {
            ATOMIC,
            SET,
            MAP
        }

        public ListOf {
            keys = List.copyOf(keys);
        }

        public ListOf(DeclType element, long maxElements) {
            this(element, maxElements, Merge.ATOMIC, List.of());
        }

        @Override
        public long minSize() {
            return 2;
        }
    }

    /** A map from strings. */
    record MapOf(DeclType value, long maxElements) implements DeclType {

        @Override
        public long minSize() {
            return 2;
        }
    }

    /**
     * An object with named fields; what it has besides cannot be seen.
     *
     * @param name how errors call it; two objects of one environment that differ have different names
     * @param fields by the name that expressions use, see {@link PropertyNames}
     */
    record ObjectOf(String name, Map<String, DeclField> fields, long minSize) implements DeclType {

        public ObjectOf {
            fields = Map.copyOf(fields);
        }

        public ObjectOf(String name, Map<String, DeclField> fields) {
            this(name, fields, 2);
        }

        @Override
        public long maxElements() {
            return 0;
        }
    }

    /** A variable that may have no value. */
    record OptionalOf(DeclType value) implements DeclType {

        @Override
        public long minSize() {
            return 0;
        }

        @Override
        public long maxElements() {
            return -1;
        }
    }

    /** A type of Kubernetes' libraries ({@code kubernetes.authorization.Authorizer}), made by functions or given as is. */
    record Library(String name) implements DeclType {

        @Override
        public long minSize() {
            return 1;
        }

        @Override
        public long maxElements() {
            return -1;
        }
    }

    /** @param jsonName the field's name in documents */
    record DeclField(String jsonName, DeclType type) {}

    /** A field whose name needs no escaping. */
    static DeclField field(String name, DeclType type) {
        return new DeclField(name, type);
    }

    static DeclType listOf(DeclType element) {
        return new ListOf(element, (MAX_REQUEST_BYTES - 2) / (element.minSize() + 1));
    }

    static DeclType mapOf(DeclType value) {
        return new MapOf(value, (MAX_REQUEST_BYTES - 2) / (value.minSize() + 6));
    }
}
