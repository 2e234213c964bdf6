package io.quarterdeck.api.admission.policy;

import io.quarterdeck.api.admission.AdmissionPlugin;
import io.quarterdeck.api.admission.AdmissionRequest;
import io.quarterdeck.api.admission.Reinvocation;
import io.quarterdeck.api.admission.RequestMatcher;
import io.quarterdeck.api.admission.Versions;
import io.quarterdeck.api.cache.WatchCache;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.patch.PatchMisfitException;
import io.quarterdeck.api.patch.Patcher;
import io.quarterdeck.api.registry.ResourceDefinition;
import io.quarterdeck.api.schema.SchemaCatalog;
import io.quarterdeck.cel.CelEvaluationException;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.StatusException;
import io.quarterdeck.model.StatusException.Cause;
import io.quarterdeck.model.StatusException.Details;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/**
 * Lets MutatingAdmissionPolicies change objects.
 *
 * <p>Source: Kubernetes documentation, "Mutating Admission Policy"; KEP-3962.
 */
@Component
final class MutatingAdmissionPolicyPlugin implements AdmissionPlugin {

    private static final String GROUP = "admissionregistration.k8s.io";
    private static final String NAME = "MutatingAdmissionPolicy";

    private final PolicyDispatcher dispatcher;
    private final Versions versions;
    private final Patcher patcher;
    private final PolicySource<MutatingPolicy> policies;

    private record Failure(String message, String reason) {

        static Failure of(MutatingPolicy policy, @Nullable Document binding, String message, String reason) {
            return new Failure(
                    binding == null
                            ? "policy \"%s\" denied request: %s".formatted(policy.name(), message)
                            : "policy '%s' with binding '%s' denied request: %s"
                                    .formatted(policy.name(), binding.name(), message),
                    reason);
        }
    }

    MutatingAdmissionPolicyPlugin(PolicyDispatcher dispatcher, Versions versions, Patcher patcher, WatchCache cache) {
        this.dispatcher = dispatcher;
        this.versions = versions;
        this.patcher = patcher;
        this.policies = new PolicySource<>(
                cache,
                new GroupResource(GROUP, "mutatingadmissionpolicies"),
                new GroupResource(GROUP, "mutatingadmissionpolicybindings"),
                MutatingPolicy::new);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public void mutate(AdmissionRequest request, Reinvocation round) {
        List<PolicySource.Bound<MutatingPolicy>> current = policies.current();
        if (current.isEmpty() || RequestMatcher.isExempt(request)) {
            return;
        }
        round.started(NAME, tree(request));
        List<Failure> failures = new ArrayList<>();
        var apply = new PolicyDispatcher.Handler<MutatingPolicy>() {
            @Override
            public void evaluate(MutatingPolicy policy, PolicyDispatcher.Evaluation evaluation) {
                apply(policy, evaluation, request, round, failures);
            }

            @Override
            public void misconfigured(MutatingPolicy policy, @Nullable Document binding, String message) {
                failures.add(Failure.of(policy, binding, message, ""));
            }
        };
        current.forEach(bound -> dispatcher.dispatch(bound, request, apply));
        round.finished(NAME, tree(request));
        if (!failures.isEmpty()) {
            throw refusal(request, failures);
        }
    }

    private static @Nullable JsonNode tree(AdmissionRequest request) {
        return request.object() == null ? null : request.object().tree();
    }

    private void apply(
            MutatingPolicy policy,
            PolicyDispatcher.Evaluation evaluation,
            AdmissionRequest request,
            Reinvocation round,
            List<Failure> failures) {
        Document param = evaluation.param();
        String key = policy.name() + "/" + evaluation.binding().name() + "/"
                + (param == null ? "" : param.namespace() + "/" + param.name());
        try {
            if (!policy.wants(evaluation.values()) || !round.calls(NAME, key)) {
                return;
            }
        } catch (MatchConditions.UndecidedException e) {
            fail(policy, evaluation, String.valueOf(e.getMessage()), failures);
            return;
        }
        boolean changed = false;
        for (int i = 0; i < policy.mutations() && request.object() != null; i++) {
            try {
                changed |= change(policy.change(i, evaluation.values()), evaluation.matched(), request);
            } catch (CelEvaluationException | Unfit e) {
                fail(policy, evaluation, String.valueOf(e.getMessage()), failures);
            }
        }
        round.called(NAME, key, changed, policy.reinvokes());
    }

    /** A change does not fit the object. */
    private static final class Unfit extends RuntimeException {

        private static final long serialVersionUID = 1;

        Unfit(String message) {
            super(message, null, false, false);
        }
    }

    private boolean change(MutatingPolicy.Change change, ResourceDefinition matched, AdmissionRequest request) {
        Document shown = Objects.requireNonNull(versions.in(matched, request, request.object()));
        Document next = switch (change) {
            case MutatingPolicy.Change.Configuration configuration -> {
                var schema = SchemaCatalog.builtin().find(matched.gvk()).orElse(null);
                List<String> unknown = ConfigurationMerge.unknown(schema, configuration.tree());
                if (!unknown.isEmpty()) {
                    throw new Unfit("error applying patch: failed to convert patch object to typed object: "
                            + String.join(", ", unknown));
                }
                List<String> atomics = ConfigurationMerge.atomics(schema, configuration.tree());
                if (!atomics.isEmpty()) {
                    throw new Unfit(
                            "error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: "
                                    + String.join(", ", atomics));
                }
                ConfigurationMerge.merge(schema, shown.tree(), configuration.tree());
                yield shown;
            }
            case MutatingPolicy.Change.Patch patch -> {
                byte[] operations = patch.operations().toString().getBytes(StandardCharsets.UTF_8);
                try {
                    yield declared(new Document(patcher.fitting(shown.tree().deepCopy(), operations)), shown, matched);
                } catch (PatchMisfitException e) {
                    if (e.isTest()) {
                        // A test says whether the rest is wanted at all.
                        yield shown;
                    }
                    throw new Unfit("JSON Patch: " + e.getMessage());
                }
            }
        };
        try {
            return versions.replace(request, matched, next);
        } catch (StatusException e) {
            throw StatusException.internal(e.text());
        }
    }

    private static Document declared(Document next, Document before, ResourceDefinition matched) {
        var schema = SchemaCatalog.builtin().find(matched.gvk()).orElse(null);
        List<String> undeclared = new ArrayList<>(ConfigurationMerge.undeclared(schema, next.tree()));
        undeclared.removeAll(ConfigurationMerge.undeclared(schema, before.tree()));
        if (!undeclared.isEmpty()) {
            throw StatusException.internal(undeclared.stream()
                    .map(path -> "unknown field \"" + path + '"')
                    .collect(Collectors.joining(", ", "strict decoding error: ", "")));
        }
        return next;
    }

    private static void fail(
            MutatingPolicy policy, PolicyDispatcher.Evaluation evaluation, String message, List<Failure> failures) {
        if (!policy.ignoresFailures()) {
            failures.add(Failure.of(policy, evaluation.binding(), message, "Invalid"));
        }
    }

    private static StatusException refusal(AdmissionRequest request, List<Failure> failures) {
        Failure first = failures.getFirst();
        GroupResource resource = request.resource().resource();
        return new StatusException(
                403,
                first.reason().isEmpty() ? "Forbidden" : first.reason(),
                first.message(),
                new Details(
                        request.shownName(),
                        resource.group(),
                        resource.resource(),
                        "",
                        failures.stream()
                                .map(failure -> new Cause("", failure.message(), ""))
                                .toList(),
                        0));
    }
}
