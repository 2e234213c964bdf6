package io.quarterdeck.cel;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.CelCall;
import dev.cel.common.ast.CelExpr.CelComprehension;
import dev.cel.common.ast.CelExpr.ExprKind.Kind;
import dev.cel.common.types.CelKind;
import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.OptionalType;
import io.quarterdeck.cel.DeclType.ListOf;
import io.quarterdeck.cel.DeclType.MapOf;
import io.quarterdeck.cel.DeclType.ObjectOf;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an expression costs at most, by the largest values that the types of its variables allow.
 *
 * <p>Source: the cost model of cel-go's checker, and k8s.io/apiserver/pkg/cel/library. A change here changes which
 * definitions are accepted.
 */
final class CostEstimator {

    /** What is known of a local variable: where in the declarations it lies, its size, and its elements' sizes. */
    private record Local(
            String name,
            @Nullable DeclType place,
            @Nullable CostRange size,
            @Nullable EntrySize entries) {}

    /** The sizes of keys and values of a list or map that the expression makes. */
    private record EntrySize(boolean list, CostRange key, CostRange value) {

        static @Nullable EntrySize union(@Nullable EntrySize a, @Nullable EntrySize b) {
            return a == null || b == null ? null : new EntrySize(a.list, a.key.union(b.key), a.value.union(b.value));
        }
    }

    /** The cost of a call without its arguments, and the size of its result where that is known. */
    private record Call(CostRange cost, @Nullable CostRange size) {

        static Call of(CostRange cost) {
            return new Call(cost, null);
        }
    }

    private static final CostRange BROADEST = new CostRange(Long.MAX_VALUE, 0);

    private final CelAbstractSyntaxTree ast;
    private final Map<String, DeclType> variables;
    private final Map<Long, DeclType> places = new HashMap<>();
    private final Map<Long, CostRange> sizes = new HashMap<>();
    private final Map<Long, EntrySize> entrySizes = new HashMap<>();
    private final Deque<Local> scope = new ArrayDeque<>();

    CostEstimator(CelAbstractSyntaxTree ast, Map<String, DeclType> variables) {
        this.ast = ast;
        this.variables = variables;
    }

    CostRange estimate() {
        return cost(ast.getExpr());
    }

    private CostRange cost(CelExpr expression) {
        return switch (expression.getKind()) {
            case CONSTANT, NOT_SET -> CostRange.ZERO;
            case IDENT -> ident(expression);
            case SELECT -> select(expression);
            case CALL -> call(expression, expression.call());
            case LIST -> list(expression);
            case MAP -> map(expression);
            case STRUCT -> {
                CostRange sum = CostRange.of(40);
                for (CelExpr.CelStruct.Entry entry : expression.struct().entries()) {
                    sum = sum.plus(cost(entry.value()));
                }
                yield sum;
            }
            case COMPREHENSION -> comprehension(expression, expression.comprehension());
        };
    }

    private @Nullable Local local(CelExpr expression) {
        if (expression.getKind() != Kind.IDENT) {
            return null;
        }
        String name = expression.ident().name();
        for (Local local : scope) {
            if (local.name().equals(name)) {
                return local;
            }
        }
        return null;
    }

    private CostRange ident(CelExpr expression) {
        Local local = local(expression);
        DeclType place =
                local != null ? local.place() : variables.get(expression.ident().name());
        if (place != null) {
            places.put(expression.id(), place);
        }
        return CostRange.ONE;
    }

    private CostRange select(CelExpr expression) {
        CelExpr operand = expression.select().operand();
        CostRange sum = cost(operand);
        if (expression.select().testOnly()) {
            return sum;
        }
        DeclType place = places.get(operand.id());
        if (place instanceof ObjectOf object
                && object.fields().get(expression.select().field()) != null) {
            places.put(
                    expression.id(),
                    object.fields().get(expression.select().field()).type());
        } else if (place instanceof MapOf map) {
            places.put(expression.id(), map.value());
        }
        CelKind kind = type(operand).kind();
        boolean counts = kind == CelKind.MAP || kind == CelKind.STRUCT || kind == CelKind.TYPE_PARAM;
        return counts ? sum.plus(CostRange.ONE) : sum;
    }

