package io.quarterdeck.cel;

import dev.cel.common.values.CelByteString;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a call has cost, by the sizes of its arguments. Pure.
 *
 * <p>Source: the cost model of cel-go's interpreter, and k8s.io/apiserver/pkg/cel/library.
 */
final class CallCosts {

    static final double TRAVERSAL = 0.1;
    static final double REGEX = 0.25;

    /** Two checks of the authorizer, and an expression is at its limit. */
    static final long AUTHORIZATION = 350_000;

    private CallCosts() {}

    static long of(String function, Object[] arguments, Object result) {
        return switch (function) {
            case "check" -> AUTHORIZATION;
            case "fieldSelector", "labelSelector" ->
                selector(CostRange.of(size(arguments[1]))).max();
            case "isSorted", "sum", "max", "min", "indexOf", "lastIndexOf", "includes" -> traversal(arguments[0]);
            case "url",
                    "lowerAscii",
                    "upperAscii",
                    "substring",
                    "trim",
                    "jsonpatch.escapeKey",
                    "cidr",
                    "isIP",
                    "isCIDR",
                    "quantity",
                    "isQuantity",
                    "semver",
                    "isSemver",
                    "startsWith",
                    "endsWith",
                    "strings.quote",
                    "format" -> scaled(size(arguments[0]), TRAVERSAL);
            case "ip" -> arguments[0] instanceof Network.Cidr ? 1 : scaled(size(arguments[0]), TRAVERSAL);
            case "replace", "split", "ip.isCanonical" -> scaled(size(arguments[0]), 2 * TRAVERSAL);
            case "join" -> scaled(size(result), 2 * TRAVERSAL);
            case "find", "findAll", "matches" -> regex(size(arguments[0]), size(arguments[1]));
            case "contains" -> scaled(size(arguments[0]), TRAVERSAL) * scaled(size(arguments[1]), TRAVERSAL);
            case "validate" ->
                arguments[0] instanceof NamedFormat format ? regex(size(arguments[1]), format.regexSize()) : 1;
            case "containsIP" -> 1 + (arguments[1] instanceof String other ? scaled(size(other), TRAVERSAL) : 0);
            case "containsCIDR" -> 3 + (arguments[1] instanceof String other ? scaled(size(other), TRAVERSAL) : 0);
            case "@in" -> arguments[1] instanceof List<?> list ? list.size() : 1;
            case "_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_" -> comparison(arguments[0], arguments[1]);
            case "_+_" ->
                arguments[0] instanceof String || arguments[0] instanceof CelByteString
                        ? scaled(size(arguments[0]) + size(arguments[1]), TRAVERSAL)
                        : 1;
            case "string", "bytes" ->
                arguments[0] instanceof CelByteString || function.equals("bytes")
                        ? scaled(size(arguments[0]), TRAVERSAL)
                        : 1;
            case "sets.contains", "sets.intersects" -> 1 + CostRange.multiply(size(arguments[0]), size(arguments[1]));
            case "sets.equivalent" ->
                1 + CostRange.multiply(2, CostRange.multiply(size(arguments[0]), size(arguments[1])));
            case "lists.range", "flatten", "slice", "reverse" -> 10 + size(result);
            case "distinct", "sort", SortByMacro.FUNCTION ->
                10 + CostRange.multiply(size(arguments[0]), size(arguments[0]));
            default -> 1;
        };
    }

    private static long comparison(Object a, Object b) {
        return scaled(Math.min(size(a), size(b)), TRAVERSAL);
    }

    private static long regex(long text, long pattern) {
        return CostRange.multiply(scaled(text + 1, TRAVERSAL), scaled(pattern, REGEX));
    }

    /** A selector is parsed, then held as a list of requirements. */
    static CostRange selector(CostRange length) {
        return CostRange.of(10)
                .plus(length.times(TRAVERSAL))
                .plus(length.times(0.5).times(50.0));
    }

    private static long scaled(long size, double factor) {
        return (long) Math.ceil(size * factor);
    }

    private static long size(Object value) {
        if (value instanceof Optional<?> optional && optional.isPresent()) {
            return size(optional.get());
        }
        Long size = Operators.sizeOf(value);
        return size == null ? 1 : size;
    }

    private static long traversal(Object value) {
        return switch (value) {
            case String text -> (long) (text.length() * TRAVERSAL);
            case CelByteString bytes -> (long) (bytes.size() * TRAVERSAL);
            case List<?> list -> {
                long cost = 0;
                for (Object element : list) {
                    cost += traversal(element);
                }
                yield cost;
            }
            case Map<?, ?> map -> {
                long cost = 0;
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    cost += traversal(entry.getKey()) + traversal(entry.getValue());
                }
                yield cost;
            }
            default -> 1;
        };
    }
}
