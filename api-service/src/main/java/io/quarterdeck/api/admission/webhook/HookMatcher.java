package io.quarterdeck.api.admission.webhook;

import io.quarterdeck.api.admission.AdmissionRequest;
import io.quarterdeck.api.admission.RequestMatcher;
import io.quarterdeck.api.admission.policy.MatchConditions;
import io.quarterdeck.api.admission.policy.RequestVariables;
import io.quarterdeck.api.registry.ResourceDefinition;
import io.quarterdeck.model.StatusException;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Whether a webhook is to be asked about a request. Thread-safe. */
@Component
final class HookMatcher {

    private final RequestMatcher matcher;
    private final RequestVariables variables;

    HookMatcher(RequestMatcher matcher, RequestVariables variables) {
        this.matcher = matcher;
        this.variables = variables;
    }

    /** @return the resource in the version that the webhook wants; empty when it does not want the request */
    Optional<ResourceDefinition> match(Hook hook, AdmissionRequest request) {
        if (!matcher.selects(hook.node(), request)) {
            return Optional.empty();
        }
        Optional<ResourceDefinition> matched = matcher.rules(hook.node().path("rules"), hook.equivalent(), request);
        if (matched.isEmpty() || hook.node().path("matchConditions").isEmpty()) {
            return matched;
        }
        try {
            return hook.conditions().hold(variables.activation(request, matched.get(), null, null))
                    ? matched
                    : Optional.empty();
        } catch (MatchConditions.UndecidedException e) {
            if (hook.ignoresFailures()) {
                return Optional.empty();
            }
            throw StatusException.forbidden(
                    request.resource().resource(), request.requestedName(), String.valueOf(e.getMessage()));
        }
    }
}
