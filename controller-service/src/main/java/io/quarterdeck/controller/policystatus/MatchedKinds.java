package io.quarterdeck.controller.policystatus;

import io.fabric8.kubernetes.api.model.admissionregistration.v1.NamedRuleWithOperations;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingAdmissionPolicy;
import io.quarterdeck.controller.Discovery.Served;
import io.quarterdeck.model.GroupVersionKind;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * The kinds whose objects a policy will meet, as far as its rules name them: a rule with a wildcard says nothing. Pure.
 *
 * <p>Source: upstream's type checker of validating admission policies.
 */
final class MatchedKinds {

    /** Kinds that one rule adds; looking at more of them is not worth what it costs. */
    private static final int MOST = 10;

    private static final Comparator<GroupVersionKind> ORDER = Comparator.comparing(GroupVersionKind::group)
            .thenComparing(GroupVersionKind::version)
            .thenComparing(GroupVersionKind::kind);

    private MatchedKinds() {}

    /** @param served all resources in all versions */
    static Set<GroupVersionKind> of(ValidatingAdmissionPolicy policy, List<Served> served) {
        Set<GroupVersionKind> kinds = new TreeSet<>(ORDER);
        if (policy.getSpec().getMatchConstraints() == null) {
            return kinds;
        }
        for (NamedRuleWithOperations rule :
                policy.getSpec().getMatchConstraints().getResourceRules()) {
            List<GroupVersionKind> named = named(rule, served);
            kinds.addAll(named.subList(0, Math.min(named.size(), MOST)));
            if (named.size() >= MOST) {
                return kinds;
            }
        }
        return kinds;
    }

    private static List<GroupVersionKind> named(NamedRuleWithOperations rule, List<Served> served) {
        if (wild(rule.getApiGroups()) || wild(rule.getApiVersions())) {
            return List.of();
        }
        return rule.getApiGroups().stream()
                .sorted()
                .flatMap(group -> rule.getApiVersions().stream()
                        .sorted()
                        .flatMap(version -> rule.getResources().stream()
                                .filter(resource -> !resource.contains("*") && !resource.contains("/"))
                                .sorted()
                                .flatMap(resource -> served.stream()
                                        .filter(known -> isNamed(known, group, version, resource))
                                        .map(known -> new GroupVersionKind(
                                                known.type().group(),
                                                known.type().version(),
                                                known.type().kind())))))
                .toList();
    }

    private static boolean wild(List<String> names) {
        return names.stream().anyMatch(name -> name.contains("*"));
    }

    /** To upstream's mapping of resources the core group is no group, so that all groups are meant by it. */
    private static boolean isNamed(Served known, String group, String version, String resource) {
        String name = resource.toLowerCase(Locale.ROOT);
        return (group.isEmpty() || known.type().group().equals(group))
                && known.type().version().equals(version)
                && (known.type().resource().equals(name) || known.singular().equals(name));
    }
}
