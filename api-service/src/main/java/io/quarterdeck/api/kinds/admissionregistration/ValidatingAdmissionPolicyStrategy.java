package io.quarterdeck.api.kinds.admissionregistration;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.Cells;
import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.kinds.TableColumns;
import io.quarterdeck.api.patch.SettableFields;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.cel.CelEnvironment;
import io.quarterdeck.cel.PolicyEnvironment;
import io.quarterdeck.model.Formats;
import io.quarterdeck.model.GroupResource;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.springframework.stereotype.Component;

/** Policies that judge objects by expressions. */
@Component
final class ValidatingAdmissionPolicyStrategy implements KindStrategy {

    private static final SettableFields OF_STATUS = SettableFields.allBut("spec", "metadata");

    private static final Rules RULES = Rules.of(ValidatingAdmissionPolicyStrategy::check);

    @Override
    public GroupResource resource() {
        return new GroupResource("admissionregistration.k8s.io", "validatingadmissionpolicies");
    }

    @Override
    public boolean coreFinalizersOnly() {
        return false;
    }

    @Override
    public SettableFields settable(String subresource, boolean statusApart) {
        return subresource.equals("status") ? OF_STATUS : KindStrategy.super.settable(subresource, statusApart);
    }

    @Override
    public boolean allowsUnconditionalUpdate() {
        return false;
    }

    @Override
    public boolean hasGeneration() {
        return true;
    }

    @Override
    public void prepareForUpdate(Document next, Document old, RequestInfo request) {
        next.keep("status", old);
        next.countGenerationWhenChanged("spec", old);
    }

    @Override
    public boolean repeatsMetadataFindings() {
        return false;
    }

    @Override
    public void prepareForStatusUpdate(Document next, Document old, RequestInfo request) {
        KindStrategy.keepMetadata(next, old);
    }

    @Override
    public Rules rules() {
        return RULES;
    }

    private static void check(Field policy) {
        spec(policy.at("spec"), policy.at("metadata.name").text());
    }

    private static void spec(Field spec, String policy) {
        AdmissionRules.policy(spec, true);
        boolean params = spec.at("paramKind").present();
        CelEnvironment environment = AdmissionRules.variables(spec, PolicyEnvironment.of(params, true));
        CelEnvironment plain = AdmissionRules.knownVariables(spec, PolicyEnvironment.of(params, false));
        if (spec.at("validations").empty() && spec.at("auditAnnotations").empty()) {
            spec.at("validations").required("validations or auditAnnotations must contain at least one item");
            spec.at("auditAnnotations").required("validations or auditAnnotations must contain at least one item");
        }
        for (Field validation : spec.at("validations").items()) {
            if (validation.at("expression").text().isBlank()) {
                validation.at("expression").required("expression is not specified");
            } else {
                AdmissionRules.expression(validation.at("expression"), environment, List.of("bool"));
            }
            Field messageExpression = validation.at("messageExpression");
            if (messageExpression.present() && messageExpression.text().isBlank()) {
                messageExpression.invalid("must be non-empty if specified");
            } else if (messageExpression.present()) {
                AdmissionRules.expression(messageExpression, plain, List.of("string"));
            }
            Field message = validation.at("message");
            if (message.present() && message.text().isBlank()) {
                message.invalid("message must be non-empty if specified");
            } else if (message.text().contains("\n") || message.text().contains("\r")) {
                message.invalid("must not contain line breaks");
            }
            Field reason = validation.at("reason");
            if (reason.present()
                    && !List.of("Forbidden", "Invalid", "RequestEntityTooLarge").contains(reason.text())) {
                reason.unsupported("Forbidden", "Invalid", "RequestEntityTooLarge");
            }
        }
        Set<String> keys = new HashSet<>();
        for (Field annotation : spec.at("auditAnnotations").items()) {
            key(annotation.at("key"), policy, keys);
            if (annotation.at("valueExpression").text().isBlank()) {
                annotation.at("valueExpression").required("valueExpression is not specified");
            } else {
                AdmissionRules.expression(annotation.at("valueExpression"), plain, List.of("string", "null_type"));
            }
        }
    }

    /** Records name an annotation by the policy besides. */
    private static void key(Field key, String policy, Set<String> seen) {
        if (key.require()) {
            String whole = policy + "/" + key.text();
            Formats.qualifiedName(whole).forEach(problem -> key.invalidValue(whole, problem));
            if (!seen.add(key.text())) {
                key.duplicate();
            }
        }
    }

    private static String paramKind(Document policy) {
        return policy.has("spec.paramKind")
                ? policy.text("spec.paramKind.apiVersion") + "/" + policy.text("spec.paramKind.kind")
                : Cells.UNSET;
    }

    @Override
    public Optional<Columns> columns() {
        return TableColumns.of("validatingadmissionpolicies.admissionregistration.k8s.io")
                .number(
                        "Validations",
                        object -> object.items("spec.validations").size())
                .text("ParamKind", ValidatingAdmissionPolicyStrategy::paramKind)
                .columns();
    }
}
