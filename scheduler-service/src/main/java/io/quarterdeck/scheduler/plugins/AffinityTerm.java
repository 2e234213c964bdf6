package io.quarterdeck.scheduler.plugins;

import io.fabric8.kubernetes.api.model.PodAffinityTerm;
import io.quarterdeck.model.LabelSelector;
import io.quarterdeck.model.LabelSelector.Operator;
import io.quarterdeck.model.LabelSelector.Requirement;
import io.quarterdeck.model.Selectors;
import io.quarterdeck.scheduler.framework.PodInfo;
import io.quarterdeck.scheduler.framework.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * One term of pod affinity or anti-affinity of one pod: which other pods it means, and which label says where they count
 * as near. Source: Kubernetes documentation, "Inter-pod affinity and anti-affinity".
 */
record AffinityTerm(Set<String> namespaces, LabelSelector namespaceSelector, LabelSelector pods, String topologyKey) {

    static List<AffinityTerm> of(PodInfo owner, List<PodAffinityTerm> terms) {
        return Objects.requireNonNullElse(terms, List.<PodAffinityTerm>of()).stream()
                .map(term -> of(owner, term))
                .toList();
    }

    static AffinityTerm of(PodInfo owner, PodAffinityTerm term) {
        List<String> named = Objects.requireNonNullElse(term.getNamespaces(), List.of());
        Set<String> namespaces =
                named.isEmpty() && term.getNamespaceSelector() == null ? Set.of(owner.namespace()) : Set.copyOf(named);
        LabelSelector selector = Selectors.of(term.getLabelSelector());
        if (term.getLabelSelector() != null) {
            selector = withOwnValues(selector, owner, term.getMatchLabelKeys(), Operator.IN);
            selector = withOwnValues(selector, owner, term.getMismatchLabelKeys(), Operator.NOT_IN);
        }
        return new AffinityTerm(namespaces, Selectors.of(term.getNamespaceSelector()), selector, term.getTopologyKey());
    }

    /** The API server writes these keys into the selector when it stores a pod; doing it again changes nothing. */
    private static LabelSelector withOwnValues(
            LabelSelector selector, PodInfo owner, List<String> keys, Operator operator) {
        List<Requirement> requirements = new ArrayList<>(selector.requirements());
        for (String key : Objects.requireNonNullElse(keys, List.<String>of())) {
            String value = owner.labels().get(key);
            if (value != null) {
                requirements.add(new Requirement(key, operator, Set.of(value)));
            }
        }
        return new LabelSelector(requirements);
    }

    boolean means(PodInfo other, Snapshot snapshot) {
        Map<String, String> namespaceLabels = snapshot.namespaceLabels(other.namespace());
        return (namespaces.contains(other.namespace()) || namespaceSelector.matches(namespaceLabels))
                && pods.matches(other.labels());
    }
}
