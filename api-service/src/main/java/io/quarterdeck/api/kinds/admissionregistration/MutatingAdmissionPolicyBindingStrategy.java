package io.quarterdeck.api.kinds.admissionregistration;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.kinds.TableColumns;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.model.GroupResource;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Where a changing policy holds. */
@Component
final class MutatingAdmissionPolicyBindingStrategy implements KindStrategy {

    private static final Rules RULES = Rules.of(Rules.at("spec", AdmissionRules::binding));

    @Override
    public GroupResource resource() {
        return new GroupResource("admissionregistration.k8s.io", "mutatingadmissionpolicybindings");
    }

    @Override
    public boolean hasGeneration() {
        return true;
    }

    @Override
    public void prepareForUpdate(Document next, Document old, RequestInfo request) {
        next.countGenerationWhenChanged("spec", old);
    }

    @Override
    public boolean allowsUnconditionalUpdate() {
        return false;
    }

    @Override
    public boolean repeatsMetadataFindings() {
        return false;
    }

    @Override
    public boolean coreFinalizersOnly() {
        return false;
    }

    @Override
    public Rules rules() {
        return RULES;
    }

    @Override
    public Optional<Columns> columns() {
        return TableColumns.of("mutatingadmissionpolicybindings.admissionregistration.k8s.io")
                .text("PolicyName", "spec.policyName")
                .text("ParamRef", ValidatingAdmissionPolicyBindingStrategy::paramRef)
                .columns();
    }
}
