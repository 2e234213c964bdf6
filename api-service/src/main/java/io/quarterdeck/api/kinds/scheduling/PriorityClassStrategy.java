package io.quarterdeck.api.kinds.scheduling;

import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.kinds.TableColumns;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.model.GroupResource;
import java.util.Map;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Priority classes: which pods go first. */
@Component
final class PriorityClassStrategy implements KindStrategy {

    private static final Rules RULES = Rules.of(PriorityClassStrategy::check);
    private static final long HIGHEST = 1_000_000_000;
    private static final Map<String, Long> SYSTEM =
            Map.of("system-cluster-critical", 2_000_000_000L, "system-node-critical", 2_000_001_000L);

    @Override
    public GroupResource resource() {
        return new GroupResource("scheduling.k8s.io", "priorityclasses");
    }

    @Override
    public boolean hasGeneration() {
        return true;
    }

    @Override
    public Rules rules() {
        return RULES;
    }

    private static void check(Field priority) {
        Field name = priority.at("metadata.name");
        Field value = priority.at("value");
        if (priority.updating()) {
            if (value.number() != value.old().asLong(0)) {
                value.forbidden("may not be changed in an update.");
            }
        } else if (name.text().startsWith("system-")) {
            if (!SYSTEM.getOrDefault(name.text(), Long.MIN_VALUE).equals(value.number())) {
                name.forbidden(
                        "priority class names with 'system-' prefix are reserved for system use only. error: %s is not a known system priority class"
                                .formatted(name.text()));
            }
        } else if (value.number() > HIGHEST) {
            value.forbidden("maximum allowed value of a user defined priority is %d".formatted(HIGHEST));
        }
        Field policy = priority.at("preemptionPolicy");
        policy.ifPresent(present -> present.oneOf("PreemptLowerPriority", "Never"));
        policy.immutable();
    }

    @Override
    public Optional<Columns> columns() {
        return TableColumns.of("priorityclasses.scheduling.k8s.io")
                .number("Value", "value")
                .flag("Global-Default", object -> object.flag("globalDefault"))
                .text("PreemptionPolicy", "preemptionPolicy")
                .columns();
    }
}
