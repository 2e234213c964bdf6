package io.quarterdeck.api.admission.plugins;

import io.quarterdeck.api.admission.AdmissionPlugin;
import io.quarterdeck.api.admission.AdmissionRequest;
import io.quarterdeck.api.admission.AdmissionRequest.Operation;
import io.quarterdeck.api.admission.Reinvocation;
import io.quarterdeck.api.authn.User;
import io.quarterdeck.api.authz.Escalation;
import io.quarterdeck.api.authz.PolicyRule;
import io.quarterdeck.api.document.Document;
import java.util.List;
import org.springframework.stereotype.Component;

/**
 * Nobody gives away rights that they do not hold. Part of RBAC itself: it cannot be switched off.
 *
 * <p>Source: Kubernetes documentation, "Privilege escalation prevention and bootstrapping".
 */
@Component
final class RbacEscalation implements AdmissionPlugin {

    private final Escalation escalation;

    RbacEscalation(Escalation escalation) {
        this.escalation = escalation;
    }

    @Override
    public String name() {
        return "RBACEscalation";
    }

    /** Nobody gives away what he does not hold, whatever the settings say. */
    @Override
    public boolean canBeSwitched() {
        return false;
    }

    /** When all others have changed what they want, and before anything else is found wrong. */
    @Override
    public void mutate(AdmissionRequest request, Reinvocation round) {
        Document object = request.object();
        if (object == null
                || !request.resource().group().equals("rbac.authorization.k8s.io")
                || (request.operation() != Operation.CREATE && request.operation() != Operation.UPDATE)) {
            return;
        }
        Document old = request.old();
        if (old != null && onlyCollected(old, object)) {
            return;
        }
        User user = request.request().user();
        String resource = request.resource().plural();
        String namespace = request.request().key().namespace();
        switch (resource) {
            case "roles", "clusterroles" -> {
                boolean aggregated = object.has("aggregationRule") || (old != null && old.has("aggregationRule"));
                escalation.checkRole(user, resource, namespace, object.name(), PolicyRule.of(object), aggregated);
            }
            case "rolebindings", "clusterrolebindings" -> {
                escalation.checkBinding(
                        user,
                        resource,
                        namespace,
                        object.name(),
                        object.text("roleRef.kind"),
                        object.text("roleRef.name"));
            }
            default -> {
                // Nothing else hands out rights.
            }
        }
    }

    /** Whether nothing changes but what the garbage collector changes. */
    private static boolean onlyCollected(Document old, Document object) {
        Document before = old.copy();
        Document after = object.copy();
        for (String field : List.of("ownerReferences", "finalizers", "managedFields")) {
            before.remove("metadata." + field);
            after.remove("metadata." + field);
        }
        return before.equals(after);
    }
}
