package io.quarterdeck.api.authz;

import io.quarterdeck.api.authn.User;
import io.quarterdeck.api.cache.CacheFollower;
import io.quarterdeck.api.cache.CachedObjects;
import io.quarterdeck.api.cache.WatchCache;
import io.quarterdeck.api.store.Change;
import io.quarterdeck.api.store.Entry;
import io.quarterdeck.model.GoErrors;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.ObjectKey;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.BiPredicate;

/**
 * Allows what some role allows that the user, or one of the user's groups, holds. Answers from an index in microseconds.
 * Thread-safe.
 *
 * <p>Source: Kubernetes documentation, "Using RBAC Authorization".
 */
public final class RbacAuthorizer implements Authorizer {

    private static final String GROUP = "rbac.authorization.k8s.io";
    private static final GroupResource ROLES = new GroupResource(GROUP, "roles");
    private static final GroupResource CLUSTER_ROLES = new GroupResource(GROUP, "clusterroles");
    private static final GroupResource ROLE_BINDINGS = new GroupResource(GROUP, "rolebindings");
    private static final GroupResource CLUSTER_ROLE_BINDINGS = new GroupResource(GROUP, "clusterrolebindings");

    private final RbacIndex index = new RbacIndex();
    private final CacheFollower follower;

    public RbacAuthorizer(WatchCache cache) {
        Map<GroupResource, BiConsumer<Change.Type, Entry>> handlers = new LinkedHashMap<>();
        handlers.put(CLUSTER_ROLES, this::role);
        handlers.put(ROLES, this::role);
        handlers.put(CLUSTER_ROLE_BINDINGS, this::binding);
        handlers.put(ROLE_BINDINGS, this::binding);
        this.follower = new CacheFollower(cache, handlers, index::clear);
    }

    private void role(Change.Type type, Entry entry) {
        ObjectKey key = entry.key().key();
        if (type == Change.Type.DELETED) {
            index.removeRole(key);
        } else {
            index.putRole(key, CachedObjects.document(entry));
        }
    }

    private void binding(Change.Type type, Entry entry) {
        ObjectKey key = entry.key().key();
        if (type == Change.Type.DELETED) {
            index.removeBinding(key);
        } else {
            index.putBinding(key, CachedObjects.document(entry));
        }
    }

    @Override
    public Decision decide(AccessRequest request) {
        List<String> allowedBy = new ArrayList<>(1);
        List<String> errors = visit(request.user(), request.namespace(), (held, rules) -> {
            for (PolicyRule rule : rules) {
                if (rule.allows(request)) {
                    allowedBy.add("RBAC: allowed by " + held.binding().shown(held.subject()));
                    return false;
                }
            }
            return true;
        });
        return allowedBy.isEmpty()
                ? new Decision.NoOpinion(errors.isEmpty() ? "" : "RBAC: " + GoErrors.aggregate(errors))
                : new Decision.Allow(allowedBy.getFirst());
    }

    @Override
    public Holdings holdings(User user, String namespace) {
        List<PolicyRule> all = new ArrayList<>();
        // A binding may name the user and a group of the user's.
        Set<Binding> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        List<String> errors = visit(user, namespace, (held, rules) -> {
            if (seen.add(held.binding())) {
                all.addAll(rules);
            }
            return true;
        });
        return new Holdings(all, errors);
    }

    /** The rules of a role as bindings name it; empty when there is none. */
    Optional<List<PolicyRule>> rules(String roleKind, String namespace, String name) {
        follower.catchUp();
        return Optional.ofNullable(index.rules(roleKind.equals("ClusterRole") ? "" : namespace, name));
    }

    /** Shows each role held, cluster-wide ones first, until the visitor has enough; answers the roles not found. */
    private List<String> visit(User user, String namespace, BiPredicate<RbacIndex.Held, List<PolicyRule>> visitor) {
        follower.catchUp();
        Set<String> errors = new LinkedHashSet<>();
        boolean more = visit(user, "", visitor, errors);
        if (more && !namespace.isEmpty()) {
            visit(user, namespace, visitor, errors);
        }
        return List.copyOf(errors);
    }

    private boolean visit(
            User user, String namespace, BiPredicate<RbacIndex.Held, List<PolicyRule>> visitor, Set<String> errors) {
        if (!user.name().isEmpty() && !visit(Binding.user(user.name()), namespace, visitor, errors)) {
            return false;
        }
        for (String group : user.groups()) {
            if (!visit(Binding.group(group), namespace, visitor, errors)) {
                return false;
            }
        }
        return true;
    }

    private boolean visit(
            String holder,
            String namespace,
            BiPredicate<RbacIndex.Held, List<PolicyRule>> visitor,
            Set<String> errors) {
        for (RbacIndex.Held held : index.held(namespace, holder)) {
            Binding binding = held.binding();
            boolean clusterRole = binding.roleKind().equals("ClusterRole");
            List<PolicyRule> rules = index.rules(clusterRole ? "" : namespace, binding.roleName());
            if (rules == null) {
                errors.add("%s.rbac.authorization.k8s.io \"%s\" not found"
                        .formatted(clusterRole ? "clusterrole" : "role", binding.roleName()));
            } else if (!visitor.test(held, rules)) {
                return false;
            }
        }
        return true;
    }
}
