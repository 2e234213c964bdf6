package io.quarterdeck.api.kinds.storage;

import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.kinds.core.ResourceRules;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Labels;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.model.Formats;
import io.quarterdeck.model.GroupResource;
import org.springframework.stereotype.Component;

/** How much storage of a class there is somewhere. */
@Component
final class CSIStorageCapacityStrategy implements KindStrategy {

    private static final Rules RULES = Rules.of(CSIStorageCapacityStrategy::check);

    @Override
    public GroupResource resource() {
        return new GroupResource("storage.k8s.io", "csistoragecapacities");
    }

    @Override
    public boolean allowsUnconditionalUpdate() {
        return false;
    }

    @Override
    public Rules rules() {
        return RULES;
    }

    private static void check(Field capacity) {
        Labels.checkSelector(capacity.at("nodeTopology"));
        capacity.at("storageClassName").format(Formats::subdomain);
        ResourceRules.nonNegative(capacity.at("capacity"));
        capacity.at("nodeTopology").immutable();
        capacity.at("storageClassName").immutable();
    }
}
