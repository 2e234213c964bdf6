package io.quarterdeck.api.kinds.apiextensions;

import io.quarterdeck.api.customresources.schema.CompiledRule;
import io.quarterdeck.api.customresources.schema.ExpressionRules;
import io.quarterdeck.api.customresources.schema.JsonSchema;
import io.quarterdeck.api.kinds.KindPart;
import io.quarterdeck.api.validation.Values;
import io.quarterdeck.cel.CelProgram;
import io.quarterdeck.cel.CostBudget;
import io.quarterdeck.cel.DeclType;
import io.quarterdeck.cel.SchemaTypes;
import io.quarterdeck.model.FieldError;
import io.quarterdeck.model.FieldError.Reason;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Compiles the expressions of a schema, and adds up what they may cost.
 *
 * <p>Source: apiextensions, apis/apiextensions/validation (cel_validation).
 */
@Component
class RuleCompiler implements KindPart {

    private static final long UNBOUNDED = -1;

    /** A rule whose share of the whole cost is worth naming. */
    private record Expensive(String path, long cost) {}

    /** What the rules of one schema cost together. */
    private static final class Total {
        private long cost;
        private final List<Expensive> expensive = new ArrayList<>();

        void add(String path, long more) {
            cost = cost + more < 0 ? Long.MAX_VALUE : cost + more;
            if (more >= CostBudget.STATIC_PER_DEFINITION / 100) {
                expensive.add(new Expensive(path, more));
            }
        }
    }

    /** A part of a schema, and how often values of it may stand in one object. */
    static final class Scope {
        private final ObjectNode schema;
        private final boolean resource;
        private final long most;
        private final Total total;

        private Scope(ObjectNode schema, boolean resource, long most, Total total) {
            this.schema = schema;
            this.resource = resource;
            this.most = most;
            this.total = total;
        }

        /** A field, an element or a value of a map. */
        Scope below(ObjectNode part) {
            long each = switch (schema.path("type").asString("")) {
                case "object" -> schema.has("additionalProperties") ? limit("maxProperties") : 1;
                case "array" -> limit("maxItems");
                default -> 1;
            };
            return new Scope(
                    part,
                    part.path("x-kubernetes-embedded-resource").asBoolean(false),
                    most == UNBOUNDED || each == UNBOUNDED ? UNBOUNDED : product(most, each),
                    total);
        }

        private long limit(String field) {
            return schema.has(field) ? Math.max(0, schema.path(field).asLong(0)) : UNBOUNDED;
        }

        /**
         * @param path of the schema's rules
         * @param uncorrelated the path below which values cannot be told from what they were; else empty
         */
        List<FieldError> compile(String path, boolean costs, String uncorrelated) {
            DeclType type = SchemaTypes.of(schema, resource, "selfType");
            if (type == null) {
                return List.of(
                        new FieldError(
                                Reason.INTERNAL,
                                path,
                                "Internal error: internal error: failed to construct type information for"
                                        + " x-kubernetes-validations rules: unable to convert structural schema to CEL declarations"));
            }
            List<FieldError> findings = new ArrayList<>();
            List<CompiledRule> rules = CompiledRule.of(schema, type);
            for (int i = 0; i < rules.size(); i++) {
                rule(path + "[" + i + "]", rules.get(i), type, costs, uncorrelated, findings);
            }
            return findings;
        }

