package io.quarterdeck.cel;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.CelCall;
import dev.cel.common.ast.CelExpr.CelComprehension;
import dev.cel.common.ast.CelExpr.CelSelect;
import dev.cel.common.types.CelKind;
import io.quarterdeck.cel.Conversions.TypeValue;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Turns a checked expression into steps that are run. Each step charges what it costs before the next one runs, so that no
 * expression gets further than its limit.
 *
 * <p>Source: cel-spec, language definition; the costs are those of cel-go's interpreter.
 */
final class Planner {

    /** A planned expression. */
    @FunctionalInterface
    interface Step {
        Object run(Frame frame);
    }

    private static final long LIST_COST = 10;
    private static final long MAP_COST = 30;
    private static final long STRUCT_COST = 40;

    private record Local(String name, int slot) {}

    private final CelAbstractSyntaxTree ast;
    private final Deque<Local> scope = new ArrayDeque<>();
    private int slots;

    Planner(CelAbstractSyntaxTree ast) {
        this.ast = ast;
    }

    Step plan() {
        return plan(ast.getExpr());
    }

    int slots() {
        return slots;
    }

    private Step plan(CelExpr expression) {
        return switch (expression.getKind()) {
            case CONSTANT -> constant(expression.constant());
            case IDENT -> ident(expression.id(), expression.ident().name());
            case SELECT -> select(expression, expression.select());
            case CALL -> call(expression.call());
            case LIST -> list(expression.list());
            case MAP -> map(expression.map());
            case STRUCT -> struct(expression.id(), expression.struct());
            case COMPREHENSION -> comprehension(expression.comprehension());
            case NOT_SET -> throw new IllegalStateException("an expression without content");
        };
    }

    private List<Step> plan(List<CelExpr> expressions) {
        List<Step> steps = new ArrayList<>(expressions.size());
        expressions.forEach(expression -> steps.add(plan(expression)));
        return steps;
    }

    private static Step constant(CelConstant constant) {
        Object value = value(constant);
        return frame -> value;
    }

    static Object value(CelConstant constant) {
        return switch (constant.getKind()) {
            case NULL_VALUE -> CelValues.NULL;
            case BOOLEAN_VALUE -> constant.booleanValue();
            case INT64_VALUE -> constant.int64Value();
            case UINT64_VALUE -> constant.uint64Value();
            case DOUBLE_VALUE -> constant.doubleValue();
            case STRING_VALUE -> constant.stringValue();
            case BYTES_VALUE -> constant.bytesValue();
            default -> throw new IllegalStateException("a constant of kind " + constant.getKind());
        };
    }

    private Step ident(long id, String name) {
        for (Local local : scope) {
            if (local.name().equals(name)) {
                int slot = local.slot();
                return frame -> {
                    frame.charge(1);
                    return frame.local(slot);
                };
            }
        }
        if (ast.getType(id).filter(type -> type.kind() == CelKind.TYPE).isPresent()) {
            Object type = new TypeValue(name);
            return frame -> type;
        }
        String variable = name.startsWith(".") ? name.substring(1) : name;
        return frame -> {
            frame.charge(1);
            return frame.variable(variable);
        };
    }

    private Step select(CelExpr expression, CelSelect select) {
        var reference = ast.getReference(expression.id());
        if (reference.isPresent()
                && !select.testOnly()
                && !reference.get().name().isEmpty()) {
            return ident(expression.id(), reference.get().name());
        }
        Step operand = plan(select.operand());
        String field = select.field();
        if (select.testOnly()) {
            return frame -> Fields.has(operand.run(frame), field);
        }
        return frame -> {
            Object target = operand.run(frame);
            frame.charge(1);
            return Fields.get(target, field);
        };
    }

