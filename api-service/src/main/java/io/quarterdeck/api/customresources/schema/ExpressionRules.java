package io.quarterdeck.api.customresources.schema;

import io.quarterdeck.api.validation.Values;
import io.quarterdeck.cel.CelEvaluationException;
import io.quarterdeck.cel.CelValues;
import io.quarterdeck.cel.CostBudget;
import io.quarterdeck.cel.DeclType;
import io.quarterdeck.cel.SchemaTypes;
import io.quarterdeck.model.FieldError;
import io.quarterdeck.model.FieldError.Reason;
import io.quarterdeck.model.GoQuote;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The rules of a schema and of everything below it that are expressions (x-kubernetes-validations). Immutable.
 *
 * <p>Source: apiextensions, schema/cel/validation; KEP-2876, KEP-4008.
 */
public final class ExpressionRules {

    private static final int LONGEST_MESSAGE = 5 * 1024;

    private final JsonSchema schema;
    private final @Nullable DeclType type;
    private final List<CompiledRule> rules;
    private final Map<String, ExpressionRules> properties;
    private final @Nullable ExpressionRules values;
    private final @Nullable ExpressionRules items;

    private ExpressionRules(JsonSchema schema, boolean resource) {
        this.schema = schema;
        this.type = SchemaTypes.of(schema.source(), resource, "selfType");
        this.rules = type == null ? List.of() : CompiledRule.of(schema.source(), type);
        this.properties = new LinkedHashMap<>();
        schema.properties().forEach((name, property) -> {
            ExpressionRules below = part(property);
            if (below != null) {
                properties.put(name, below);
            }
        });
        this.values = part(schema.additional());
        this.items = part(schema.items());
    }

    private static @Nullable ExpressionRules part(@Nullable JsonSchema schema) {
        return schema == null || !hasRules(schema) ? null : new ExpressionRules(schema, schema.embedded());
    }

    /**
     * @param resource whether values are whole objects, whose apiVersion, kind and name every rule sees
     * @return empty when there is no rule anywhere in the schema
     */
    public static Optional<ExpressionRules> of(JsonSchema schema, boolean resource) {
        return hasRules(schema) ? Optional.of(new ExpressionRules(schema, resource)) : Optional.empty();
    }

    private static boolean hasRules(JsonSchema schema) {
        return !schema.source().path("x-kubernetes-validations").isEmpty()
                || schema.items() != null && hasRules(schema.items())
                || schema.additional() != null && hasRules(schema.additional())
                || schema.properties().values().stream().anyMatch(ExpressionRules::hasRules);
    }

    /**
     * @param base the path in front of all findings; empty for a whole object
     * @param old what stood there before; null when nothing did
     * @param ratcheting whether what did not change only warns
     * @param warnings told what would be refused if it had changed
     */
    public List<FieldError> check(
            String base,
            JsonNode value,
            @Nullable JsonNode old,
            boolean ratcheting,
            CostBudget budget,
            Consumer<String> warnings) {
        Run run = new Run(budget, warnings);
        run.check(
                this,
                base,
                value,
                old,
                new Place(ratcheting && old != null ? new Correlation(value, old, schema) : null, null));
        return run.findings;
    }

    /**
     * What a value is compared with to tell whether it changed.
     *
     * @param here null where it cannot be told what the value was before
     * @param above the nearest value above of which that can be told
     */
    private record Place(
            @Nullable Correlation here, @Nullable Correlation above) {

        boolean unchanged() {
            return here != null ? here.unchanged() : above != null && above.unchanged();
        }

        Place field(String name) {
            if (here == null) {
                return this;
            }
            if (above == null && (name.equals("apiVersion") || name.equals("kind"))) {
                return new Place(null, null);
            }
            return new Place(here.field(name), here);
        }

        Place item(int i) {
            return here == null ? this : new Place(here.item(i), here);
        }
    }

    /** One check of one object; stops for good when the budget is spent. */
    private static final class Run {
        private final CostBudget budget;
        private final Consumer<String> warnings;
        private final List<FieldError> findings = new ArrayList<>();
        private boolean stopped;

        Run(CostBudget budget, Consumer<String> warnings) {
            this.budget = budget;
            this.warnings = warnings;
        }

        void check(@Nullable ExpressionRules rules, String path, JsonNode value, @Nullable JsonNode old, Place place) {
            if (rules == null || value.isNull() || stopped) {
                return;
            }
            @Nullable JsonNode before = old == null || old.isNull() ? null : old;
            expressions(rules, path, value, before, place);
            if (value.isArray()) {
                for (int i = 0; i < value.size() && rules.items != null; i++) {
                    @Nullable JsonNode same = before == null ? null : correlated(before, value.get(i), rules.schema);
                    check(rules.items, Paths.index(path, i), value.get(i), same, place.item(i));
                }
            } else if (value instanceof ObjectNode object) {
                object.properties().forEach(entry -> {
                    String name = entry.getKey();
                    @Nullable JsonNode same = before == null ? null : before.get(name);
                    check(rules.values, Paths.key(path, name), entry.getValue(), same, place.field(name));
                    check(
                            rules.properties.get(name),
                            Paths.child(path, name),
                            entry.getValue(),
                            same,
                            place.field(name));
                });
            }
        }

        private static @Nullable JsonNode correlated(JsonNode old, JsonNode element, JsonSchema list) {
            if (list.listType() != JsonSchema.ListType.MAP) {
                return null;
            }
            return old.valueStream()
                    .filter(each -> list.mapKeys().stream()
                            .allMatch(key -> each.path(key).equals(element.path(key))))
                    .findFirst()
                    .orElse(null);
        }

