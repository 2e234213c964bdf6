package io.quarterdeck.api.kinds.admissionregistration;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.Cells;
import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.kinds.TableColumns;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.model.GroupResource;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.springframework.stereotype.Component;

/** Where a policy holds, and what follows when it is broken. */
@Component
final class ValidatingAdmissionPolicyBindingStrategy implements KindStrategy {

    private static final Rules RULES = Rules.of(Rules.at("spec", ValidatingAdmissionPolicyBindingStrategy::spec));

    @Override
    public GroupResource resource() {
        return new GroupResource("admissionregistration.k8s.io", "validatingadmissionpolicybindings");
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

    private static void spec(Field spec) {
        AdmissionRules.binding(spec);
        Field actions = spec.at("validationActions");
        if (actions.empty()) {
            actions.required("at least one validation action is required");
        }
        Set<String> seen = new HashSet<>();
        for (Field action : actions.items()) {
            action.oneOf("Audit", "Deny", "Warn");
            if (!seen.add(action.text())) {
                action.duplicate();
            }
        }
        if (seen.contains("Deny") && seen.contains("Warn")) {
            actions.invalid(
                    "must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)");
        }
    }

    static String paramRef(Document binding) {
        if (!binding.has("spec.paramRef")) {
            return Cells.UNSET;
        }
        String name = binding.text("spec.paramRef.name");
        String namespace = binding.text("spec.paramRef.namespace");
        return name.isEmpty() ? "*" : namespace.isEmpty() ? "*/" + name : namespace + "/" + name;
    }

    @Override
    public Optional<Columns> columns() {
        return TableColumns.of("validatingadmissionpolicybindings.admissionregistration.k8s.io")
                .text("PolicyName", "spec.policyName")
                .text("ParamRef", ValidatingAdmissionPolicyBindingStrategy::paramRef)
                .columns();
    }
}
