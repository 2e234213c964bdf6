package io.quarterdeck.api.kinds.events;

import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.registry.SelectableField;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.model.GroupResource;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Events in the form of the core group. */
@Component
final class EventStrategy implements KindStrategy {

    private static final Rules RULES = Rules.of(event -> EventRules.common(event, "reportingComponent"));

    @Override
    public GroupResource resource() {
        return new GroupResource("", "events");
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
    public boolean repeatsMetadataFindings() {
        return false;
    }

    @Override
    public Rules rules() {
        return RULES;
    }

    @Override
    public List<SelectableField> selectableFields() {
        return EventRules.selectableFields();
    }

    /** The fields are kept under both names, and each version knows its own. */
    @Override
    public boolean selects(String label) {
        return KindStrategy.super.selects(label) && !EventRules.isNewName(label);
    }

    @Override
    public Optional<Columns> columns() {
        return EventRules.columns();
    }
}
