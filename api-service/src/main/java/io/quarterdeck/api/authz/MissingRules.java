package io.quarterdeck.api.authz;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Single rules put together again for people, as upstream compacts them: verbs of the same object in one rule. */
final class MissingRules {

    private record Object(List<String> groups, List<String> resources, List<String> names) {}

    private MissingRules() {}

    /** One line for each rule, sorted. */
    static String text(List<PolicyRule> singles) {
        Map<Object, List<String>> verbs = new LinkedHashMap<>();
        List<PolicyRule> rules = new ArrayList<>();
        for (PolicyRule single : singles) {
            if (single.nonResourceUrls().isEmpty()) {
                verbs.computeIfAbsent(
                                new Object(single.apiGroups(), single.resources(), single.resourceNames()),
                                key -> new ArrayList<>())
                        .addAll(single.verbs());
            } else {
                rules.add(single);
            }
        }
        verbs.forEach((object, all) -> rules.add(new PolicyRule(
                all.stream().distinct().toList(), object.groups(), object.resources(), object.names(), List.of())));
        return String.join(
                "\n", new TreeSet<>(rules.stream().map(PolicyRule::compact).toList()));
    }
}