    private CelType type(CelExpr expression) {
        return ast.getType(expression.id()).orElse(dev.cel.common.types.SimpleType.DYN);
    }

    private CostRange list(CelExpr expression) {
        CostRange sum = CostRange.of(10);
        CostRange item = expression.list().elements().isEmpty() ? CostRange.ZERO : BROADEST;
        for (CelExpr element : expression.list().elements()) {
            sum = sum.plus(cost(element));
            item = item.union(sizeOrUnknown(element));
        }
        entrySizes.put(expression.id(), new EntrySize(true, CostRange.ONE, item));
        return sum;
    }

    private CostRange map(CelExpr expression) {
        CostRange sum = CostRange.of(30);
        boolean empty = expression.map().entries().isEmpty();
        CostRange key = empty ? CostRange.ZERO : BROADEST;
        CostRange value = empty ? CostRange.ZERO : BROADEST;
        for (CelExpr.CelMap.Entry entry : expression.map().entries()) {
            sum = sum.plus(cost(entry.key())).plus(cost(entry.value()));
            key = key.union(sizeOrUnknown(entry.key()));
            value = value.union(sizeOrUnknown(entry.value()));
        }
        entrySizes.put(expression.id(), new EntrySize(false, key, value));
        return sum;
    }

    private CostRange comprehension(CelExpr expression, CelComprehension loop) {
        CostRange sum = cost(loop.iterRange()).plus(cost(loop.accuInit()));
        scope.push(new Local(
                loop.accuVar(),
                null,
                size(loop.accuInit()),
                entrySizes.get(loop.accuInit().id())));
        boolean pairs = !loop.iterVar2().isEmpty();
        scope.push(pairs ? key(loop.iterVar(), loop.iterRange()) : single(loop.iterVar(), loop.iterRange()));
        if (pairs) {
            scope.push(value(loop.iterVar2(), loop.iterRange()));
        }
        CostRange each = cost(loop.loopCondition()).plus(cost(loop.loopStep()));
        scope.pop();
        if (pairs) {
            scope.pop();
        }
        sum = sum.plus(cost(loop.result()));
        scope.pop();
        CostRange times = sizeOrUnknown(loop.iterRange());
        switch (loop.accuInit().getKind()) {
            case CONSTANT -> remember(expression, size(loop.accuInit()));
            case LIST, MAP -> {
                sizes.put(expression.id(), times);
                EntrySize made = entries(loop.loopStep());
                if (made != null) {
                    entrySizes.put(expression.id(), made);
                }
            }
            default -> {
                // Nothing is known of what it makes.
            }
        }
        return sum.plus(times.times(each));
    }

    private Local single(String name, CelExpr range) {
        return isList(range) ? value(name, range) : key(name, range);
    }

    private Local key(String name, CelExpr range) {
        EntrySize made = entries(range);
        DeclType place =
                isList(range) ? DeclType.INT : places.get(range.id()) instanceof MapOf ? DeclType.STRING : null;
        return new Local(name, place, made == null ? null : made.key(), null);
    }

    private Local value(String name, CelExpr range) {
        EntrySize made = entries(range);
        return new Local(name, element(places.get(range.id())), made == null ? null : made.value(), null);
    }

    private boolean isList(CelExpr range) {
        EntrySize made = entries(range);
        return made != null ? made.list() : type(range).kind() == CelKind.LIST;
    }

    private static @Nullable DeclType element(@Nullable DeclType place) {
        return switch (place) {
            case ListOf list -> list.element();
            case MapOf map -> map.value();
            case null, default -> null;
        };
    }

    private @Nullable EntrySize entries(CelExpr expression) {
        EntrySize known = entrySizes.get(expression.id());
        Local local = known == null ? local(expression) : null;
        return local == null ? known : local.entries();
    }

    private CostRange sizeOrUnknown(CelExpr expression) {
        CostRange size = size(expression);
        return size == null ? CostRange.UNKNOWN : size;
    }

