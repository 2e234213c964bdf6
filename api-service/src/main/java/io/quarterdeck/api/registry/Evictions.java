package io.quarterdeck.api.registry;

import io.quarterdeck.api.authn.User;
import io.quarterdeck.api.cache.Freshness;
import io.quarterdeck.api.cache.ListQuery;
import io.quarterdeck.api.cache.Selection;
import io.quarterdeck.api.cache.WatchCache;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.registry.WritePath.Manner;
import io.quarterdeck.api.registry.WritePath.Written;
import io.quarterdeck.api.schema.ObjectCodec;
import io.quarterdeck.api.store.Entry;
import io.quarterdeck.api.validation.Labels;
import io.quarterdeck.model.FieldSelector;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.LabelSelector;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.model.StatusException;
import io.quarterdeck.model.StatusException.Cause;
import io.quarterdeck.model.StatusException.Details;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The eviction subresource: deletes a Pod if its disruption budget can afford it. Thread-safe.
 *
 * <p>Source: Kubernetes documentation, "API-initiated Eviction"; policy/v1 PodDisruptionBudget.
 */
public final class Evictions {

    private static final GroupResource BUDGETS = new GroupResource("policy", "poddisruptionbudgets");
    private static final int MAX_DISRUPTED_PODS = 2000;
    private static final String VIOLATES = "Cannot evict pod as it would violate the pod's disruption budget.";

    private final LiveCatalog catalog;
    private final WatchCache cache;
    private final ObjectCodec codec;
    private final WritePath writes;

    public Evictions(LiveCatalog catalog, WatchCache cache, ObjectCodec codec, WritePath writes) {
        this.catalog = catalog;
        this.cache = cache;
        this.codec = codec;
        this.writes = writes;
    }

    /** @throws StatusException 429 when the budget forbids it for now */
    public void evict(ResourceDefinition pods, Document eviction, RequestInfo request) {
        ObjectKey key = request.key();
        DeleteOptions options = eviction.at("deleteOptions") instanceof ObjectNode node
                ? DeleteOptions.of(new Document(node))
                : DeleteOptions.DEFAULT;
        boolean dryRun = request.dryRun() || options.dryRun();
        RequestInfo deletion = request.tried(dryRun);
        Entry entry = cache.get(pods.storage(), key, new Freshness.Consistent())
                .orElseThrow(() -> StatusException.notFound(pods.resource(), key.name()));
        Document pod = codec.read(entry.body(), pods.gvk());
        if (!needsBudget(pod)) {
            delete(pods, dryRun ? options : markTarget(pods, options, deletion, pod), deletion, pod);
            return;
        }
        List<Document> budgets = budgets(pod);
        if (budgets.size() > 1) {
            throw new StatusException(
                    500,
                    "InternalError",
                    "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.",
                    null);
        }
        if (!budgets.isEmpty()) {
            Document budget = budgets.getFirst();
            if (!disregards(budget, pod)) {
                charge(budget, pod, deletion);
            }
        }
        delete(pods, dryRun ? options : markTarget(pods, options, deletion, pod), deletion, pod);
    }

    private void delete(ResourceDefinition pods, DeleteOptions options, RequestInfo request, Document pod) {
        // The judged Pod, and no other of its name, may go. The eviction was admitted, nobody is asked again.
        writes.deleteUnjudged(
                pods,
                new DeleteOptions(
                        options.gracePeriodSeconds(),
                        options.propagation(),
                        options.orphanDependents(),
                        options.uid().isEmpty() ? Optional.of(pod.uid()) : options.uid(),
                        options.resourceVersion(),
                        options.dryRun()),
                request);
    }

    private static boolean needsBudget(Document pod) {
        return !pod.deleting() && !Set.of("Succeeded", "Failed", "Pending").contains(pod.text("status.phase"));
    }

    private List<Document> budgets(Document pod) {
        ResourceDefinition budgets = catalog.stored(BUDGETS).orElseThrow(StatusException::noSuchRoute);
        List<Document> matching = new ArrayList<>();
        Selection inNamespace = new Selection(pod.namespace(), "", LabelSelector.EVERYTHING, FieldSelector.EVERYTHING);
        for (Entry entry : cache.list(BUDGETS, ListQuery.of(inNamespace, new Freshness.Consistent()))
                .entries()) {
            Document budget = codec.read(entry.body(), budgets.gvk());
            if (budget.has("spec.selector") && Labels.selects(budget.at("spec.selector"), pod.at("metadata.labels"))) {
                matching.add(budget);
            }
        }
        return matching;
    }

