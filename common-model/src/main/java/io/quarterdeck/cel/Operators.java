package io.quarterdeck.cel;

import com.google.common.primitives.UnsignedLong;
import dev.cel.common.values.CelByteString;
import io.quarterdeck.cel.Functions.Function;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Arithmetic, comparison, membership, size, conversions, optionals.
 *
 * <p>Source: cel-spec, "List of Standard Definitions".
 */
final class Operators {

    private static final Instant FIRST = Instant.parse("0001-01-01T00:00:00Z");
    private static final Instant LAST = Instant.parse("9999-12-31T23:59:59.999999999Z");

    private Operators() {}

    static void register(Map<String, Function> all) {
        all.put("_+_", arguments -> plus(arguments[0], arguments[1]));
        all.put("_-_", arguments -> minus(arguments[0], arguments[1]));
        all.put("_*_", arguments -> times(arguments[0], arguments[1]));
        all.put("_/_", arguments -> divide(arguments[0], arguments[1]));
        all.put("_%_", arguments -> modulo(arguments[0], arguments[1]));
        all.put("-_", arguments -> negate(arguments[0]));
        all.put("!_", arguments -> !bool(arguments[0]));
        all.put("_==_", arguments -> Equality.equal(arguments[0], arguments[1]));
        all.put("_!=_", arguments -> !Equality.equal(arguments[0], arguments[1]));
        all.put("_<_", arguments -> ordered(arguments, order -> order < 0));
        all.put("_<=_", arguments -> ordered(arguments, order -> order <= 0));
        all.put("_>_", arguments -> ordered(arguments, order -> order > 0));
        all.put("_>=_", arguments -> ordered(arguments, order -> order >= 0));
        all.put("@in", arguments -> in(arguments[0], arguments[1]));
        all.put("size", arguments -> size(arguments[0]));
        all.put("dyn", arguments -> arguments[0]);
        all.put("type", arguments -> new Conversions.TypeValue(Conversions.typeName(arguments[0])));
        all.put("int", arguments -> Conversions.integer(arguments[0]));
        all.put("uint", arguments -> Conversions.unsigned(arguments[0]));
        all.put("double", arguments -> Conversions.floating(arguments[0]));
        all.put("bool", arguments -> Conversions.bool(arguments[0]));
        all.put("string", arguments -> Conversions.text(arguments[0]));
        all.put("bytes", arguments -> bytes(arguments[0]));
        all.put("cel.@mapInsert", Operators::mapInsert);
        all.put("optional.of", arguments -> Optional.of(arguments[0]));
        all.put("optional.none", arguments -> Optional.empty());
        all.put(
                "optional.ofNonZeroValue",
                arguments -> isZero(arguments[0]) ? Optional.empty() : Optional.of(arguments[0]));
        all.put("optional.unwrap", arguments -> unwrap(arguments[0]));
        all.put("unwrapOpt", arguments -> unwrap(arguments[0]));
        all.put("hasValue", arguments -> optional(arguments[0]).isPresent());
        all.put(
                "value",
                arguments -> optional(arguments[0])
                        .orElseThrow(() -> new CelEvaluationException("optional.none() dereference")));
    }

    private static boolean bool(Object value) {
        if (value instanceof Boolean bool) {
            return bool;
        }
        throw CelEvaluationException.noSuchOverload();
    }

    static Optional<?> optional(Object value) {
        if (value instanceof Optional<?> optional) {
            return optional;
        }
        throw CelEvaluationException.noSuchOverload();
    }

    private static CelByteString bytes(Object value) {
        return switch (value) {
            case CelByteString bytes -> bytes;
            case String text -> CelByteString.copyFromUtf8(text);
            default -> throw CelEvaluationException.noSuchOverload();
        };
    }

    private static List<Object> unwrap(Object value) {
        List<Object> present = new ArrayList<>();
        for (Object element : ListFunctions.list(value)) {
            optional(element).ifPresent(present::add);
        }
        return present;
    }