    private @Nullable CostRange size(CelExpr expression) {
        CostRange known = sizes.get(expression.id());
        if (known != null) {
            return known;
        }
        switch (expression.getKind()) {
            case CONSTANT -> {
                return constant(expression.constant());
            }
            case LIST -> {
                return CostRange.of(expression.list().elements().size());
            }
            case MAP -> {
                return CostRange.of(expression.map().entries().size());
            }
            default -> {
                // By its place, its type, or what is bound to it.
            }
        }
        Local local = local(expression);
        DeclType place = local != null ? local.place() : places.get(expression.id());
        if (place == null && local == null && expression.getKind() == Kind.IDENT) {
            // Upstream measures all names by what the rule is about, those of types too: type(self) == int.
            place = variables.get("self");
        }
        if (place instanceof DeclType.OptionalOf optional) {
            place = optional.value();
        }
        if (place != null
                && place.maxElements() >= 0
                && (isRule() || !(place instanceof ObjectOf) && !isFixed(place))) {
            return new CostRange(0, place.maxElements());
        }
        if (isScalar(type(expression))) {
            return CostRange.ONE;
        }
        return local == null ? null : local.size();
    }

    /** Upstream knows the size of all that a schema's rule is about, be it an object's or a number's, which is none. */
    private boolean isRule() {
        return variables.containsKey("self");
    }

    private static boolean isFixed(DeclType place) {
        return place instanceof DeclType.Scalar scalar
                && switch (scalar.kind()) {
                    case BOOL, INT, DOUBLE -> true;
                    default -> false;
                };
    }

    private static CostRange constant(CelConstant constant) {
        return switch (constant.getKind()) {
            case STRING_VALUE ->
                CostRange.of(constant.stringValue()
                        .codePointCount(0, constant.stringValue().length()));
            case BYTES_VALUE -> CostRange.of(constant.bytesValue().size());
            default -> CostRange.ONE;
        };
    }

    private static boolean isScalar(CelType type) {
        return switch (type.kind()) {
            case BOOL, DOUBLE, DURATION, INT, TIMESTAMP, UINT -> true;
            case OPAQUE ->
                type instanceof OptionalType optional
                        && isScalar(optional.parameters().getFirst());
            default -> false;
        };
    }

    private void remember(CelExpr expression, @Nullable CostRange size) {
        if (size != null) {
            sizes.put(expression.id(), size);
        }
    }

    private CostRange call(CelExpr expression, CelCall call) {
        List<CelExpr> arguments = new ArrayList<>();
        call.target().ifPresent(arguments::add);
        arguments.addAll(call.args());
        List<CostRange> costs = new ArrayList<>();
        CostRange sum = CostRange.ZERO;
        for (CelExpr argument : arguments) {
            CostRange cost = cost(argument);
            costs.add(cost);
            sum = sum.plus(cost);
        }
        switch (call.function()) {
            case "_&&_", "_||_" -> {
                return new CostRange(
                        costs.get(0).min(), costs.get(0).plus(costs.get(1)).max());
            }
            case "_?:_", "_?_:_" -> {
                sizes.put(expression.id(), sizeOrUnknown(arguments.get(1)).union(sizeOrUnknown(arguments.get(2))));
                EntrySize made = EntrySize.union(entries(arguments.get(1)), entries(arguments.get(2)));
                if (made != null) {
                    entrySizes.put(expression.id(), made);
                }
                return costs.get(0).plus(costs.get(1).union(costs.get(2)));
            }
            case "_[_]" -> {
                DeclType element = element(places.get(arguments.getFirst().id()));
                if (element != null) {
                    places.put(expression.id(), element);
                }
                return sum.plus(CostRange.ONE);
            }
            default -> {
                Call estimate = estimate(expression, call.function(), arguments);
                remember(expression, estimate.size());
                return sum.plus(estimate.cost());
            }
        }
    }

