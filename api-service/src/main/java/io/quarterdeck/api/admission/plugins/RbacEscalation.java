package io.quarterdeck.api.admission.plugins;

import io.quarterdeck.api.admission.AdmissionPlugin;
import io.quarterdeck.api.admission.AdmissionRequest;
import io.quarterdeck.api.admission.AdmissionRequest.Operation;
import io.quarterdeck.api.authn.User;
import io.quarterdeck.api.authz.Escalation;
import io.quarterdeck.api.authz.PolicyRule;
import io.quarterdeck.api.document.Document;
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

    @Override
    public void validate(AdmissionRequest request) {
        Document object = request.object();
        if (object == null
                || !request.resource().group().equals("rbac.authorization.k8s.io")
                || (request.operation() != Operation.CREATE && request.operation() != Operation.UPDATE)) {
            return;
        }
        Document old = request.old();
        User user = request.request().user();
        String resource = request.resource().plural();
        String namespace = request.request().key().namespace();
        switch (resource) {
            case "roles", "clusterroles" -> {
                // Whoever only changes metadata (a finalizer, a label) gives nothing away.
                if (old != null && old.same("rules", object) && old.same("aggregationRule", object)) {
                    return;
                }
                boolean aggregated = object.has("aggregationRule") || (old != null && old.has("aggregationRule"));
                escalation.checkRole(user, resource, namespace, object.name(), PolicyRule.of(object), aggregated);
            }
            case "rolebindings", "clusterrolebindings" -> {
                if (old != null && old.same("roleRef", object) && old.same("subjects", object)) {
                    return;
                }
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
}