    private Step call(CelCall call) {
        List<Step> arguments = new ArrayList<>();
        call.target().ifPresent(target -> arguments.add(plan(target)));
        arguments.addAll(plan(call.args()));
        String function = call.function();
        return switch (function) {
            case "_&&_" -> logical(arguments.get(0), arguments.get(1), false);
            case "_||_" -> logical(arguments.get(0), arguments.get(1), true);
            case "_?_:_" -> conditional(arguments);
            case "@not_strictly_false", "__not_strictly_false__" -> notStrictlyFalse(arguments.getFirst());
            case "_[_]" -> index(arguments);
            case "_?._", "_[?_]" -> optionalIndex(arguments);
            case "or", "orValue" -> alternative(arguments, function.equals("or"));
            default -> strict(function, arguments);
        };
    }

    /** Also with one side that has no value, when the other side decides. */
    private static Step logical(Step left, Step right, boolean deciding) {
        return frame -> {
            Object first;
            try {
                first = left.run(frame);
                if (first instanceof Boolean bool && bool == deciding) {
                    return deciding;
                }
            } catch (CelEvaluationException.CallLimit | CelEvaluationException.OutOfBudget e) {
                throw e;
            } catch (CelEvaluationException e) {
                if (decides(right, frame, deciding)) {
                    return deciding;
                }
                throw e;
            }
            Object second = right.run(frame);
            if (second instanceof Boolean bool && (bool == deciding || first instanceof Boolean)) {
                return bool;
            }
            throw CelEvaluationException.noSuchOverload();
        };
    }

    private static boolean decides(Step side, Frame frame, boolean deciding) {
        try {
            return side.run(frame) instanceof Boolean bool && bool == deciding;
        } catch (CelEvaluationException.CallLimit | CelEvaluationException.OutOfBudget e) {
            throw e;
        } catch (CelEvaluationException alsoWithoutValue) {
            return false;
        }
    }

    private static Step conditional(List<Step> arguments) {
        Step condition = arguments.get(0);
        Step yes = arguments.get(1);
        Step no = arguments.get(2);
        return frame -> {
            if (!(condition.run(frame) instanceof Boolean chosen)) {
                throw CelEvaluationException.noSuchOverload();
            }
            return chosen ? yes.run(frame) : no.run(frame);
        };
    }

    private static Step notStrictlyFalse(Step argument) {
        return frame -> {
            try {
                return !Boolean.FALSE.equals(argument.run(frame));
            } catch (CelEvaluationException.CallLimit | CelEvaluationException.OutOfBudget e) {
                throw e;
            } catch (CelEvaluationException e) {
                return true;
            }
        };
    }

    private static Step index(List<Step> arguments) {
        Step operand = arguments.get(0);
        Step key = arguments.get(1);
        return frame -> {
            Object target = operand.run(frame);
            Object at = key.run(frame);
            frame.charge(1);
            return Fields.at(target, at);
        };
    }

    private static Step optionalIndex(List<Step> arguments) {
        Step operand = arguments.get(0);
        Step key = arguments.get(1);
        return frame -> {
            Object target = operand.run(frame);
            Object at = key.run(frame);
            frame.charge(1);
            return Fields.find(target, at);
        };
    }

    private static Step alternative(List<Step> arguments, boolean optional) {
        Step first = arguments.get(0);
        Step second = arguments.get(1);
        return frame -> {
            if (!(first.run(frame) instanceof Optional<?> value)) {
                throw CelEvaluationException.noSuchOverload();
            }
            frame.charge(1);
            if (value.isEmpty()) {
                return second.run(frame);
            }
            return optional ? value : value.get();
        };
    }

    private static Step strict(String function, List<Step> arguments) {
        Functions.Function implementation = Functions.named(function);
        Step[] steps = arguments.toArray(new Step[0]);
        return frame -> {
            Object[] values = new Object[steps.length];
            for (int i = 0; i < steps.length; i++) {
                values[i] = steps[i].run(frame);
            }
            Object result = implementation.apply(values);
            frame.charge(CallCosts.of(function, values, result));
            return result;
        };
    }

