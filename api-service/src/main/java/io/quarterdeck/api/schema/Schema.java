package io.quarterdeck.api.schema;

/**
 * The shape of one value of the API. Immutable once its catalogue is built; thread-safe. Built-in schemas come from
 * {@link SchemaCatalog}; those of custom resources are put together from the same parts at run time.
 */
public sealed interface Schema permits ObjectSchema, MapSchema, ListSchema, ScalarSchema {

    /** The type as Go prints it ({@code []v1.Container}): part of upstream's error texts. */
    String goType();
}
