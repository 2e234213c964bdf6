package io.quarterdeck.api.kinds.policy;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.Cells;
import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.kinds.TableColumns;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.validation.ConditionRules;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Labels;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.api.validation.Values;
import io.quarterdeck.model.Formats;
import io.quarterdeck.model.GroupResource;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Disruption budgets: how many pods of a set may be taken away at once. */
@Component
final class PodDisruptionBudgetStrategy implements KindStrategy {

    private static final Rules RULES = Rules.of(Rules.at("spec", PodDisruptionBudgetStrategy::spec));
    private static final List<String> COUNTS =
            List.of("disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods");
    private static final Rules STATUS = Rules.of(Rules.at("status", PodDisruptionBudgetStrategy::status));

    @Override
    public GroupResource resource() {
        return new GroupResource("policy", "poddisruptionbudgets");
    }

    @Override
    public boolean coreFinalizersOnly() {
        return false;
    }

    @Override
    public boolean hasGeneration() {
        return true;
    }

    @Override
    public void prepareForUpdate(Document next, Document old, RequestInfo request) {
        next.keep("status", old);
        next.countGenerationWhenChanged("spec", old);
    }

    @Override
    public boolean allowsUnconditionalUpdate() {
        return false;
    }

    @Override
    public boolean repeatsMetadataFindings() {
        return false;
    }

    @Override
    public Rules rules() {
        return RULES;
    }

    @Override
    public Rules statusRules() {
        return STATUS;
    }

    private static void spec(Field spec) {
        Field min = spec.at("minAvailable");
        Field max = spec.at("maxUnavailable");
        if (min.present() && max.present()) {
            String shown =
                    "{\"MinAvailable\":%s,\"Selector\":%s,\"MaxUnavailable\":%s,\"UnhealthyPodEvictionPolicy\":%s}"
                            .formatted(
                                    Values.print(min.node()),
                                    Values.json(spec.at("selector").node()),
                                    Values.print(max.node()),
                                    Values.print(spec.at("unhealthyPodEvictionPolicy")
                                            .node()));
            spec.invalidValue(new Values.Raw(shown), "minAvailable and maxUnavailable cannot be both set");
        }
        for (Field field : List.of(min, max)) {
            if (!field.isString()) {
                field.nonNegative();
                continue;
            }
            List<String> problems = Formats.percent(field.text());
            problems.forEach(field::invalid);
            if (problems.isEmpty() && field.text().length() > 3 && !field.is("100%")) {
                field.invalid("must not be greater than 100%");
            }
        }
        Labels.checkSelector(spec.at("selector"));
        spec.at("unhealthyPodEvictionPolicy").ifPresent(policy -> policy.oneOf("AlwaysAllow", "IfHealthyBudget"));
    }

    private static void status(Field status) {
        ConditionRules.check(status.at("conditions"));
        COUNTS.forEach(field -> status.at(field).nonNegative());
    }

    @Override
    public void prepareForCreate(Document next, RequestInfo request) {
        COUNTS.forEach(field -> next.set("status." + field, 0));
    }

    @Override
    public Optional<Columns> columns() {
        return TableColumns.of("poddisruptionbudgets.policy")
                .text("Min Available", object -> Cells.intOrString(object.at("spec.minAvailable"), "N/A"))
                .text("Max Unavailable", object -> Cells.intOrString(object.at("spec.maxUnavailable"), "N/A"))
                .number("Allowed Disruptions", "status.disruptionsAllowed")
                .columns();
    }
}