    private Step list(CelExpr.CelList list) {
        Step[] elements = plan(list.elements()).toArray(new Step[0]);
        boolean[] optional = new boolean[elements.length];
        list.optionalIndices().forEach(index -> optional[index] = true);
        return frame -> {
            List<Object> values = new ArrayList<>(elements.length);
            for (int i = 0; i < elements.length; i++) {
                Object value = elements[i].run(frame);
                if (!optional[i]) {
                    values.add(value);
                } else {
                    ((Optional<?>) value).ifPresent(values::add);
                }
            }
            frame.charge(LIST_COST);
            return values;
        };
    }

    private record Entry(Step key, Step value, boolean optional) {}

    private Step map(CelExpr.CelMap map) {
        List<Entry> entries = new ArrayList<>();
        map.entries()
                .forEach(
                        entry -> entries.add(new Entry(plan(entry.key()), plan(entry.value()), entry.optionalEntry())));
        return frame -> {
            Map<Object, Object> values = new LinkedHashMap<>();
            for (Entry entry : entries) {
                Object key = entry.key().run(frame);
                Object value = entry.value().run(frame);
                if (entry.optional()) {
                    if (!(value instanceof Optional<?> given) || given.isEmpty()) {
                        continue;
                    }
                    value = given.get();
                }
                values.put(key, value);
            }
            frame.charge(MAP_COST);
            return values;
        };
    }

    private record StructField(String name, Step value, boolean optional) {}

    private Step struct(long id, CelExpr.CelStruct struct) {
        String type = ast.getType(id).map(known -> known.name()).orElse(struct.messageName());
        List<StructField> fields = new ArrayList<>();
        struct.entries()
                .forEach(entry ->
                        fields.add(new StructField(entry.fieldKey(), plan(entry.value()), entry.optionalEntry())));
        return frame -> {
            Map<String, Object> values = new LinkedHashMap<>();
            for (StructField field : fields) {
                Object value = field.value().run(frame);
                if (!field.optional()) {
                    values.put(field.name(), value);
                } else if (value instanceof Optional<?> given && given.isPresent()) {
                    values.put(field.name(), given.get());
                }
            }
            frame.charge(STRUCT_COST);
            return new StructValue(type, values);
        };
    }

    private int open(String name) {
        int slot = slots++;
        scope.push(new Local(name, slot));
        return slot;
    }

    /** Also that there is none: what comes later may decide all the same. */
    private static Object valueOf(Step step, Frame frame) {
        try {
            return step.run(frame);
        } catch (CelEvaluationException.CallLimit | CelEvaluationException.OutOfBudget e) {
            throw e;
        } catch (CelEvaluationException none) {
            return new Frame.Failed(none);
        }
    }

    private Step comprehension(CelComprehension loop) {
        Step range = plan(loop.iterRange());
        Step initial = plan(loop.accuInit());
        int accumulator = open(loop.accuVar());
        int first = open(loop.iterVar());
        boolean pairs = !loop.iterVar2().isEmpty();
        int second = pairs ? open(loop.iterVar2()) : first;
        Step condition = plan(loop.loopCondition());
        Step step = plan(loop.loopStep());
        scope.pop();
        if (pairs) {
            scope.pop();
        }
        Step result = plan(loop.result());
        scope.pop();
        return frame -> {
            Object over = range.run(frame);
            frame.local(accumulator, initial.run(frame));
            if (over instanceof List<?> list) {
                for (int i = 0; i < list.size(); i++) {
                    frame.local(first, pairs ? (Object) Long.valueOf(i) : list.get(i));
                    if (pairs) {
                        frame.local(second, list.get(i));
                    }
                    if (!Boolean.TRUE.equals(condition.run(frame))) {
                        break;
                    }
                    frame.local(accumulator, valueOf(step, frame));
                }
            } else if (over instanceof Map<?, ?> map) {
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    frame.local(first, entry.getKey());
                    if (pairs) {
                        frame.local(second, entry.getValue());
                    }
                    if (!Boolean.TRUE.equals(condition.run(frame))) {
                        break;
                    }
                    frame.local(accumulator, valueOf(step, frame));
                }
            } else {
                throw new CelEvaluationException(
                        "got '%s', expected iterable type".formatted(Conversions.typeName(over)));
            }
            return result.run(frame);
        };
    }
}
