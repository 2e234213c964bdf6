package io.quarterdeck.api.kinds.events;

import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.registry.SelectableField;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.model.GroupResource;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Events that come through events.k8s.io, which asks for more. */
@Component
final class NewEventStrategy implements KindStrategy {

    private static final Rules RULES =
            Rules.of(event -> EventRules.common(event, "reportingController"), EventRules::strict);

    @Override
    public GroupResource resource() {
        return new GroupResource("events.k8s.io", "events");
    }

    @Override
    public boolean allowsCreateOnUpdate() {
        return true;
    }

    @Override
    public boolean repeatsMetadataFindings() {
        return true;
    }

    @Override
    public Rules rules() {
        return RULES;
    }

    @Override
    public List<SelectableField> selectableFields() {
        return EventRules.selectableFields();
    }

    @Override
    public boolean selects(String label) {
        return KindStrategy.super.selects(label) && !EventRules.isOldName(label);
    }

    @Override
    public Optional<Columns> columns() {
        return EventRules.columns();
    }
}