    /** Unhealthy Pods may go when their budget says so, or when enough others are healthy. */
    private static boolean disregards(Document budget, Document pod) {
        boolean ready = pod.items("status.conditions").stream()
                .anyMatch(condition -> condition.path("type").asString("").equals("Ready")
                        && condition.path("status").asString("").equals("True"));
        if (ready) {
            return false;
        }
        if (budget.text("spec.unhealthyPodEvictionPolicy").equals("AlwaysAllow")) {
            return true;
        }
        return budget.number("status.currentHealthy", 0) >= budget.number("status.desiredHealthy", 0)
                && budget.number("status.desiredHealthy", 0) > 0;
    }

    private void charge(Document judged, Document pod, RequestInfo request) {
        ResourceDefinition budgets = catalog.stored(BUDGETS).orElseThrow(StatusException::noSuchRoute);
        RequestInfo update = new RequestInfo(
                User.API_SERVER,
                "update",
                budgets.version(),
                new ObjectKey(judged.namespace(), judged.name()),
                "status",
                request.dryRun(),
                "kube-apiserver",
                request.fieldValidation(),
                request.auditId(),
                request.now(),
                request.warnings());
        writes.update(budgets, update, Manner.PATCH.unjudged(), budget -> {
            if (budget != null) {
                afford(budget, pod, request);
            }
            return budget;
        });
    }

    private static void afford(Document budget, Document pod, RequestInfo request) {
        if (budget.number("status.observedGeneration", 0) < budget.number("metadata.generation", 0)) {
            throw tooManyRequests(
                    "The disruption budget %s is still being processed by the server.".formatted(budget.name()), 10);
        }
        long allowed = budget.number("status.disruptionsAllowed", 0);
        if (allowed < 0) {
            throw StatusException.forbidden(BUDGETS, budget.name(), "pdb disruptions allowed is negative");
        }
        if (budget.at("status.disruptedPods").size() > MAX_DISRUPTED_PODS) {
            throw StatusException.forbidden(
                    BUDGETS,
                    budget.name(),
                    "DisruptedPods map too big - too many evictions not confirmed by PDB controller");
        }
        if (allowed == 0) {
            throw tooManyRequests(
                    "The disruption budget %s needs %d healthy pods and has %d currently"
                            .formatted(
                                    budget.name(),
                                    budget.number("status.desiredHealthy", 0),
                                    budget.number("status.currentHealthy", 0)),
                    0);
        }
        budget.set("status.disruptionsAllowed", allowed - 1);
        if (allowed == 1) {
            condition(
                    budget,
                    "DisruptionAllowed",
                    "False",
                    "InsufficientPods",
                    null,
                    request,
                    budget.number("metadata.generation", 0));
        }
        budget.object("status.disruptedPods")
                .put(pod.name(), request.now().truncatedTo(ChronoUnit.SECONDS).toString());
    }

    private static StatusException tooManyRequests(String cause, int retryAfter) {
        return new StatusException(
                429,
                "TooManyRequests",
                VIOLATES,
                new Details("", "", "", "", List.of(new Cause("DisruptionBudget", cause, "")), retryAfter));
    }

    /** @return what to delete by: the mark is no change that a client's precondition speaks of */
    private DeleteOptions markTarget(
            ResourceDefinition pods, DeleteOptions options, RequestInfo request, Document pod) {
        AtomicBoolean expected = new AtomicBoolean();
        RequestInfo update = request.as("update").on("status").tried(false);
        // Nobody owns the mark: upstream writes it behind the managers' backs.
        Written marked = writes.update(pods, update, Manner.APPLY.unjudged(), current -> {
            expected.set(current != null
                    && options.resourceVersion()
                            .filter(version -> !version.equals(current.text("metadata.resourceVersion")))
                            .isEmpty());
            if (current != null && expected.get() && current.uid().equals(pod.uid())) {
                condition(
                        current,
                        "DisruptionTarget",
                        "True",
                        "EvictionByEvictionAPI",
                        "Eviction API: evicting",
                        request,
                        0);
            }
            return current;
        });
        return expected.get() && options.resourceVersion().isPresent()
                ? options.at(marked.entry().revision())
                : options;
    }

    private static void condition(
            Document object,
            String type,
            String status,
            String reason,
            @Nullable String message,
            RequestInfo request,
            long observedGeneration) {
        ArrayNode conditions = object.at("status.conditions") instanceof ArrayNode present
                ? present
                : object.object("status").putArray("conditions");
        Optional<JsonNode> known = conditions
                .valueStream()
                .filter(condition -> condition.path("type").asString("").equals(type))
                .findFirst();
        ObjectNode condition =
                (ObjectNode) known.orElseGet(() -> conditions.addObject().put("type", type));
        if (!condition.path("status").asString("").equals(status)) {
            condition.put(
                    "lastTransitionTime",
                    request.now().truncatedTo(ChronoUnit.SECONDS).toString());
        }
        condition.put("status", status).put("reason", reason);
        condition.put("message", message == null ? "" : message);
        if (observedGeneration > 0) {
            condition.put("observedGeneration", observedGeneration);
        }
    }
}
