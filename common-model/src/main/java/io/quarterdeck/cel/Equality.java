package io.quarterdeck.cel;

import com.google.common.primitives.UnsignedLong;
import io.quarterdeck.cel.DeclType.ListOf;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * What is equal: numbers of all kinds by value, lists that are sets or maps (by x-kubernetes-list-type) in any order. Pure.
 *
 * <p>Source: cel-spec, "Equality"; KEP-2876 for lists.
 */
final class Equality {

    private Equality() {}

    static boolean equal(Object a, Object b) {
        if (a instanceof Number x && b instanceof Number y) {
            return compareNumbers(x, y) == 0 && !isNaN(x) && !isNaN(y);
        }
        if (a instanceof List<?> x && b instanceof List<?> y) {
            return lists(x, y);
        }
        if (a instanceof Map<?, ?> x && b instanceof Map<?, ?> y) {
            return maps(x, y);
        }
        if (a instanceof Optional<?> x && b instanceof Optional<?> y) {
            return x.isPresent() == y.isPresent() && (x.isEmpty() || equal(x.get(), y.orElseThrow()));
        }
        return a.equals(b);
    }

    static int compareNumbers(Number a, Number b) {
        if (a instanceof Long x && b instanceof Long y) {
            return Long.compare(x, y);
        }
        if (a instanceof Double || b instanceof Double) {
            return Double.compare(a.doubleValue() + 0.0, b.doubleValue() + 0.0);
        }
        return unsigned(a).compareTo(unsigned(b));
    }

    private static BigInteger unsigned(Number number) {
        return number instanceof UnsignedLong u ? u.bigIntegerValue() : BigInteger.valueOf(number.longValue());
    }

    static boolean isNaN(Number number) {
        return number instanceof Double d && d.isNaN();
    }

    private static boolean lists(List<?> a, List<?> b) {
        if (a.size() != b.size()) {
            return false;
        }
        ListOf.Merge merge = merge(a);
        if (merge == ListOf.Merge.ATOMIC) {
            for (int i = 0; i < a.size(); i++) {
                if (!equal(a.get(i), b.get(i))) {
                    return false;
                }
            }
            return true;
        }
        for (Object element : b) {
            if (!contains(a, element)) {
                return false;
            }
        }
        return true;
    }

    static boolean contains(List<?> list, Object wanted) {
        for (Object element : list) {
            if (equal(element, wanted)) {
                return true;
            }
        }
        return false;
    }

    private static boolean maps(Map<?, ?> a, Map<?, ?> b) {
        if (a.size() != b.size()) {
            return false;
        }
        for (Map.Entry<?, ?> entry : a.entrySet()) {
            Object other = b.get(entry.getKey());
            if (other == null || !equal(entry.getValue(), other)) {
                return false;
            }
        }
        return true;
    }

    private static ListOf.Merge merge(List<?> list) {
        return list instanceof JsonList json && json.type() != null
                ? json.type().merge()
                : ListOf.Merge.ATOMIC;
    }

    /** {@code a + b}: a set takes what it lacks, a map replaces elements of equal keys, where the first ones were. */
    static List<Object> plus(List<?> a, List<?> b) {
        ListOf.Merge merge = merge(a);
        if (merge == ListOf.Merge.ATOMIC) {
            return GrowingList.of(a, b);
        }
        List<Object> sum = new ArrayList<>(a);
        List<String> keys = merge == ListOf.Merge.MAP
                ? Objects.requireNonNull(((JsonList) a).type()).keys()
                : List.of();
        for (Object element : b) {
            int at = merge == ListOf.Merge.MAP ? indexOf(sum, element, keys) : -1;
            if (at >= 0) {
                sum.set(at, element);
            } else if (merge == ListOf.Merge.MAP || !contains(sum, element)) {
                sum.add(element);
            }
        }
        return sum;
    }

    private static int indexOf(List<Object> list, Object wanted, List<String> keys) {
        for (int i = 0; i < list.size(); i++) {
            if (list.get(i) instanceof JsonMap a && wanted instanceof JsonMap b && sameKeys(a, b, keys)) {
                return i;
            }
        }
        return -1;
    }

    private static boolean sameKeys(JsonMap a, JsonMap b, List<String> keys) {
        for (String key : keys) {
            JsonNode mine = a.node().get(key);
            if (!Objects.equals(mine, b.node().get(key))) {
                return false;
            }
        }
        return true;
    }
}
