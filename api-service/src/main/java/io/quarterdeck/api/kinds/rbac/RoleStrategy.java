package io.quarterdeck.api.kinds.rbac;

import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.registry.NameRule;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.model.GroupResource;
import org.springframework.stereotype.Component;

/** Roles: what may be done in one namespace. */
@Component
final class RoleStrategy implements KindStrategy {

    private static final Rules RULES = Rules.of(Rules.at("rules", Rules.each(rule -> RbacRules.rule(rule, true))));

    @Override
    public GroupResource resource() {
        return new GroupResource("rbac.authorization.k8s.io", "roles");
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
}
