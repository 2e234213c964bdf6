package io.quarterdeck.api.schema;

/** The forms in which an object travels. */
public enum Encoding {
    JSON,
    YAML,
    PROTOBUF
}
