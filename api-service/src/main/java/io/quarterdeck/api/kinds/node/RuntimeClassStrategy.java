package io.quarterdeck.api.kinds.node;

import io.quarterdeck.api.kinds.InternalForm;
import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.kinds.TableColumns;
import io.quarterdeck.api.kinds.core.PodSpecRules;
import io.quarterdeck.api.kinds.core.SchedulingRules;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Labels;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.api.validation.Values;
import io.quarterdeck.model.Formats;
import io.quarterdeck.model.GroupResource;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Runtime classes: what runs a pod's containers, and what that costs. */
@Component
final class RuntimeClassStrategy implements KindStrategy {

    private static final Rules RULES = Rules.of(RuntimeClassStrategy::check);

    @Override
    public GroupResource resource() {
        return new GroupResource("node.k8s.io", "runtimeclasses");
    }

    @Override
    public boolean coreFinalizersOnly() {
        return false;
    }

    @Override
    public boolean allowsCreateOnUpdate() {
        return true;
    }

    @Override
    public boolean allowsUnconditionalUpdate() {
        return false;
    }

    @Override
    public Rules rules() {
        return RULES;
    }

    private static void check(Field runtime) {
        Field handler = runtime.at("handler");
        handler.requireFormat(Formats::label);
        PodSpecRules.overhead(runtime.at("overhead.podFixed").as("overhead"));
        Field scheduling = runtime.at("scheduling");
        Labels.check(scheduling.at("nodeSelector"));
        Field tolerations = scheduling.at("tolerations");
        SchedulingRules.tolerations(tolerations);
        List<Field> items = tolerations.items();
        for (int i = 0; i < items.size(); i++) {
            Field item = items.get(i);
            if (items.subList(0, i).stream().anyMatch(before -> Values.same(before.node(), item.node()))) {
                item.duplicateValue(InternalForm.compact("Toleration", item.node()));
            }
        }
        handler.immutable();
    }

    @Override
    public Optional<Columns> columns() {
        return TableColumns.of("runtimeclasses.node.k8s.io")
                .text("Handler", "handler")
                .columns();
    }
}
