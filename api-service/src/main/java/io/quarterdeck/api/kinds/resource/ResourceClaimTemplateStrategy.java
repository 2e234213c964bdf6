package io.quarterdeck.api.kinds.resource;

import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.kinds.TableColumns;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.model.GroupResource;
import java.util.List;
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

    /** Of a claim that is to be made, labels and annotations can be said, and nothing else. */
    private static final List<String> OTHER_METADATA = List.of(
            "name",
            "generateName",
            "namespace",
            "uid",
            "resourceVersion",
            "generation",
            "deletionTimestamp",
            "deletionGracePeriodSeconds",
            "ownerReferences",
            "finalizers");

    private static void spec(Field spec) {
        for (String name : OTHER_METADATA) {
            Field said = spec.at("metadata." + name);
            if (!said.empty()) {
                said.forbidden("cannot be set");
            }
        }
        DeviceRules.claim(spec.at("spec.devices"));
        spec.immutable();
    }

    @Override
    public Optional<Columns> columns() {
        return TableColumns.of("resourceclaimtemplates.resource.k8s.io").columns();
    }
}
