package io.quarterdeck.api.authz;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.model.ObjectKey;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Roles by name and bindings by who holds them. Changed by one thread at a time, read by any.
 */
final class RbacIndex {

    private static final Comparator<Held> BY_NAME =
            Comparator.comparing(held -> held.binding().name());

    /** A binding as one of its subjects sees it. */
    record Held(Binding binding, Binding.Subject subject) {}

    private record Holder(String namespace, String holder) {}

    private final Map<ObjectKey, List<PolicyRule>> roles = new ConcurrentHashMap<>();
    private final Map<ObjectKey, Binding> bindings = new ConcurrentHashMap<>();
    private final Map<Holder, List<Held>> held = new ConcurrentHashMap<>();

    /** The rules of a role (of a cluster role when the namespace is empty); null when there is none. */
    @Nullable List<PolicyRule> rules(String namespace, String name) {
        return roles.get(new ObjectKey(namespace, name));
    }

    /** The bindings of one holder in a namespace, or the cluster-wide ones when it is empty; by name. */
    List<Held> held(String namespace, String holder) {
        return held.getOrDefault(new Holder(namespace, holder), List.of());
    }

    void putRole(ObjectKey key, Document role) {
        roles.put(key, PolicyRule.of(role));
    }

    void removeRole(ObjectKey key) {
        roles.remove(key);
    }

    void putBinding(ObjectKey key, Document document) {
        removeBinding(key);
        Binding binding = Binding.of(key.namespace(), document);
        bindings.put(key, binding);
        for (Binding.Subject subject : binding.subjects()) {
            held.compute(new Holder(key.namespace(), subject.holder()), (holder, before) -> {
                List<Held> after = new ArrayList<>(before == null ? List.of() : before);
                after.add(new Held(binding, subject));
                after.sort(BY_NAME);
                return List.copyOf(after);
            });
        }
    }

    void removeBinding(ObjectKey key) {
        Binding binding = bindings.remove(key);
        if (binding == null) {
            return;
        }
        for (Binding.Subject subject : binding.subjects()) {
            held.computeIfPresent(new Holder(key.namespace(), subject.holder()), (holder, before) -> {
                List<Held> after =
                        before.stream().filter(one -> one.binding() != binding).toList();
                return after.isEmpty() ? null : after;
            });
        }
    }

    void clear() {
        roles.clear();
        bindings.clear();
        held.clear();
    }
}