        private void rule(
                String path,
                CompiledRule rule,
                DeclType type,
                boolean costs,
                String uncorrelated,
                List<FieldError> findings) {
            CelProgram program = rule.program();
            if (program != null) {
                long times = most == UNBOUNDED ? DeclType.MAX_REQUEST_BYTES / (type.minSize() + 1) : most;
                cost(path + ".rule", "rule", product(program.estimatedCost().max(), times), costs, findings);
            }
            if (!rule.error().isEmpty()) {
                findings.add(invalid(path + ".rule", rule, rule.error()));
            }
            if (!rule.messageError().isEmpty()) {
                findings.add(invalid(path + ".messageExpression", rule, rule.messageError()));
            } else if (rule.message() != null) {
                long cost = rule.message().estimatedCost().max();
                cost(path + ".messageExpression", "messageExpression", cost, costs, findings);
            }
            JsonNode optional = rule.rule().path("optionalOldSelf");
            if (rule.usesOldSelf()) {
                if (!uncorrelated.isEmpty()) {
                    findings.add(new FieldError(
                            Reason.INVALID,
                            path + ".rule",
                            "Invalid value: %s: oldSelf cannot be used on the uncorrelatable portion of the schema within %s"
                                    .formatted(Values.print(rule.rule().path("rule")), uncorrelated)));
                }
            } else if (optional.isBoolean()) {
                findings.add(new FieldError(
                        Reason.INVALID,
                        path + ".optionalOldSelf",
                        "Invalid value: %s: may not be set if oldSelf is not used in rule"
                                .formatted(Values.print(optional))));
            }
        }

        private void cost(String path, String what, long cost, boolean costs, List<FieldError> findings) {
            if (costs && cost > CostBudget.STATIC_PER_RULE) {
                findings.add(
                        forbidden(path, tooExpensive("estimated " + what + " cost", cost, CostBudget.STATIC_PER_RULE)));
            }
            total.add(path, cost);
        }

        private static FieldError invalid(String path, CompiledRule rule, String why) {
            return new FieldError(
                    Reason.INVALID,
                    path,
                    "Invalid value: %s: %s"
                            .formatted(SchemaRules.printed(rule.rule()).text(), why));
        }

        /** What all rules of the schema cost together. */
        List<FieldError> total(String path) {
            if (total.cost <= CostBudget.STATIC_PER_DEFINITION) {
                return List.of();
            }
            List<FieldError> findings = new ArrayList<>();
            total.expensive.stream()
                    .sorted(Comparator.comparingLong(Expensive::cost).reversed())
                    .limit(4)
                    .forEach(
                            rule -> findings.add(
                                    forbidden(
                                            rule.path(),
                                            "contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema")));
            findings.add(forbidden(
                    path,
                    tooExpensive(
                            "x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema",
                            total.cost,
                            CostBudget.STATIC_PER_DEFINITION)));
            return findings;
        }
    }

    private static FieldError forbidden(String path, String why) {
        return new FieldError(Reason.FORBIDDEN, path, "Forbidden: " + why);
    }

    private static long product(long cost, long times) {
        return cost == 0 || times == 0 ? 0 : cost > Long.MAX_VALUE / times ? Long.MAX_VALUE : cost * times;
    }

    private static String tooExpensive(String what, long cost, long limit) {
        double factor = (double) cost / limit;
        // Go rounds the binary fraction itself; Java's formatter would round its shortest decimal form.
        String shown = factor > 100
                ? "more than 100x"
                : new BigDecimal(factor).setScale(factor < 1.5 ? 6 : 1, RoundingMode.HALF_EVEN) + "x";
        return what + " exceeds budget by factor of " + shown
                + " (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and"
                + " strings are declared)";
    }

    Scope root(ObjectNode schema) {
        return new Scope(schema, true, 1, new Total());
    }

    /** Whether a default keeps the rules of its schema: as a value that is not changed, and as a new one. */
    List<FieldError> checkDefault(String path, JsonNode value, JsonSchema schema, boolean root) {
        Optional<ExpressionRules> rules = ExpressionRules.of(schema, root);
        if (rules.isEmpty()) {
            return List.of();
        }
        CostBudget budget = new CostBudget(CostBudget.PER_REQUEST);
        List<FieldError> same = rules.get().check(path, value, value, false, budget, warning -> {});
        return same.isEmpty() ? rules.get().check(path, value, null, false, budget, warning -> {}) : same;
    }
}
