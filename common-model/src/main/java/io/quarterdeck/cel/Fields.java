package io.quarterdeck.cel;

import com.google.common.primitives.UnsignedLong;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How parts of values are reached: {@code a.b}, {@code a[b]}, {@code a.?b}, {@code a[?b]}, {@code has(a.b)}. Pure. */
final class Fields {

    private Fields() {}

    static Object get(Object target, String field) {
        if (target instanceof Optional<?> optional) {
            return optional.isEmpty() ? target : find(optional.get(), field);
        }
        return at(target, field);
    }

    static boolean has(Object target, String field) {
        return switch (target) {
            case Map<?, ?> map -> map.containsKey(field);
            case StructValue struct -> struct.fields().containsKey(field);
            case Optional<?> optional -> optional.isPresent() && has(optional.get(), field);
            default -> false;
        };
    }

    static Object at(Object target, Object key) {
        if (target instanceof Optional<?> optional) {
            return optional.isEmpty() ? target : find(optional.get(), key);
        }
        Object value = lookUp(target, key);
        if (value != null) {
            return value;
        }
        throw new CelEvaluationException(
                target instanceof List<?>
                        ? "index out of bounds: " + Conversions.text(key)
                        : "no such key: " + Conversions.text(key));
    }

    static Optional<Object> find(Object target, Object key) {
        if (target instanceof Optional<?> optional) {
            return optional.isEmpty() ? Optional.empty() : find(optional.get(), key);
        }
        return Optional.ofNullable(lookUp(target, key));
    }

    private static @Nullable Object lookUp(Object target, Object key) {
        return switch (target) {
            case List<?> list -> {
                long index = index(key);
                yield index < 0 || index >= list.size() ? null : list.get((int) index);
            }
            case Map<?, ?> map -> {
                Object value = map.get(key);
                yield value != null || !(key instanceof Number number) ? value : byNumber(map, number);
            }
            case StructValue struct -> struct.fields().get(Conversions.text(key));
            default -> null;
        };
    }

    private static @Nullable Object byNumber(Map<?, ?> map, Number number) {
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            if (Equality.equal(entry.getKey(), number)) {
                return entry.getValue();
            }
        }
        return null;
    }

    private static long index(Object key) {
        return switch (key) {
            case Long index -> index;
            case UnsignedLong index -> index.longValue();
            case Double index when index == Math.rint(index) -> index.longValue();
            default ->
                throw new CelEvaluationException(
                        "unsupported index type '%s' in list".formatted(Conversions.typeName(key)));
        };
    }
}
