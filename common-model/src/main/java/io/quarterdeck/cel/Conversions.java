package io.quarterdeck.cel;

import com.google.common.primitives.UnsignedLong;
import dev.cel.common.values.CelByteString;
import dev.cel.common.values.NullValue;
import io.quarterdeck.model.GoNumbers;
import io.quarterdeck.model.Quantity;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** From one type to another: {@code string(x)}, {@code int(x)} and their like, and what {@code type(x)} is. Pure. */
final class Conversions {

    /** What {@code type(x)} gives. */
    record TypeValue(String name) {}

    private static final Pattern SIGNED = Pattern.compile("[+-]?[0-9]+");
    private static final Pattern UNSIGNED = Pattern.compile("[0-9]+");
    private static final Pattern FLOATING = Pattern.compile("[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?");
    private static final Pattern NO_NUMBER = Pattern.compile("(?i)([+-]?)(?:(inf|infinity)|nan)");
    private static final DateTimeFormatter RFC3339 = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss");

    private Conversions() {}

    static String typeName(Object value) {
        return switch (value) {
            case Boolean ignored -> "bool";
            case Long ignored -> "int";
            case UnsignedLong ignored -> "uint";
            case Double ignored -> "double";
            case String ignored -> "string";
            case CelByteString ignored -> "bytes";
            case NullValue ignored -> "null_type";
            case Instant ignored -> "google.protobuf.Timestamp";
            case Duration ignored -> "google.protobuf.Duration";
            case List<?> ignored -> "list";
            case Map<?, ?> ignored -> "map";
            case Optional<?> ignored -> "optional_type";
            case TypeValue ignored -> "type";
            case StructValue struct -> struct.type();
            case Quantity ignored -> "kubernetes.Quantity";
            case Network.Ip ignored -> "net.IP";
            case Network.Cidr ignored -> "net.CIDR";
            case Semver ignored -> "kubernetes.Semver";
            case NamedFormat ignored -> "kubernetes.NamedFormat";
            case URI ignored -> "kubernetes.URL";
            case Authorization.Authorizer ignored -> "kubernetes.authorization.Authorizer";
            case Authorization.PathCheck ignored -> "kubernetes.authorization.PathCheck";
            case Authorization.GroupCheck ignored -> "kubernetes.authorization.GroupCheck";
            case Authorization.ResourceCheck ignored -> "kubernetes.authorization.ResourceCheck";
            case Access.Answer ignored -> "kubernetes.authorization.Decision";
            default -> "unknown";
        };
    }

    static String text(Object value) {
        return switch (value) {
            case String text -> text;
            case Boolean bool -> bool.toString();
            case Long number -> number.toString();
            case UnsignedLong number -> number.toString();
            case Double number -> GoNumbers.shown(number);
            case Instant instant -> format(instant);
            case Duration duration -> Times.format(duration);
            case Quantity quantity -> quantity.toString();
            case Network.Ip ip -> ip.toString();
            case Network.Cidr cidr -> cidr.toString();
            case CelByteString bytes -> utf8(bytes);
            case TypeValue type -> type.name();
            default -> throw CelEvaluationException.noSuchOverload();
        };
    }

    private static String utf8(CelByteString bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes.toByteArray()))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new CelEvaluationException("invalid UTF-8 in bytes, cannot convert to string");
        }
    }

    private static String format(Instant instant) {
        StringBuilder out = new StringBuilder(RFC3339.format(instant.atOffset(ZoneOffset.UTC)));
        if (instant.getNano() != 0) {
            String nanos = "%09d".formatted(instant.getNano());
            out.append('.').append(nanos.replaceAll("0+$", ""));
        }
        return out.append('Z').toString();
    }

    static Long integer(Object value) {
        return switch (value) {
            case Long number -> number;
            case UnsignedLong number -> {
                if (number.bigIntegerValue().bitLength() > 63) {
                    throw new CelEvaluationException("unsigned integer overflow");
                }
                yield number.longValue();
            }
            case Double number -> {
                if (number.isNaN() || number <= -0x1p63 || number >= 0x1p63) {
                    throw new CelEvaluationException("integer overflow");
                }
                yield number.longValue();
            }
            case String text -> {
                if (!SIGNED.matcher(text).matches()) {
                    throw unconvertible("int");
                }
                try {
                    yield Long.valueOf(text);
                } catch (NumberFormatException tooLarge) {
                    throw unconvertible("int");
                }
            }
            case Instant instant -> instant.getEpochSecond();
            case Duration duration -> duration.toNanos();
            default -> throw CelEvaluationException.noSuchOverload();
        };
    }

    static UnsignedLong unsigned(Object value) {
        return switch (value) {
            case UnsignedLong number -> number;
            case Long number -> {
                if (number < 0) {
                    throw new CelEvaluationException("unsigned integer overflow");
                }
                yield UnsignedLong.valueOf(number);
            }
            case Double number -> {
                if (number.isNaN() || number < 0 || number >= 0x1p64) {
                    throw new CelEvaluationException("unsigned integer overflow");
                }
                yield UnsignedLong.valueOf(new BigDecimal(number).toBigInteger());
            }
            case String text -> {
                if (!UNSIGNED.matcher(text).matches()) {
                    throw unconvertible("uint");
                }
                try {
                    yield UnsignedLong.valueOf(text);
                } catch (NumberFormatException tooLarge) {
                    throw unconvertible("uint");
                }
            }
            default -> throw CelEvaluationException.noSuchOverload();
        };
    }

    static Double floating(Object value) {
        return switch (value) {
            case Double number -> number;
            case Long number -> number.doubleValue();
            case UnsignedLong number -> number.doubleValue();
            case String text -> floating(text);
            default -> throw CelEvaluationException.noSuchOverload();
        };
    }

    private static Double floating(String text) {
        Matcher special = NO_NUMBER.matcher(text);
        if (special.matches()) {
            return special.group(2) == null
                    ? Double.NaN
                    : "-".equals(special.group(1)) ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
        }
        double number = FLOATING.matcher(text).matches() ? Double.parseDouble(text) : Double.POSITIVE_INFINITY;
        if (Double.isInfinite(number)) {
            throw unconvertible("double");
        }
        return number;
    }

    static CelEvaluationException unconvertible(String type) {
        return new CelEvaluationException("type conversion error from 'string' to '%s'".formatted(type));
    }

    static Boolean bool(Object value) {
        return switch (value) {
            case Boolean bool -> bool;
            case String text ->
                switch (text) {
                    case "true", "True", "TRUE", "t", "T", "1" -> true;
                    case "false", "False", "FALSE", "f", "F", "0" -> false;
                    default -> throw unconvertible("bool");
                };
            default -> throw CelEvaluationException.noSuchOverload();
        };
    }
}
