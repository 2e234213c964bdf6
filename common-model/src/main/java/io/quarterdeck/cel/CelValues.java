package io.quarterdeck.cel;

import com.google.common.primitives.UnsignedLong;
import dev.cel.common.values.CelByteString;
import dev.cel.common.values.NullValue;
import io.quarterdeck.cel.DeclType.Kind;
import io.quarterdeck.cel.DeclType.ListOf;
import io.quarterdeck.cel.DeclType.MapOf;
import io.quarterdeck.cel.DeclType.ObjectOf;
import io.quarterdeck.cel.DeclType.Scalar;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Values of expressions, and how they come from and become JSON. A value is a Boolean, Long, {@link UnsignedLong}, Double,
 * String, {@link CelByteString}, Instant, Duration, {@link NullValue}, List, Map, Optional, or one of a library's. Lists and
 * maps over JSON read the tree when they are asked; the tree must not change meanwhile.
 */
public final class CelValues {

    /** CEL's null. */
    public static final Object NULL = NullValue.NULL_VALUE;

    private static final Pattern URL_ALPHABET = Pattern.compile("[A-Za-z0-9_-]*");

    private CelValues() {}

    /** The value as its schema says. */
    public static Object of(JsonNode node, DeclType type) {
        if (node.isNull() || node.isMissingNode()) {
            return NULL;
        }
        return switch (type) {
            case Scalar scalar -> scalar(node, scalar.kind());
            case ListOf list -> {
                if (!(node instanceof ArrayNode array)) {
                    throw new CelEvaluationException(
                            "invalid data, expected an array for the provided schema with type=array");
                }
                yield new JsonList(array, list);
            }
            case MapOf map -> new JsonMap(object(node), map);
            case ObjectOf object -> new JsonMap(object(node), object);
            case DeclType.OptionalOf optional -> Optional.of(of(node, optional.value()));
            case DeclType.Library library ->
                throw new CelEvaluationException("invalid data, a document holds no " + library.name());
        };
    }

    /** The value as JSON shows it: whole numbers are ints. */
    public static Object of(JsonNode node) {
        return of(node, DeclType.DYN);
    }

    /** The {@code authorizer} variable. */
    public static Object authorizer(Access access) {
        return new Authorization.Authorizer(access, null);
    }

    /** The {@code authorizer.requestResource} variable. */
    public static Object requestResource(
            Access access, String group, String resource, String subresource, String namespace, String name) {
        return new Authorization.ResourceCheck(
                new Authorization.Authorizer(access, null), group, resource, subresource, namespace, name, null, null);
    }

    private static ObjectNode object(JsonNode node) {
        if (node instanceof ObjectNode object) {
            return object;
        }
        throw new CelEvaluationException("invalid data, expected a map for the provided schema with type=object");
    }

    private static Object scalar(JsonNode node, Kind kind) {
        return switch (kind) {
            case DYN, ANY, UINT, NULL -> dynamic(node);
            case BOOL -> expect(node, node.isBoolean(), "bool").booleanValue();
            case INT -> expect(node, node.isIntegralNumber(), "int").longValue();
            case DOUBLE -> expect(node, node.isNumber(), "float").doubleValue();
            case STRING -> expect(node, node.isString(), "string").stringValue();
            case BYTES -> bytes(expect(node, node.isString(), "string").stringValue());
            case DURATION ->
                Times.spoken(expect(node, node.isString(), "string").stringValue());
            case TIMESTAMP, DATE ->
                Times.timestamp(expect(node, node.isString(), "string").stringValue());
        };
    }

    private static JsonNode expect(JsonNode node, boolean good, String wanted) {
        if (!good) {
            throw new CelEvaluationException("invalid data, expected %s, got %s".formatted(wanted, goType(node)));
        }
        return node;
    }

    private static String goType(JsonNode node) {
        return switch (node.getNodeType()) {
            case STRING -> "string";
            case BOOLEAN -> "bool";
            case NUMBER -> node.isIntegralNumber() ? "int64" : "float64";
            case ARRAY -> "[]interface {}";
            default -> "map[string]interface {}";
        };
    }

    private static CelByteString bytes(String text) {
        try {
            // Upstream takes the alphabet of URLs here, and padding throughout.
            if (text.length() % 4 == 0) {
                return CelByteString.of(Base64.getUrlDecoder().decode(text));
            }
        } catch (IllegalArgumentException e) {
            // Told below.
        }
        Matcher good = URL_ALPHABET.matcher(text);
        throw new CelEvaluationException("Invalid byte formatted string %s: illegal base64 data at input byte %d"
                .formatted(text, good.lookingAt() ? good.end() : 0));
    }

    private static Object dynamic(JsonNode node) {
        return switch (node) {
            case ObjectNode object -> new JsonMap(object, null);
            case ArrayNode array -> new JsonList(array, null);
            default ->
                switch (node.getNodeType()) {
                    case STRING -> node.stringValue();
                    case BOOLEAN -> node.booleanValue();
                    case NUMBER -> number(node);
                    default -> NULL;
                };
        };
    }

    private static Object number(JsonNode node) {
        if (node.isIntegralNumber() && node.canConvertToLong()) {
            return node.longValue();
        }
        return node.doubleValue();
    }

    /** @throws CelEvaluationException for values that JSON has no form for */
    public static JsonNode toJson(@Nullable Object value) {
        JsonNodeFactory json = JsonNodeFactory.instance;
        return switch (value) {
            case null -> json.nullNode();
            case NullValue ignored -> json.nullNode();
            case Boolean bool -> json.booleanNode(bool);
            case Long number ->
                number.intValue() == number ? json.numberNode(number.intValue()) : json.numberNode(number);
            case UnsignedLong number -> json.numberNode(number.bigIntegerValue());
            case Double number -> json.numberNode(number);
            case String text -> json.stringNode(text);
            case Instant instant -> json.stringNode(instant.toString());
            case Duration duration -> json.stringNode(Times.format(duration));
            case CelByteString bytes -> json.stringNode(Base64.getEncoder().encodeToString(bytes.toByteArray()));
            case JsonMap map when map.isWhole() -> map.node().deepCopy();
            case JsonList list -> list.node().deepCopy();
            case List<?> list -> {
                ArrayNode array = json.arrayNode();
                list.forEach(element -> array.add(toJson(element)));
                yield array;
            }
            case StructValue struct -> {
                ObjectNode object = json.objectNode();
                struct.fields().forEach((name, field) -> object.set(name, toJson(field)));
                yield object;
            }
            case Map<?, ?> map -> {
                ObjectNode object = json.objectNode();
                map.forEach((key, element) -> object.set(Conversions.text(key), toJson(element)));
                yield object;
            }
            case Optional<?> optional -> optional.map(CelValues::toJson).orElseGet(json::nullNode);
            default ->
                throw new CelEvaluationException("unsupported type for conversion: " + Conversions.typeName(value));
        };
    }
}
