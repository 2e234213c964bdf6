package io.quarterdeck.api.schema;

/** A map with string keys. {@code atomic}: server-side apply owns it as a whole (x-kubernetes-map-type). */
public record MapSchema(Schema values, boolean atomic, String goType) implements Schema {}