    private static boolean isZero(Object value) {
        return switch (value) {
            case Boolean bool -> !bool;
            case Long number -> number == 0;
            case UnsignedLong number -> number.equals(UnsignedLong.ZERO);
            case Double number -> number == 0;
            case String text -> text.isEmpty();
            case CelByteString bytes -> bytes.isEmpty();
            case List<?> list -> list.isEmpty();
            case Map<?, ?> map -> map.isEmpty();
            case Duration duration -> duration.isZero();
            case Instant instant -> instant.equals(FIRST);
            case Optional<?> optional -> optional.isEmpty();
            default -> value.equals(CelValues.NULL);
        };
    }

    private static Object mapInsert(Object... arguments) {
        Map<Object, Object> result = new LinkedHashMap<>((Map<?, ?>) arguments[0]);
        if (arguments.length == 2) {
            ((Map<?, ?>) arguments[1]).forEach((key, value) -> insert(result, key, value));
        } else {
            insert(result, arguments[1], arguments[2]);
        }
        return result;
    }

    private static void insert(Map<Object, Object> map, Object key, Object value) {
        if (map.put(key, value) != null) {
            throw new CelEvaluationException("insert failed: key %s already exists".formatted(Conversions.text(key)));
        }
    }

    static Object plus(Object a, Object b) {
        try {
            if (a instanceof Long x && b instanceof Long y) {
                return Math.addExact(x, y);
            }
            if (a instanceof Double x && b instanceof Double y) {
                return x + y;
            }
            if (a instanceof UnsignedLong x && b instanceof UnsignedLong y) {
                return unsigned(x.bigIntegerValue().add(y.bigIntegerValue()));
            }
            if (a instanceof String x && b instanceof String y) {
                return x + y;
            }
            if (a instanceof CelByteString x && b instanceof CelByteString y) {
                return x.concat(y);
            }
            if (a instanceof List<?> x && b instanceof List<?> y) {
                return Equality.plus(x, y);
            }
            if (a instanceof Duration x && b instanceof Duration y) {
                return countable(x.plus(y));
            }
            if (a instanceof Instant x && b instanceof Duration y) {
                return ofFourDigits(x.plus(y));
            }
            if (a instanceof Duration x && b instanceof Instant y) {
                return ofFourDigits(y.plus(x));
            }
        } catch (ArithmeticException | DateTimeException e) {
            throw overflow(a);
        }
        throw CelEvaluationException.noSuchOverload();
    }

    /** Durations count nanoseconds in 64 bits. */
    private static Duration countable(Duration duration) {
        try {
            return Duration.ofNanos(duration.toNanos());
        } catch (ArithmeticException e) {
            throw new CelEvaluationException("integer overflow");
        }
    }

    /** Times have years from 1 to 9999. */
    private static Instant ofFourDigits(Instant instant) {
        if (instant.isBefore(FIRST) || instant.isAfter(LAST)) {
            throw overflow(instant);
        }
        return instant;
    }

    private static Object minus(Object a, Object b) {
        try {
            if (a instanceof Long x && b instanceof Long y) {
                return Math.subtractExact(x, y);
            }
            if (a instanceof Double x && b instanceof Double y) {
                return x - y;
            }
            if (a instanceof UnsignedLong x && b instanceof UnsignedLong y) {
                return unsigned(x.bigIntegerValue().subtract(y.bigIntegerValue()));
            }
            if (a instanceof Instant x && b instanceof Instant y) {
                return countable(Duration.between(y, x));
            }
            if (a instanceof Instant x && b instanceof Duration y) {
                return ofFourDigits(x.minus(y));
            }
            if (a instanceof Duration x && b instanceof Duration y) {
                return countable(x.minus(y));
            }
        } catch (ArithmeticException | DateTimeException e) {
            throw overflow(a);
        }
        throw CelEvaluationException.noSuchOverload();
    }

    private static Object times(Object a, Object b) {
        try {
            if (a instanceof Long x && b instanceof Long y) {
                return Math.multiplyExact(x, y);
            }
            if (a instanceof Double x && b instanceof Double y) {
                return x * y;
            }
            if (a instanceof UnsignedLong x && b instanceof UnsignedLong y) {
                return unsigned(x.bigIntegerValue().multiply(y.bigIntegerValue()));
            }
        } catch (ArithmeticException e) {
            throw overflow(a);
        }
        throw CelEvaluationException.noSuchOverload();
    }

