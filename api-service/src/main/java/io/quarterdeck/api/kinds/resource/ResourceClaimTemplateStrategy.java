package io.quarterdeck.api.kinds.resource;

import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.kinds.TableColumns;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.model.GroupResource;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Templates of resource claims. */
@Component
final class ResourceClaimTemplateStrategy implements KindStrategy {

    private static final Rules RULES = Rules.of(Rules.at("spec", Rules.immutable()));

    @Override
    public GroupResource resource() {
        return new GroupResource("resource.k8s.io", "resourceclaimtemplates");
    }

    @Override
    public Rules rules() {
        return RULES;
    }

    @Override
    public Optional<Columns> columns() {
        return TableColumns.of("resourceclaimtemplates.resource.k8s.io").columns();
    }
}
