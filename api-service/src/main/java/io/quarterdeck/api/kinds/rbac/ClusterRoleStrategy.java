package io.quarterdeck.api.kinds.rbac;

import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.registry.NameRule;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Labels;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.model.GroupResource;
import org.springframework.stereotype.Component;

/** Cluster roles: what may be done everywhere, or in whatever namespace they are bound in. */
@Component
final class ClusterRoleStrategy implements KindStrategy {

    private static final Rules RULES = Rules.of(
            Rules.at("rules", Rules.each(rule -> RbacRules.rule(rule, false))),
            Rules.at("aggregationRule", Rules.optional(ClusterRoleStrategy::aggregation)));

    @Override
    public GroupResource resource() {
        return new GroupResource("rbac.authorization.k8s.io", "clusterroles");
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

    private static void aggregation(Field rule) {
        Field selectors = rule.at("clusterRoleSelectors");
        if (selectors.empty()) {
            selectors.required("at least one clusterRoleSelector required if aggregationRule is non-nil");
        }
        selectors.items().forEach(Labels::checkSelector);
    }
}