    private Call estimate(CelExpr expression, String function, List<CelExpr> arguments) {
        if (arguments.isEmpty()) {
            return Call.of(CostRange.ONE);
        }
        CelExpr first = arguments.getFirst();
        CostRange size = sizeOrUnknown(first);
        return switch (function) {
            case "check" -> Call.of(CostRange.of(CallCosts.AUTHORIZATION));
            case "fieldSelector", "labelSelector" -> Call.of(CallCosts.selector(sizeOrUnknown(arguments.get(1))));
            case "isSorted", "sum", "max", "min", "indexOf", "lastIndexOf", "includes" -> Call.of(scan(first, size));
            case "url", "jsonpatch.escapeKey", "lowerAscii", "upperAscii", "substring", "trim" ->
                new Call(size.times(CallCosts.TRAVERSAL), size);
            case "replace" -> replace(size, sizeOrUnknown(arguments.get(1)), sizeOrUnknown(arguments.get(2)));
            case "split" ->
                new Call(size.times(2 * CallCosts.TRAVERSAL), new CostRange(0, splitLimit(arguments, size.max())));
            case "join" -> join(first, size, arguments);
            case "find", "findAll" ->
                new Call(regex(size, sizeOrUnknown(arguments.get(1))), new CostRange(0, size.max()));
            case "matches" -> Call.of(regex(size, sizeOrUnknown(arguments.get(1))));
            case "cidr", "isIP", "isCIDR", "quantity", "isQuantity", "semver", "isSemver" ->
                Call.of(size.times(CallCosts.TRAVERSAL));
            case "ip" ->
                Call.of(type(first).kind() == CelKind.STRING ? size.times(CallCosts.TRAVERSAL) : CostRange.ONE);
            case "ip.isCanonical" -> Call.of(size.times(2 * CallCosts.TRAVERSAL));
            case "containsIP" -> Call.of(address(new CostRange(1, 4), arguments.get(1)));
            case "containsCIDR" -> Call.of(address(new CostRange(3, 7), arguments.get(1)));
            case "validate" ->
                Call.of(sizeOrUnknown(arguments.get(1))
                        .times(CallCosts.TRAVERSAL)
                        .times(128 * CallCosts.REGEX));
            case "startsWith", "endsWith" ->
                Call.of(sizeOrUnknown(arguments.get(1)).times(CallCosts.TRAVERSAL));
            case "contains" ->
                Call.of(size.times(CallCosts.TRAVERSAL)
                        .times(sizeOrUnknown(arguments.get(1)).times(CallCosts.TRAVERSAL)));
            case "@in" ->
                Call.of(type(arguments.get(1)).kind() == CelKind.MAP ? CostRange.ONE : sizeOrUnknown(arguments.get(1)));
            case "_==_", "_!=_" -> Call.of(comparison(first, arguments.get(1)));
            case "_<_", "_<=_", "_>_", "_>=_" ->
                Call.of(
                        isScalar(type(first)) && isScalar(type(arguments.get(1)))
                                ? CostRange.ONE
                                : comparison(first, arguments.get(1)));
            case "_+_" -> plus(expression, arguments);
            case "bytes" ->
                new Call(size.times(CallCosts.TRAVERSAL), new CostRange(size.min(), CostRange.multiply(size.max(), 4)));
            case "string" ->
                type(first).kind() == CelKind.BYTES
                        ? new Call(size.times(CallCosts.TRAVERSAL), new CostRange(size.min() / 4, size.max()))
                        : Call.of(CostRange.ONE);
            case "format" -> Call.of(size.times(CallCosts.TRAVERSAL));
            case "sets.contains", "sets.intersects" ->
                Call.of(CostRange.ONE.plus(size.times(sizeOrUnknown(arguments.get(1)))));
            case "sets.equivalent" ->
                Call.of(CostRange.ONE.plus(
                        size.times(sizeOrUnknown(arguments.get(1))).times(CostRange.of(2))));
            case "flatten", "slice", "reverse" -> new Call(CostRange.of(10).plus(size), new CostRange(0, size.max()));
            case "distinct", "sort" -> new Call(CostRange.of(10).plus(size.times(size)), size);
            default -> Call.of(CostRange.ONE);
        };
    }

