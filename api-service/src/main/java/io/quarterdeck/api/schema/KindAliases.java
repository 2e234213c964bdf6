package io.quarterdeck.api.schema;

import io.quarterdeck.model.GroupVersionKind;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Names of kinds that stand for one another: a table, so that no code asks for a kind. */
final class KindAliases {

    /** Kinds that are one inside upstream although their groups differ. */
    private static final List<Set<GroupVersionKind>> ONE =
            List.of(Set.of(kind("", "v1", "Event"), kind("events.k8s.io", "v1", "Event")));

    /** Names that are retired and still understood, because clients of many years send them. */
    private static final Map<GroupVersionKind, GroupVersionKind> RETIRED =
            Map.of(kind("policy", "v1beta1", "Eviction"), kind("policy", "v1", "Eviction"));

    private KindAliases() {}

    private static GroupVersionKind kind(String group, String version, String kind) {
        return new GroupVersionKind(group, version, kind);
    }

    /** What the kind is called today. */
    static GroupVersionKind today(GroupVersionKind kind) {
        return RETIRED.getOrDefault(kind, kind);
    }

    /** Whether an object of one can become one of the other. */
    static boolean convertible(GroupVersionKind from, GroupVersionKind to) {
        return from.kind().equals(to.kind()) && from.group().equals(to.group())
                || ONE.stream().anyMatch(names -> names.contains(from) && names.contains(to));
    }
}
