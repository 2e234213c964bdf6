package io.quarterdeck.controller.clusterrole;

import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.quarterdeck.feed.ObjectStore;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.model.Selectors;
import io.quarterdeck.reconcile.Action;
import io.quarterdeck.reconcile.Plan;
import io.quarterdeck.reconcile.Reconciler;
import io.quarterdeck.reconcile.View;
import io.quarterdeck.reconcile.Watches;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.springframework.stereotype.Component;

/** Fills each cluster role that has an aggregation rule with the rules of the roles that it selects. */
@Component
public final class ClusterRoleAggregationReconciler implements Reconciler<ClusterRole> {

    @Override
    public Class<ClusterRole> kind() {
        return ClusterRole.class;
    }

    @Override
    public String name() {
        return "clusterrole_aggregation";
    }

    @Override
    public String component() {
        return "clusterrole-aggregation-controller";
    }

    @Override
    public void watches(Watches<ClusterRole> watches) {
        watches.also(ClusterRole.class, ClusterRoleAggregationReconciler::gatherers);
    }

    private static Collection<ObjectKey> gatherers(ClusterRole changed, View view) {
        return view.lister(ClusterRole.class).all().stream()
                .filter(role -> role.getAggregationRule() != null)
                .map(ObjectStore::keyOf)
                .toList();
    }

    @Override
    public Plan reconcile(ClusterRole role, View view) {
        if (role.getAggregationRule() == null) {
            return Plan.nothing();
        }
        Set<PolicyRule> rules = new LinkedHashSet<>();
        for (var selector : role.getAggregationRule().getClusterRoleSelectors()) {
            for (ClusterRole other : view.lister(ClusterRole.class).all()) {
                boolean itself =
                        other.getMetadata().getName().equals(role.getMetadata().getName());
                // A role without rules may say null.
                if (!itself
                        && other.getRules() != null
                        && Selectors.matches(selector, other.getMetadata().getLabels())) {
                    rules.addAll(other.getRules());
                }
            }
        }
        List<PolicyRule> next = new ArrayList<>(rules);
        return next.equals(role.getRules())
                ? Plan.nothing()
                : Plan.of(new Action.Update(role.edit().withRules(next).build()));
    }
}
