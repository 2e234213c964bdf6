package io.quarterdeck.api.kinds.admissionregistration;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.Cells;
import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.kinds.TableColumns;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.cel.CelEnvironment;
import io.quarterdeck.cel.PolicyEnvironment;
import io.quarterdeck.model.GroupResource;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Policies that change objects by expressions. */
@Component
final class MutatingAdmissionPolicyStrategy implements KindStrategy {

    private static final Rules RULES = Rules.of(Rules.at("spec", MutatingAdmissionPolicyStrategy::spec));

    @Override
    public GroupResource resource() {
        return new GroupResource("admissionregistration.k8s.io", "mutatingadmissionpolicies");
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
        AdmissionRules.policy(spec, true);
        CelEnvironment environment = AdmissionRules.variables(
                spec, PolicyEnvironment.forMutations(spec.at("paramKind").present()));
        Field mutations = spec.at("mutations");
        if (mutations.empty()) {
            mutations.required("mutations must contain at least one item");
        }
        for (Field mutation : mutations.items()) {
            Field json = mutation.at("jsonPatch");
            Field apply = mutation.at("applyConfiguration");
            switch (mutation.at("patchType").text()) {
                case "JSONPatch" -> {
                    if (!json.present()) {
                        json.required("must be specified when patchType is JSONPatch");
                    }
                    apply.ifPresent(field -> field.invalidValue(
                            "{applyConfiguration}", "must not be specified when patchType is JSONPatch"));
                }
                case "ApplyConfiguration" -> {
                    if (!apply.present()) {
                        apply.required("must be specified when patchType is ApplyConfiguration");
                    }
                    json.ifPresent(field -> field.invalidValue(
                            "{jsonPatch}", "must not be specified when patchType is ApplyConfiguration"));
                }
                case "" -> mutation.at("patchType").required();
                default -> mutation.at("patchType").unsupported("ApplyConfiguration", "JSONPatch");
            }
            expression(json, environment, "list(JSONPatch)");
            expression(apply, environment, "Object");
        }
        Field reinvocation = spec.at("reinvocationPolicy");
        if (reinvocation.require()) {
            reinvocation.oneOf("IfNeeded", "Never");
        }
    }

    private static void expression(Field mutation, CelEnvironment environment, String type) {
        if (mutation.present() && mutation.at("expression").require()) {
            AdmissionRules.expression(mutation.at("expression"), environment, List.of(type));
        }
    }

    private static String paramKind(Document policy) {
        return policy.has("spec.paramKind")
                ? policy.text("spec.paramKind.apiVersion") + "/" + policy.text("spec.paramKind.kind")
                : Cells.UNSET;
    }

    @Override
    public Optional<Columns> columns() {
        return TableColumns.of("mutatingadmissionpolicies.admissionregistration.k8s.io")
                .number("Mutations", object -> object.items("spec.mutations").size())
                .text("ParamKind", MutatingAdmissionPolicyStrategy::paramKind)
                .columns();
    }
}
