package io.quarterdeck.api.admission.policy;

import io.quarterdeck.api.admission.AdmissionPlugin;
import io.quarterdeck.api.admission.AdmissionRequest;
import io.quarterdeck.api.admission.RequestMatcher;
import io.quarterdeck.api.cache.WatchCache;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.validation.Values;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.StatusException;
import io.quarterdeck.model.StatusException.Cause;
import io.quarterdeck.model.StatusException.Details;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * Lets ValidatingAdmissionPolicies judge objects.
 *
 * <p>Source: Kubernetes documentation, "Validating Admission Policy"; KEP-3488.
 */
@Component
final class ValidatingAdmissionPolicyPlugin implements AdmissionPlugin {

    private static final String GROUP = "admissionregistration.k8s.io";
    private static final int MOST_FAILURES = 50;
    private static final int LONGEST_ANNOTATION = 10 * 1024;

    private final PolicyDispatcher dispatcher;
    private final PolicySource<ValidatingPolicy> policies;

    /** A refusal, by which policy and binding. */
    private record Denial(ValidatingPolicy policy, @Nullable Document binding, String message, String reason) {

        String shown() {
            return binding == null
                    ? "ValidatingAdmissionPolicy '%s' denied request: %s".formatted(policy.name(), message)
                    : "ValidatingAdmissionPolicy '%s' with binding '%s' denied request: %s"
                            .formatted(policy.name(), binding.name(), message);
        }
    }

    /** What one request has met so far. */
    private static final class Outcome {
        private final List<Denial> denials = new ArrayList<>();
        private final ArrayNode failures = JsonNodeFactory.instance.arrayNode();
        private final Map<String, Set<String>> annotations = new LinkedHashMap<>();
    }

    ValidatingAdmissionPolicyPlugin(PolicyDispatcher dispatcher, WatchCache cache) {
        this.dispatcher = dispatcher;
        this.policies = new PolicySource<>(
                cache,
                new GroupResource(GROUP, "validatingadmissionpolicies"),
                new GroupResource(GROUP, "validatingadmissionpolicybindings"),
                ValidatingPolicy::new);
    }

    @Override
    public String name() {
        return "ValidatingAdmissionPolicy";
    }

    @Override
    public void validate(AdmissionRequest request) {
        if (RequestMatcher.isExempt(request)) {
            return;
        }
        Outcome outcome = new Outcome();
        var judge = new PolicyDispatcher.Handler<ValidatingPolicy>() {
            @Override
            public void evaluate(ValidatingPolicy policy, PolicyDispatcher.Evaluation evaluation) {
                act(policy, evaluation.binding(), policy.judge(evaluation.values()), request, outcome);
            }

            @Override
            public void misconfigured(ValidatingPolicy policy, @Nullable Document binding, String message) {
                outcome.denials.add(new Denial(policy, binding, message, ""));
            }
        };
        policies.current().forEach(bound -> dispatcher.dispatch(bound, request, judge));
        outcome.annotations.forEach((key, values) -> request.request().annotate(key, String.join(", ", values)));
        if (!outcome.failures.isEmpty()) {
            request.request()
                    .annotate("validation.policy.admission.k8s.io/validation_failure", outcome.failures.toString());
        }
        if (!outcome.denials.isEmpty()) {
            throw refusal(request, outcome.denials.getFirst());
        }
    }

    private static void act(
            ValidatingPolicy policy,
            Document binding,
            ValidatingPolicy.Verdict verdict,
            AdmissionRequest request,
            Outcome outcome) {
        List<String> actions = Values.strings(binding.at("spec.validationActions"));
        for (ValidatingPolicy.Finding finding : verdict.findings()) {
            if (finding.failed() && policy.ignoresFailures()) {
                continue;
            }
            if (actions.contains("Deny")) {
                outcome.denials.add(new Denial(policy, binding, finding.message(), finding.reason()));
            }
            if (actions.contains("Audit") && outcome.failures.size() < MOST_FAILURES) {
                ArrayNode said = JsonNodeFactory.instance.arrayNode();
                actions.forEach(said::add);
                outcome.failures
                        .addObject()
                        .put("message", finding.message())
                        .put("policy", policy.name())
                        .put("binding", binding.name())
                        .put("expressionIndex", finding.index())
                        .set("validationActions", said);
            }
            if (actions.contains("Warn")) {
                request.request()
                        .warn("Validation failed for ValidatingAdmissionPolicy '%s' with binding '%s': %s"
                                .formatted(policy.name(), binding.name(), finding.message()));
            }
        }
        for (ValidatingPolicy.Annotation annotation : verdict.annotations()) {
            if (annotation.error() == null) {
                String value = annotation.value();
                outcome.annotations
                        .computeIfAbsent(policy.name() + "/" + annotation.key(), key -> new LinkedHashSet<>())
                        .add(value.length() > LONGEST_ANNOTATION ? value.substring(0, LONGEST_ANNOTATION) : value);
            } else if (!policy.ignoresFailures()) {
                outcome.denials.add(new Denial(policy, binding, annotation.error(), ""));
            }
        }
    }

    private static StatusException refusal(AdmissionRequest request, Denial denial) {
        String reason = denial.reason().isEmpty() ? "Invalid" : denial.reason();
        int code = switch (reason) {
            case "Forbidden" -> 403;
            case "Unauthorized" -> 401;
            case "RequestEntityTooLarge" -> 413;
            default -> 422;
        };
        GroupResource resource = request.resource().resource();
        return new StatusException(
                code,
                reason,
                "%s \"%s\" is forbidden: %s".formatted(resource, request.shownName(), denial.shown()),
                new Details(
                        request.shownName(),
                        resource.group(),
                        resource.resource(),
                        "",
                        List.of(new Cause("", denial.shown(), "")),
                        0));
    }
}
