package io.quarterdeck.api.discovery.openapi;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/**
 * An OpenAPI v2 document as the protobuf message {@code openapi.v2.Document}, whose field numbers gnostic defines. Pure.
 */
final class OpenApiV2Protobuf {

    private OpenApiV2Protobuf() {}

    /** A message in the making; what is absent from the JSON is left out. */
    private static final class Message {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Message text(int number, JsonNode value) {
            return value.isString() ? bytes(number, value.stringValue().getBytes(StandardCharsets.UTF_8)) : this;
        }

        Message texts(int number, JsonNode values) {
            values.forEach(value -> text(number, value));
            return this;
        }

        Message flag(int number, JsonNode value) {
            if (value.isBoolean() && value.booleanValue()) {
                tag(number, 0);
                varint(1);
            }
            return this;
        }

        Message whole(int number, JsonNode value) {
            if (value.isNumber()) {
                tag(number, 0);
                varint(value.longValue());
            }
            return this;
        }

        Message decimal(int number, JsonNode value) {
            if (value.isNumber()) {
                tag(number, 1);
                long bits = Double.doubleToLongBits(value.doubleValue());
                for (int shift = 0; shift < 64; shift += 8) {
                    out.write((int) (bits >>> shift));
                }
            }
            return this;
        }

        /** JSON is YAML too. */
        Message any(int number, JsonNode value) {
            return value.isMissingNode() ? this : bytes(number, anyValue(value));
        }

        Message anys(int number, JsonNode values) {
            values.forEach(value -> any(number, value));
            return this;
        }

        Message one(int number, JsonNode value, Function<JsonNode, byte[]> encoder) {
            return value.isMissingNode() ? this : bytes(number, encoder.apply(value));
        }

        Message each(int number, JsonNode values, Function<JsonNode, byte[]> encoder) {
            values.forEach(value -> bytes(number, encoder.apply(value)));
            return this;
        }

        /** The entries of an object as repeated pairs of name and value. */
        Message named(int number, JsonNode object, Function<JsonNode, byte[]> encoder) {
            object.properties()
                    .forEach(entry -> bytes(
                            number,
                            new Message()
                                    .bytes(1, entry.getKey().getBytes(StandardCharsets.UTF_8))
                                    .bytes(2, encoder.apply(entry.getValue()))
                                    .done()));
            return this;
        }

        Message extensions(int number, JsonNode object) {
            object.properties().forEach(entry -> {
                if (entry.getKey().startsWith("x-")) {
                    bytes(
                            number,
                            new Message()
                                    .bytes(1, entry.getKey().getBytes(StandardCharsets.UTF_8))
                                    .bytes(2, anyValue(entry.getValue()))
                                    .done());
                }
            });
            return this;
        }

        Message bytes(int number, byte[] value) {
            tag(number, 2);
            varint(value.length);
            out.writeBytes(value);
            return this;
        }

        byte[] done() {
            return out.toByteArray();
        }

        private static byte[] anyValue(JsonNode value) {
            return new Message()
                    .bytes(2, value.toString().getBytes(StandardCharsets.UTF_8))
                    .done();
        }

        private void tag(int number, int wireType) {
            varint((long) number << 3 | wireType);
        }

        private void varint(long value) {
            long rest = value;
            while ((rest & ~0x7FL) != 0) {
                out.write((int) (rest & 0x7F | 0x80));
                rest >>>= 7;
            }
            out.write((int) rest);
        }
    }

    static byte[] document(JsonNode document) {
        return new Message()
                .text(1, document.path("swagger"))
                .one(2, document.path("info"), OpenApiV2Protobuf::info)
                .one(8, document.path("paths"), map(2, OpenApiV2Protobuf::path))
                .one(9, document.path("definitions"), map(1, OpenApiV2Protobuf::schema))
                .one(10, document.path("parameters"), map(1, OpenApiV2Protobuf::parameter))
                .each(
                        12,
                        document.path("security"),
                        map(1, scopes -> new Message().texts(1, scopes).done()))
                .one(13, document.path("securityDefinitions"), map(1, OpenApiV2Protobuf::security))
                .extensions(16, document)
                .done();
    }

    private static Function<JsonNode, byte[]> map(int number, Function<JsonNode, byte[]> encoder) {
        return object -> new Message().named(number, object, encoder).done();
    }

    private static byte[] info(JsonNode info) {
        return new Message()
                .text(1, info.path("title"))
                .text(2, info.path("version"))
                .text(3, info.path("description"))
                .done();
    }

    private static byte[] path(JsonNode path) {
        return new Message()
                .one(2, path.path("get"), OpenApiV2Protobuf::operation)
                .one(3, path.path("put"), OpenApiV2Protobuf::operation)
                .one(4, path.path("post"), OpenApiV2Protobuf::operation)
                .one(5, path.path("delete"), OpenApiV2Protobuf::operation)
                .one(6, path.path("options"), OpenApiV2Protobuf::operation)
                .one(7, path.path("head"), OpenApiV2Protobuf::operation)
                .one(8, path.path("patch"), OpenApiV2Protobuf::operation)
                .each(9, path.path("parameters"), OpenApiV2Protobuf::parameterOrReference)
                .extensions(10, path)
                .done();
    }