    private static Object divide(Object a, Object b) {
        if (a instanceof Long x && b instanceof Long y) {
            if (y == 0) {
                throw new CelEvaluationException("division by zero");
            }
            if (x == Long.MIN_VALUE && y == -1) {
                throw overflow(a);
            }
            return x / y;
        }
        if (a instanceof Double x && b instanceof Double y) {
            return x / y;
        }
        if (a instanceof UnsignedLong x && b instanceof UnsignedLong y) {
            if (y.equals(UnsignedLong.ZERO)) {
                throw new CelEvaluationException("division by zero");
            }
            return x.dividedBy(y);
        }
        throw CelEvaluationException.noSuchOverload();
    }

    private static Object modulo(Object a, Object b) {
        if (a instanceof Long x && b instanceof Long y) {
            if (y == 0) {
                throw new CelEvaluationException("modulus by zero");
            }
            return x % y;
        }
        if (a instanceof UnsignedLong x && b instanceof UnsignedLong y) {
            if (y.equals(UnsignedLong.ZERO)) {
                throw new CelEvaluationException("modulus by zero");
            }
            return x.mod(y);
        }
        throw CelEvaluationException.noSuchOverload();
    }

    private static Object negate(Object value) {
        if (value instanceof Long number) {
            if (number == Long.MIN_VALUE) {
                throw overflow(value);
            }
            return -number;
        }
        if (value instanceof Double number) {
            return -number;
        }
        throw CelEvaluationException.noSuchOverload();
    }

    private static UnsignedLong unsigned(BigInteger value) {
        if (value.signum() < 0 || value.bitLength() > 64) {
            throw new ArithmeticException();
        }
        return UnsignedLong.valueOf(value);
    }

    private static CelEvaluationException overflow(Object operand) {
        return new CelEvaluationException(
                switch (operand) {
                    case UnsignedLong ignored -> "unsigned integer overflow";
                    case Instant ignored -> "timestamp overflow";
                    case Duration ignored -> "duration overflow";
                    default -> "integer overflow";
                });
    }

    private static boolean ordered(Object[] arguments, IntPredicate wanted) {
        if (arguments[0] instanceof Number a
                && arguments[1] instanceof Number b
                && (Equality.isNaN(a) || Equality.isNaN(b))) {
            throw new CelEvaluationException("NaN values cannot be ordered");
        }
        return wanted.test(compare(arguments[0], arguments[1]));
    }

    /** @throws CelEvaluationException where there is no order */
    static int compare(Object a, Object b) {
        if (a instanceof Number x && b instanceof Number y) {
            return Equality.compareNumbers(x, y);
        }
        if (a instanceof String x && b instanceof String y) {
            return TextFunctions.compare(x, y);
        }
        if (a instanceof Boolean x && b instanceof Boolean y) {
            return x.compareTo(y);
        }
        if (a instanceof Instant x && b instanceof Instant y) {
            return x.compareTo(y);
        }
        if (a instanceof Duration x && b instanceof Duration y) {
            return x.compareTo(y);
        }
        if (a instanceof CelByteString x && b instanceof CelByteString y) {
            return Arrays.compareUnsigned(x.toByteArray(), y.toByteArray());
        }
        throw CelEvaluationException.noSuchOverload();
    }

    private static boolean in(Object wanted, Object container) {
        return switch (container) {
            case List<?> list -> {
                for (Object element : list) {
                    if (Equality.equal(element, wanted)) {
                        yield true;
                    }
                }
                yield false;
            }
            case Map<?, ?> map -> Fields.find(map, wanted).isPresent();
            default -> throw CelEvaluationException.noSuchOverload();
        };
    }

    private static long size(Object value) {
        Long size = sizeOf(value);
        if (size == null) {
            throw CelEvaluationException.noSuchOverload();
        }
        return size;
    }

    /** @return null for what has no size */
    static @Nullable Long sizeOf(Object value) {
        return switch (value) {
            case String text -> (long) text.codePointCount(0, text.length());
            case CelByteString bytes -> (long) bytes.size();
            case List<?> list -> (long) list.size();
            case Map<?, ?> map -> (long) map.size();
            default -> null;
        };
    }
}
