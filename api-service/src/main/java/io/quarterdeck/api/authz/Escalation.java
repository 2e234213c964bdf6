package io.quarterdeck.api.authz;

import io.quarterdeck.api.authn.User;
import io.quarterdeck.model.GoQuote;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.StatusException;
import java.util.ArrayList;
import java.util.List;

/**
 * Nobody gives away what they do not hold: who writes a role or a binding must hold its rules, or have been given the
 * verb {@code escalate} on the role, or {@code bind}. Thread-safe.
 *
 * <p>Source: Kubernetes documentation, "Privilege escalation prevention and bootstrapping".
 */
public final class Escalation {

    private static final String GROUP = "rbac.authorization.k8s.io";

    private final AuthorizerChain authorizer;
    private final RbacAuthorizer rbac;

    public Escalation(AuthorizerChain authorizer, RbacAuthorizer rbac) {
        this.authorizer = authorizer;
        this.rbac = rbac;
    }

    /**
     * @param resource {@code roles} or {@code clusterroles}
     * @param aggregated whether the role gathers others' rules, and so may come to hold any
     * @throws StatusException 403 when the user may not write a role of these rules
     */
    public void checkRole(
            User user, String resource, String namespace, String name, List<PolicyRule> rules, boolean aggregated) {
        if (user.groups().contains(User.MASTERS)
                || authorizer.allows(
                        AccessRequest.resource(user, "escalate", GROUP, "v1", resource, "", namespace, name))) {
            return;
        }
        GroupResource roles = new GroupResource(GROUP, resource);
        requireHeld(user, roles, namespace, name, rules);
        if (aggregated
                && !missing(rbac.holdings(user, namespace), PolicyRule.EVERYTHING)
                        .isEmpty()) {
            throw StatusException.forbidden(
                    roles, name, "must have cluster-admin privileges to use the aggregationRule");
        }
    }

    /**
     * @param resource {@code rolebindings} or {@code clusterrolebindings}
     * @throws StatusException 403 when the user may not hand out the role, 404 when only its absence stands in the way
     */
    public void checkBinding(
            User user, String resource, String namespace, String name, String roleKind, String roleName) {
        boolean clusterRole = roleKind.equals("ClusterRole");
        if (user.groups().contains(User.MASTERS)
                || authorizer.allows(AccessRequest.resource(
                        user, "bind", GROUP, "v1", clusterRole ? "clusterroles" : "roles", "", namespace, roleName))) {
            return;
        }
        GroupResource bindings = new GroupResource(GROUP, resource);
        if (!clusterRole && namespace.isEmpty()) {
            throw StatusException.badRequest("Namespace parameter required.");
        }
        List<PolicyRule> rules = rbac.rules(roleKind, namespace, roleName)
                .orElseThrow(() -> StatusException.notFound(bindings, roleName));
        requireHeld(user, bindings, namespace, name, rules);
    }

    private void requireHeld(User user, GroupResource resource, String namespace, String name, List<PolicyRule> rules) {
        Holdings holdings = rbac.holdings(user, namespace);
        List<PolicyRule> missing = missing(holdings, rules);
        if (!missing.isEmpty()) {
            String text = "user %s (groups=%s) is attempting to grant RBAC permissions not currently held:\n%s"
                    .formatted(GoQuote.quote(user.name()), GoQuote.listed(user.groups()), MissingRules.text(missing));
            if (!holdings.errors().isEmpty()) {
                text += "; resolution errors: [" + String.join(", ", holdings.errors()) + "]";
            }
            throw StatusException.forbidden(resource, name, text);
        }
    }

    private static List<PolicyRule> missing(Holdings holdings, List<PolicyRule> rules) {
        List<PolicyRule> missing = new ArrayList<>();
        for (PolicyRule rule : rules) {
            for (PolicyRule single : rule.singles()) {
                if (holdings.rules().stream().noneMatch(held -> held.covers(single))) {
                    missing.add(single);
                }
            }
        }
        return missing;
    }
}
