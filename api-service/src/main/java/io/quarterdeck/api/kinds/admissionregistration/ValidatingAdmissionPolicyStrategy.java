package io.quarterdeck.api.kinds.admissionregistration;

import io.quarterdeck.api.admission.policy.PolicyEnvironment;
import io.quarterdeck.api.cel.CelEnvironment;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.Cells;
import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.kinds.TableColumns;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Formats;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.model.GroupResource;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Policies that judge objects by expressions. */
@Component
final class ValidatingAdmissionPolicyStrategy implements KindStrategy {

    private static final Rules RULES = Rules.of(Rules.at("spec", ValidatingAdmissionPolicyStrategy::spec));

    @Override
    public GroupResource resource() {
        return new GroupResource("admissionregistration.k8s.io", "validatingadmissionpolicies");
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

    private static void spec(Field spec) {
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
        for (Field annotation : spec.at("auditAnnotations").items()) {
            annotation.at("key").requireFormat(Formats::qualifiedName);
            if (annotation.at("valueExpression").text().isBlank()) {
                annotation.at("valueExpression").required("valueExpression is not specified");
            } else {
                AdmissionRules.expression(annotation.at("valueExpression"), plain, List.of("string", "null_type"));
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