    private static byte[] operation(JsonNode operation) {
        return new Message()
                .texts(1, operation.path("tags"))
                .text(2, operation.path("summary"))
                .text(3, operation.path("description"))
                .text(5, operation.path("operationId"))
                .texts(6, operation.path("produces"))
                .texts(7, operation.path("consumes"))
                .each(8, operation.path("parameters"), OpenApiV2Protobuf::parameterOrReference)
                .one(9, operation.path("responses"), map(1, OpenApiV2Protobuf::response))
                .texts(10, operation.path("schemes"))
                .flag(11, operation.path("deprecated"))
                .extensions(13, operation)
                .done();
    }

    private static byte[] response(JsonNode response) {
        return new Message()
                .bytes(
                        1,
                        new Message()
                                .text(1, response.path("description"))
                                .one(
                                        2,
                                        response.path("schema"),
                                        schema -> new Message()
                                                .bytes(1, schema(schema))
                                                .done())
                                .extensions(5, response)
                                .done())
                .done();
    }

    private static byte[] parameterOrReference(JsonNode parameter) {
        return parameter.has("$ref")
                ? new Message()
                        .bytes(2, new Message().text(1, parameter.path("$ref")).done())
                        .done()
                : new Message().bytes(1, parameter(parameter)).done();
    }

    private static byte[] parameter(JsonNode parameter) {
        return switch (parameter.path("in").asString("")) {
            case "body" -> new Message().bytes(1, body(parameter)).done();
            case "path" -> other(4, simple(parameter, 0));
            case "header" -> other(1, simple(parameter, 0));
            default -> other(3, simple(parameter, 1));
        };
    }

    private static byte[] other(int kind, byte[] parameter) {
        return new Message()
                .bytes(2, new Message().bytes(kind, parameter).done())
                .done();
    }

    private static byte[] body(JsonNode parameter) {
        return new Message()
                .text(1, parameter.path("description"))
                .text(2, parameter.path("name"))
                .text(3, parameter.path("in"))
                .flag(4, parameter.path("required"))
                .one(5, parameter.path("schema"), OpenApiV2Protobuf::schema)
                .extensions(6, parameter)
                .done();
    }

    /** @param shift 1 where the message has allow_empty_value before the type, as query parameters do */
    private static byte[] simple(JsonNode parameter, int shift) {
        return new Message()
                .flag(1, parameter.path("required"))
                .text(2, parameter.path("in"))
                .text(3, parameter.path("description"))
                .text(4, parameter.path("name"))
                .text(5 + shift, parameter.path("type"))
                .text(6 + shift, parameter.path("format"))
                .any(9 + shift, parameter.path("default"))
                .flag(19 + shift, parameter.path("uniqueItems"))
                .anys(20 + shift, parameter.path("enum"))
                .extensions(22 + shift, parameter)
                .done();
    }

    private static byte[] security(JsonNode definition) {
        return new Message()
                .bytes(
                        2,
                        new Message()
                                .text(1, definition.path("type"))
                                .text(2, definition.path("name"))
                                .text(3, definition.path("in"))
                                .text(4, definition.path("description"))
                                .done())
                .done();
    }

    private static byte[] schema(JsonNode schema) {
        return new Message()
                .text(1, schema.path("$ref"))
                .text(2, schema.path("format"))
                .text(3, schema.path("title"))
                .text(4, schema.path("description"))
                .any(5, schema.path("default"))
                .decimal(6, schema.path("multipleOf"))
                .decimal(7, schema.path("maximum"))
                .flag(8, schema.path("exclusiveMaximum"))
                .decimal(9, schema.path("minimum"))
                .flag(10, schema.path("exclusiveMinimum"))
                .whole(11, schema.path("maxLength"))
                .whole(12, schema.path("minLength"))
                .text(13, schema.path("pattern"))
                .whole(14, schema.path("maxItems"))
                .whole(15, schema.path("minItems"))
                .flag(16, schema.path("uniqueItems"))
                .whole(17, schema.path("maxProperties"))
                .whole(18, schema.path("minProperties"))
                .texts(19, schema.path("required"))
                .anys(20, schema.path("enum"))
                .one(21, schema.path("additionalProperties"), OpenApiV2Protobuf::additional)
                .one(22, schema.path("type"), OpenApiV2Protobuf::type)
                .one(
                        23,
                        schema.path("items"),
                        items -> new Message().bytes(1, schema(items)).done())
                .each(24, schema.path("allOf"), OpenApiV2Protobuf::schema)
                .one(25, schema.path("properties"), map(1, OpenApiV2Protobuf::schema))
                .any(30, schema.path("example"))
                .extensions(31, schema)
                .done();
    }

    private static byte[] additional(JsonNode value) {
        return value.isBoolean()
                ? new Message().flag(2, value).done()
                : new Message().bytes(1, schema(value)).done();
    }

    private static byte[] type(JsonNode type) {
        return type.isArray()
                ? new Message().texts(1, type).done()
                : new Message().text(1, type).done();
    }
}
