package io.quarterdeck.api.admission;

import io.quarterdeck.api.cache.CachedObjects;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.registry.ResourceCatalog;
import io.quarterdeck.api.registry.ResourceDefinition;
import io.quarterdeck.api.validation.Labels;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.model.StatusException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/**
 * Whether webhooks and policies want to see a request: their rules and selectors. Thread-safe.
 *
 * <p>Source: API admissionregistration.k8s.io/v1, RuleWithOperations and MatchResources.
 */
@Component
public final class RequestMatcher {

    private static final GroupResource NAMESPACES = new GroupResource("", "namespaces");
    private static final String OWN_GROUP = "admissionregistration.k8s.io";

    private final CachedObjects objects;
    private final ObjectProvider<ResourceCatalog> catalog;

    RequestMatcher(CachedObjects objects, ObjectProvider<ResourceCatalog> catalog) {
        this.objects = objects;
        this.catalog = catalog;
    }

    /** Whether nobody but the server may judge the request: no webhook or policy can lock itself in. */
    public static boolean isExempt(AdmissionRequest request) {
        return request.resource().group().equals(OWN_GROUP);
    }

    /** The namespace whose labels count; null for cluster-scoped objects. */
    public @Nullable Document namespace(AdmissionRequest request) {
        if (!request.resource().namespaced()) {
            return null;
        }
        String name = request.request().key().namespace();
        return objects.find(NAMESPACES, new ObjectKey("", name))
                .orElseThrow(() -> StatusException.notFound(NAMESPACES, name));
    }

    /**
     * @param criteria a MatchResources: namespaceSelector, objectSelector, resourceRules, excludeResourceRules, matchPolicy
     * @param whenNoRules whether criteria without rules take in everything
     * @return the resource in the version that a rule speaks of; empty when the request is not meant
     */
    public Optional<ResourceDefinition> match(JsonNode criteria, AdmissionRequest request, boolean whenNoRules) {
        if (!selects(criteria, request)) {
            return Optional.empty();
        }
        boolean equivalent = criteria.path("matchPolicy").asString("").equals("Equivalent");
        if (rules(criteria.path("excludeResourceRules"), equivalent, request).isPresent()) {
            return Optional.empty();
        }
        JsonNode rules = criteria.path("resourceRules");
        return rules.isEmpty() && whenNoRules ? Optional.of(request.resource()) : rules(rules, equivalent, request);
    }

    /** @return the first version of the resource that a rule speaks of, the request's own before others */
    public Optional<ResourceDefinition> rules(JsonNode rules, boolean equivalent, AdmissionRequest request) {
        for (JsonNode rule : rules) {
            if (matches(rule, request, request.resource())) {
                return Optional.of(request.resource());
            }
        }
        if (equivalent) {
            List<ResourceDefinition> others = equivalents(request.resource());
            for (JsonNode rule : rules) {
                for (ResourceDefinition other : others) {
                    if (matches(rule, request, other)) {
                        return Optional.of(other);
                    }
                }
            }
        }
        return Optional.empty();
    }

    private List<ResourceDefinition> equivalents(ResourceDefinition resource) {
        List<ResourceDefinition> others = new ArrayList<>();
        for (ResourceDefinition other : catalog.getObject().all()) {
            if (other.storage().equals(resource.storage()) && !other.gvk().equals(resource.gvk())) {
                others.add(other);
            }
        }
        return others;
    }

    static boolean matches(JsonNode rule, AdmissionRequest request, ResourceDefinition resource) {
        return holds(rule.path("operations"), request.operation().name())
                && holds(rule.path("apiGroups"), resource.group())
                && holds(rule.path("apiVersions"), resource.version())
                && holdsResource(
                        rule.path("resources"),
                        resource.plural(),
                        request.request().subresource())
                && inScope(rule.path("scope").asString("*"), resource)
                && (rule.path("resourceNames").isEmpty()
                        || holds(
                                rule.path("resourceNames"),
                                request.request().key().name()));
    }

    private static boolean holds(JsonNode values, String wanted) {
        for (JsonNode value : values) {
            if (value.asString("").equals("*") || value.asString("").equals(wanted)) {
                return true;
            }
        }
        return false;
    }

    private static boolean holdsResource(JsonNode patterns, String resource, String subresource) {
        for (JsonNode pattern : patterns) {
            String[] parts = pattern.asString("").split("/", 2);
            String sub = parts.length > 1 ? parts[1] : "";
            if ((parts[0].equals("*") || parts[0].equals(resource)) && (sub.equals("*") || sub.equals(subresource))) {
                return true;
            }
        }
        return false;
    }

    private static boolean inScope(String scope, ResourceDefinition resource) {
        return switch (scope) {
            case "Namespaced" -> resource.namespaced();
            case "Cluster" -> !resource.namespaced();
            default -> true;
        };
    }

    /** Whether both selectors of {@code criteria} take in the request. */
    public boolean selects(JsonNode criteria, AdmissionRequest request) {
        return selectsNamespace(criteria.path("namespaceSelector"), request)
                && selectsObject(criteria.path("objectSelector"), request);
    }

    private boolean selectsNamespace(JsonNode selector, AdmissionRequest request) {
        if (isEmpty(selector)) {
            return true;
        }
        if (request.resource().resource().equals(NAMESPACES)) {
            Document labelled = request.object() != null ? request.object() : request.old();
            return labelled == null || Labels.selects(selector, labelled.at("metadata.labels"));
        }
        Document namespace = namespace(request);
        return namespace == null || Labels.selects(selector, namespace.at("metadata.labels"));
    }

    private static boolean selectsObject(JsonNode selector, AdmissionRequest request) {
        return isEmpty(selector) || selects(selector, request.object()) || selects(selector, request.old());
    }

    private static boolean selects(JsonNode selector, @Nullable Document object) {
        return object != null && object.has("metadata") && Labels.selects(selector, object.at("metadata.labels"));
    }

    private static boolean isEmpty(JsonNode selector) {
        return selector.path("matchLabels").isEmpty()
                && selector.path("matchExpressions").isEmpty();
    }
}
