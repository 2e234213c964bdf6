package io.quarterdeck.api.kinds.rbac;

import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.registry.NameRule;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.model.GroupResource;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Who has which role everywhere. */
@Component
final class ClusterRoleBindingStrategy implements KindStrategy {

    private static final Rules RULES = Rules.of(binding -> RbacRules.binding(binding, "ClusterRole"));

    @Override
    public GroupResource resource() {
        return new GroupResource("rbac.authorization.k8s.io", "clusterrolebindings");
    }

    @Override
    public NameRule nameRule() {
        return NameRule.PATH_SEGMENT;
    }

    @Override
    public boolean allowsCreateOnUpdate() {
        return true;
    }

    @Override
    public Rules rules() {
        return RULES;
    }

    @Override
    public Optional<Columns> columns() {
        return RbacRules.columns("clusterrolebindings.rbac.authorization.k8s.io")
                .columns();
    }
}
