package io.quarterdeck.controller.policystatus;

import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingAdmissionPolicy;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarterdeck.client.ApiClient;
import io.quarterdeck.client.ResourceType;
import io.quarterdeck.controller.Discovery;
import io.quarterdeck.feed.ChangeHandler;
import io.quarterdeck.feed.Informer;
import io.quarterdeck.feed.Informers;
import io.quarterdeck.feed.ObjectStore;
import io.quarterdeck.model.GroupVersionKind;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.model.StatusException;
import io.quarterdeck.reconcile.Controller;
import io.quarterdeck.reconcile.KeyedLoop;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes into the status of each ValidatingAdmissionPolicy what {@link TypeChecker} finds, once for each generation. It asks
 * the API which kinds there are and what they look like.
 */
public final class PolicyStatusController implements Controller {

    /** Upstream's name of the controller, and the owner of what it writes. */
    private static final String NAME = "validatingadmissionpolicy-status";

    private static final ResourceType<ValidatingAdmissionPolicy> POLICIES =
            ResourceType.of(ValidatingAdmissionPolicy.class);

    private final ApiClient api;
    private final Discovery discovery;
    private final Informer<ValidatingAdmissionPolicy> policies;
    private final KeyedLoop<ObjectKey> loop;

    /** @param workers policies looked at at once */
    public PolicyStatusController(
            ApiClient api,
            Discovery discovery,
            Informers informers,
            InstantSource clock,
            MeterRegistry registry,
            int workers) {
        this.api = api;
        this.discovery = discovery;
        this.policies = informers.of(ValidatingAdmissionPolicy.class);
        this.loop = new KeyedLoop<>(NAME, workers, this::work, clock, registry);
        policies.handle(new ChangeHandler<>() {
            @Override
            public void added(ValidatingAdmissionPolicy policy) {
                loop.add(ObjectStore.keyOf(policy));
            }

            @Override
            public void updated(ValidatingAdmissionPolicy before, ValidatingAdmissionPolicy after) {
                added(after);
            }

            @Override
            public void deleted(ValidatingAdmissionPolicy last) {
                // Nothing is left to write to.
            }
        });
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public void start() {
        loop.start();
        policies.lister().all().forEach(policy -> loop.add(ObjectStore.keyOf(policy)));
    }

    @Override
    public void stop() {
        loop.stop();
    }

    @Override
    public State state() {
        return loop.state();
    }

    private KeyedLoop.Done work(ObjectKey key) {
        Optional<ValidatingAdmissionPolicy> known = policies.lister().get(key.namespace(), key.name());
        if (known.isPresent() && observed(known.get()) < generation(known.get())) {
            api.apply(POLICIES, key, "status", NAME, status(known.get(), check(known.get())));
        }
        return KeyedLoop.Done.DONE;
    }

    private List<TypeChecker.Warning> check(ValidatingAdmissionPolicy policy) {
        Set<GroupVersionKind> kinds =
                MatchedKinds.of(policy, discovery.allVersions().served());
        OpenApiSchemas schemas = new OpenApiSchemas(this::document);
        return new TypeChecker(schemas::of).check(policy, kinds);
    }

    private Optional<JsonNode> document(String path) {
        try {
            return Optional.of(api.raw("GET", path, "application/json", null));
        } catch (StatusException refused) {
            if (refused.code() == 404) {
                return Optional.empty();
            }
            throw refused;
        }
    }

    private static long generation(ValidatingAdmissionPolicy policy) {
        Long generation = policy.getMetadata().getGeneration();
        return generation == null ? 0 : generation;
    }

    private static long observed(ValidatingAdmissionPolicy policy) {
        Long observed = policy.getStatus() == null ? null : policy.getStatus().getObservedGeneration();
        return observed == null ? 0 : observed;
    }

    private static JsonNode status(ValidatingAdmissionPolicy policy, List<TypeChecker.Warning> warnings) {
        ObjectNode fields = JsonNodeFactory.instance.objectNode();
        fields.put("apiVersion", POLICIES.apiVersion()).put("kind", POLICIES.kind());
        fields.putObject("metadata").put("name", policy.getMetadata().getName());
        ObjectNode status = fields.putObject("status").put("observedGeneration", generation(policy));
        ObjectNode checking = status.putObject("typeChecking");
        if (!warnings.isEmpty()) {
            ArrayNode told = checking.putArray("expressionWarnings");
            warnings.forEach(warning ->
                    told.addObject().put("fieldRef", warning.fieldRef()).put("warning", warning.warning()));
        }
        return fields;
    }
}