    private CostRange scan(CelExpr target, CostRange size) {
        if (!(type(target) instanceof ListType list)) {
            return size.times(CallCosts.TRAVERSAL);
        }
        CostRange each = CostRange.ONE;
        CelKind kind = list.elemType().kind();
        if (kind == CelKind.STRING || kind == CelKind.BYTES) {
            DeclType element = element(places.get(target.id()));
            CostRange length =
                    element == null ? CostRange.UNKNOWN : new CostRange(0, Math.max(0, element.maxElements()));
            each = each.plus(length.times(CallCosts.TRAVERSAL));
        }
        return size.times(each);
    }

    private static Call replace(CostRange text, CostRange old, CostRange by) {
        long most;
        if (old.min() == 0) {
            most = CostRange.add(CostRange.multiply(CostRange.add(text.max(), 1), by.max()), text.max());
        } else if (by.max() <= old.min()) {
            most = text.max();
        } else {
            most = CostRange.multiply((long) Math.ceil((double) text.max() / old.min()), by.max());
        }
        long least;
        if (old.max() == 0) {
            least = CostRange.add(CostRange.multiply(CostRange.add(text.min(), 1), by.min()), text.min());
        } else if (old.max() <= by.min()) {
            least = text.min();
        } else {
            least = CostRange.multiply((long) Math.ceil((double) text.min() / old.max()), by.min());
        }
        return new Call(text.times(2 * CallCosts.TRAVERSAL), new CostRange(least, most));
    }

    private static long splitLimit(List<CelExpr> arguments, long most) {
        if (arguments.size() > 2
                && arguments.get(2).getKind() == Kind.CONSTANT
                && arguments.get(2).constant().getKind() == CelConstant.Kind.INT64_VALUE) {
            long limit = arguments.get(2).constant().int64Value();
            return limit < 0 ? most : limit;
        }
        return most;
    }

    private Call join(CelExpr target, CostRange size, List<CelExpr> arguments) {
        DeclType element = element(places.get(target.id()));
        CostRange length = element == null ? CostRange.UNKNOWN : new CostRange(0, Math.max(0, element.maxElements()));
        CostRange joined = size.times(length);
        if (arguments.size() > 1) {
            CostRange separators = new CostRange(Math.max(0, size.min() - 1), Math.max(0, size.max() - 1));
            joined = joined.plus(sizeOrUnknown(arguments.get(1)).times(separators));
        }
        return new Call(joined.times(CallCosts.TRAVERSAL), joined);
    }

    private static CostRange regex(CostRange text, CostRange pattern) {
        return text.plus(CostRange.ONE).times(CallCosts.TRAVERSAL).times(pattern.times(CallCosts.REGEX));
    }

    private CostRange address(CostRange compared, CelExpr other) {
        return type(other).kind() == CelKind.STRING
                ? compared.plus(sizeOrUnknown(other).times(CallCosts.TRAVERSAL))
                : compared;
    }

    private CostRange comparison(CelExpr a, CelExpr b) {
        if (type(a).kind() == CelKind.OPAQUE && !(type(a) instanceof OptionalType)) {
            return CostRange.ONE;
        }
        long most = Math.min(sizeOrUnknown(a).max(), sizeOrUnknown(b).max());
        return new CostRange(most > 0 ? 1 : 0, most).times(CallCosts.TRAVERSAL);
    }

    private Call plus(CelExpr expression, List<CelExpr> arguments) {
        CelKind kind = type(arguments.getFirst()).kind();
        if (kind != CelKind.LIST && kind != CelKind.STRING && kind != CelKind.BYTES) {
            return Call.of(CostRange.ONE);
        }
        CostRange size = sizeOrUnknown(arguments.get(0)).plus(sizeOrUnknown(arguments.get(1)));
        EntrySize made = EntrySize.union(entries(arguments.get(0)), entries(arguments.get(1)));
        if (made != null) {
            entrySizes.put(expression.id(), made);
        }
        return new Call(kind == CelKind.LIST ? CostRange.ONE : size.times(CallCosts.TRAVERSAL), size);
    }
}
