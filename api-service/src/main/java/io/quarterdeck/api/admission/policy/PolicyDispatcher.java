package io.quarterdeck.api.admission.policy;

import io.quarterdeck.api.admission.AdmissionRequest;
import io.quarterdeck.api.admission.RequestMatcher;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.registry.ResourceDefinition;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Finds which policies a request has to pass, by which bindings and with which parameters. Thread-safe. */
@Component
final class PolicyDispatcher {

    private final RequestMatcher matcher;
    private final RequestVariables variables;
    private final PolicyParams params;

    /** What a policy kind does with what it meets. */
    interface Handler<P extends Policy> {

        void evaluate(P policy, Evaluation evaluation);

        /**
         * A policy that cannot be evaluated, and that does not let this pass.
         *
         * @param binding null when the policy itself is wrong
         */
        void misconfigured(P policy, @Nullable Document binding, String message);
    }

    /**
     * One policy by one binding with one set of parameters.
     *
     * @param matched the resource in the version that the policy asks for
     * @param param null where there are none
     */
    record Evaluation(
            Document binding,
            ResourceDefinition matched,
            @Nullable Document param,
            Supplier<Map<String, Object>> variables) {

        /** @return the variables of the expressions, with the object as it is now */
        Map<String, Object> values() {
            return variables.get();
        }
    }

    PolicyDispatcher(RequestMatcher matcher, RequestVariables variables, PolicyParams params) {
        this.matcher = matcher;
        this.variables = variables;
        this.params = params;
    }

    <P extends Policy> void dispatch(PolicySource.Bound<P> bound, AdmissionRequest request, Handler<P> handler) {
        P policy = bound.policy();
        Optional<ResourceDefinition> matched =
                matcher.match(policy.document().at("spec.matchConstraints"), request, false);
        if (matched.isEmpty()) {
            return;
        }
        ResourceDefinition paramKind;
        try {
            paramKind = params.kind(policy.document());
        } catch (PolicyParams.MissingException e) {
            misconfigured(policy, null, "failed to configure policy: " + e.getMessage(), handler);
            return;
        }
        for (Document binding : bound.bindings()) {
            if (binding.has("spec.matchResources")
                    && matcher.match(binding.at("spec.matchResources"), request, true)
                            .isEmpty()) {
                continue;
            }
            List<@Nullable Document> found;
            try {
                found = params.of(paramKind, binding, request);
            } catch (PolicyParams.MissingException e) {
                misconfigured(policy, binding, "failed to configure binding: " + e.getMessage(), handler);
                continue;
            }
            Document namespace = matcher.namespace(request);
            for (Document param : found) {
                Supplier<Map<String, Object>> now = () -> variables.of(request, matched.get(), namespace, param);
                handler.evaluate(policy, new Evaluation(binding, matched.get(), param, now));
            }
        }
    }

    private static <P extends Policy> void misconfigured(
            P policy, @Nullable Document binding, String message, Handler<P> handler) {
        if (!policy.ignoresFailures()) {
            handler.misconfigured(policy, binding, message);
        }
    }
}
