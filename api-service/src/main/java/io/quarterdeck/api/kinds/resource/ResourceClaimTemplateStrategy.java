package io.quarterdeck.api.kinds.resource;

import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.kinds.TableColumns;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.MetadataRules;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.model.GroupResource;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Templates of resource claims. */
@Component
final class ResourceClaimTemplateStrategy implements KindStrategy {

    private static final Rules RULES = Rules.of(Rules.at("spec", ResourceClaimTemplateStrategy::spec));

    @Override
    public GroupResource resource() {
        return new GroupResource("resource.k8s.io", "resourceclaimtemplates");
    }

    @Override
    public Rules rules() {
        return RULES;
    }

    private static void spec(Field spec) {
        MetadataRules.template(spec.at("metadata"));
        DeviceRules.claim(spec.at("spec.devices"));
        spec.immutable();
    }

    @Override
    public Optional<Columns> columns() {
        return TableColumns.of("resourceclaimtemplates.resource.k8s.io").columns();
    }
}
