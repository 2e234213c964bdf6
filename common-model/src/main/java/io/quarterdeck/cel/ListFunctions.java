package io.quarterdeck.cel;

import com.google.common.primitives.UnsignedLong;
import io.quarterdeck.cel.Functions.Function;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Lists and sets.
 *
 * <p>Source: Kubernetes documentation, "Common Expression Language in Kubernetes": list library; cel-go, extensions "lists"
 * and "sets".
 */
final class ListFunctions {

    private static final long LARGEST_RANGE = CostBudget.PER_CALL;

    private ListFunctions() {}

    static void register(Map<String, Function> all) {
        all.put("isSorted", arguments -> isSorted(list(arguments[0])));
        all.put("sum", arguments -> sum(list(arguments[0])));
        all.put("min", arguments -> extreme(list(arguments[0]), "min", -1));
        all.put("max", arguments -> extreme(list(arguments[0]), "max", 1));
        all.put("includes", arguments -> Equality.contains(anyList(list(arguments[0])), arguments[1]));
        all.put("sets.contains", arguments -> containsAll(list(arguments[0]), list(arguments[1])));
        all.put("sets.intersects", arguments -> intersects(list(arguments[0]), list(arguments[1])));
        all.put(
                "sets.equivalent",
                arguments -> containsAll(list(arguments[0]), list(arguments[1]))
                        && containsAll(list(arguments[1]), list(arguments[0])));
        all.put("slice", arguments -> slice(list(arguments[0]), arguments[1], arguments[2]));
        all.put("flatten", arguments -> flatten(list(arguments[0]), arguments.length > 1 ? depth(arguments[1]) : 1));
        all.put("lists.range", arguments -> range(arguments[0]));
        all.put("distinct", arguments -> distinct(list(arguments[0])));
        all.put("reverse", arguments -> reversed(list(arguments[0])));
        all.put("sort", arguments -> sort(list(arguments[0])));
        all.put(SortByMacro.FUNCTION, arguments -> sortBy(list(arguments[0]), list(arguments[1])));
        all.put("first", arguments -> end(list(arguments[0]), true));
        all.put("last", arguments -> end(list(arguments[0]), false));
    }

    static List<?> list(Object value) {
        if (value instanceof List<?> list) {
            return list;
        }
        throw CelEvaluationException.noSuchOverload();
    }

    private static List<Object> anyList(List<?> list) {
        return Collections.unmodifiableList(list);
    }

    private static Optional<Object> end(List<?> list, boolean first) {
        return list.isEmpty() ? Optional.empty() : Optional.of(first ? list.getFirst() : list.getLast());
    }

    private static boolean isSorted(List<?> list) {
        for (int i = 1; i < list.size(); i++) {
            if (Operators.compare(list.get(i - 1), list.get(i)) > 0) {
                return false;
            }
        }
        return true;
    }

    private static Object sum(List<?> list) {
        if (list.isEmpty()) {
            return 0L;
        }
        Object first = list.getFirst();
        Object sum = switch (first) {
            case Double ignored -> 0.0;
            case UnsignedLong ignored -> UnsignedLong.ZERO;
            case Duration ignored -> Duration.ZERO;
            default -> 0L;
        };
        for (Object element : list) {
            sum = Operators.plus(sum, element);
        }
        return sum;
    }

    private static Object extreme(List<?> list, String name, int sign) {
        if (list.isEmpty()) {
            throw new CelEvaluationException(name + " called on empty list");
        }
        Object best = list.getFirst();
        for (Object element : list) {
            if (Operators.compare(element, best) * sign > 0) {
                best = element;
            }
        }
        return best;
    }

    static long indexOf(List<?> list, Object wanted) {
        for (int i = 0; i < list.size(); i++) {
            if (Equality.equal(list.get(i), wanted)) {
                return i;
            }
        }
        return -1;
    }

    static long lastIndexOf(List<?> list, Object wanted) {
        for (int i = list.size() - 1; i >= 0; i--) {
            if (Equality.equal(list.get(i), wanted)) {
                return i;
            }
        }
        return -1;
    }

    private static boolean containsAll(List<?> list, List<?> wanted) {
        for (Object element : wanted) {
            if (indexOf(list, element) < 0) {
                return false;
            }
        }
        return true;
    }

    private static boolean intersects(List<?> a, List<?> b) {
        for (Object element : a) {
            if (indexOf(b, element) >= 0) {
                return true;
            }
        }
        return false;
    }

    private static long depth(Object value) {
        return whole(value);
    }

    private static long whole(Object value) {
        if (value instanceof Long number) {
            return number;
        }
        throw CelEvaluationException.noSuchOverload();
    }

    private static List<Object> slice(List<?> list, Object from, Object to) {
        long start = whole(from);
        long end = whole(to);
        if (start < 0 || end < 0) {
            throw new CelEvaluationException(
                    "cannot slice(%d, %d), negative indexes not supported".formatted(start, end));
        }
        if (start > end) {
            throw new CelEvaluationException(
                    "cannot slice(%d, %d), start index must be less than or equal to end index".formatted(start, end));
        }
        if (end > list.size()) {
            throw new CelEvaluationException(
                    "cannot slice(%d, %d), list is length %d".formatted(start, end, list.size()));
        }
        return new ArrayList<>(list.subList((int) start, (int) end));
    }

    private static List<Object> flatten(List<?> list, long depth) {
        if (depth < 0) {
            throw new CelEvaluationException("level must be non-negative");
        }
        List<Object> flat = new ArrayList<>();
        for (Object element : list) {
            if (depth > 0 && element instanceof List<?> inner) {
                flat.addAll(flatten(inner, depth - 1));
            } else {
                flat.add(element);
            }
        }
        return flat;
    }

    private static List<Object> range(Object count) {
        long end = whole(count);
        if (end > LARGEST_RANGE) {
            throw new CelEvaluationException.CallLimit();
        }
        List<Object> numbers = new ArrayList<>();
        for (long i = 0; i < end; i++) {
            numbers.add(i);
        }
        return numbers;
    }

    private static List<Object> distinct(List<?> list) {
        List<Object> seen = new ArrayList<>();
        for (Object element : list) {
            if (!Equality.contains(seen, element)) {
                seen.add(element);
            }
        }
        return seen;
    }

    private static List<Object> reversed(List<?> list) {
        List<Object> reversed = new ArrayList<>(list);
        Collections.reverse(reversed);
        return reversed;
    }

    private static List<Object> sort(List<?> list) {
        List<Object> sorted = new ArrayList<>(list);
        sorted.sort(Operators::compare);
        return sorted;
    }

    private record Keyed(Object key, Object value) {}

    private static List<Object> sortBy(List<?> list, List<?> keys) {
        List<Keyed> pairs = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            pairs.add(new Keyed(keys.get(i), list.get(i)));
        }
        pairs.sort((a, b) -> Operators.compare(a.key(), b.key()));
        List<Object> sorted = new ArrayList<>();
        pairs.forEach(pair -> sorted.add(pair.value()));
        return sorted;
    }
}