        private void expressions(
                ExpressionRules rules, String path, JsonNode value, @Nullable JsonNode old, Place place) {
            DeclType type = rules.type;
            if (type == null) {
                return;
            }
            for (CompiledRule rule : rules.rules) {
                if (stopped) {
                    return;
                }
                if (budget.remaining() <= 0) {
                    stop(invalid(path, rules.schema, outOfBudget("validation")));
                    return;
                }
                if (!rule.error().isEmpty()) {
                    findings.add(invalid(path, rules.schema, "rule compile error: " + rule.error()));
                } else if (rule.program() != null
                        && (!rule.usesOldSelf() || old != null || rule.optionalOldSelf())
                        && !holds(rule, rules, path, value, old)) {
                    failed(rule, rules, path, value, old, place);
                }
            }
        }

        /** Also when it cannot be told, which is a finding itself. */
        private boolean holds(
                CompiledRule rule, ExpressionRules rules, String path, JsonNode value, @Nullable JsonNode old) {
            try {
                return Boolean.TRUE.equals(Objects.requireNonNull(rule.program())
                        .evaluate(variable -> variable(variable, rules, value, old, rule.optionalOldSelf()), budget));
            } catch (CelEvaluationException.OutOfBudget spent) {
                stop(invalid(path, rules.schema, outOfBudget("validation")));
            } catch (CelEvaluationException.CallLimit expensive) {
                stop(invalid(
                        path,
                        rules.schema,
                        "'%s': no further validation rules will be run due to call cost exceeds limit for rule: %s"
                                .formatted(expensive.getMessage(), rule.shown())));
            } catch (CelEvaluationException failed) {
                String why = String.valueOf(failed.getMessage());
                findings.add(invalid(
                        path,
                        rules.schema,
                        why.startsWith("no such overload")
                                ? "'%s': call arguments did not match a supported operator, function or macro signature for rule: %s"
                                        .formatted(why, rule.shown())
                                : "%s evaluating rule: %s".formatted(why, rule.shown())));
            }
            return true;
        }

        private static @Nullable Object variable(
                String name, ExpressionRules rules, JsonNode value, @Nullable JsonNode old, boolean optional) {
            DeclType type = Objects.requireNonNull(rules.type);
            if (name.equals(CompiledRule.SELF)) {
                return CelValues.of(value, type);
            }
            if (!name.equals(CompiledRule.OLD_SELF)) {
                return null;
            }
            if (optional) {
                return old == null ? Optional.empty() : Optional.of(CelValues.of(old, type));
            }
            return old == null ? null : CelValues.of(old, type);
        }

        private void failed(
                CompiledRule rule,
                ExpressionRules rules,
                String path,
                JsonNode value,
                @Nullable JsonNode old,
                Place place) {
            String where = path(path, rule.path());
            Consumer<FieldError> finding = !rule.usesOldSelf() && place.unchanged()
                    ? error -> warnings.accept(error.toString())
                    : findings::add;
            String detail = "";
            try {
                detail = message(rule, rules, value, old);
            } catch (CelEvaluationException.OutOfBudget spent) {
                finding.accept(invalid(where, rules.schema, outOfBudget("messageExpression evaluation")));
                stopped = true;
            } catch (CelEvaluationException.CallLimit expensive) {
                finding.accept(invalid(
                        where,
                        rules.schema,
                        "no further validation rules will be run due to call cost exceeds limit for messageExpression: "
                                + GoQuote.quote(rule.text("messageExpression"))));
                stopped = true;
            } catch (CelEvaluationException unknown) {
                // The fixed message says it.
            }
            if (stopped) {
                return;
            }
            if (detail.isEmpty()) {
                detail = rule.text("message").isEmpty()
                        ? "failed rule: " + rule.shown()
                        : rule.text("message").strip();
            }
            finding.accept(error(rule.text("reason"), where, rules.schema, value, detail));
        }

        private static String path(String path, String below) {
            return path.isEmpty()
                    ? below
                    : below.isEmpty() || below.startsWith("[") ? path + below : path + "." + below;
        }

        /** Empty when the expression has no usable value. */
        private String message(CompiledRule rule, ExpressionRules rules, JsonNode value, @Nullable JsonNode old) {
            if (rule.message() == null) {
                return "";
            }
            Object text = rule.message().evaluate(variable -> variable(variable, rules, value, old, false), budget);
            String stripped = text instanceof String string ? string.strip() : "";
            boolean usable =
                    stripped.getBytes(StandardCharsets.UTF_8).length <= LONGEST_MESSAGE && stripped.indexOf('\n') < 0;
            return usable ? stripped : "";
        }

        private static FieldError error(String reason, String path, JsonSchema schema, JsonNode value, String detail) {
            boolean whole = schema.type().equals("object") || schema.type().equals("array");
            String shown = whole ? "" : ": " + Values.print(value);
            return switch (reason) {
                case "FieldValueForbidden" -> new FieldError(Reason.FORBIDDEN, path, "Forbidden: " + detail);
                case "FieldValueRequired" -> new FieldError(Reason.REQUIRED, path, "Required value: " + detail);
                case "FieldValueDuplicate" -> new FieldError(Reason.DUPLICATE, path, "Duplicate value" + shown);
                default -> new FieldError(Reason.INVALID, path, "Invalid value" + shown + ": " + detail);
            };
        }

        private static String outOfBudget(String what) {
            return what + " failed due to running out of cost budget, no further validation rules will be run";
        }

        private static FieldError invalid(String path, JsonSchema schema, String detail) {
            return new FieldError(
                    Reason.INVALID, path, "Invalid value: " + GoQuote.quote(schema.type()) + ": " + detail);
        }

        private void stop(FieldError why) {
            findings.add(why);
            stopped = true;
        }
    }
}
