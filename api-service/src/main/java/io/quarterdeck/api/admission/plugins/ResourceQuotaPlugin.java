package io.quarterdeck.api.admission.plugins;

import io.quarterdeck.api.admission.AdmissionPlugin;
import io.quarterdeck.api.admission.AdmissionRequest;
import io.quarterdeck.api.admission.AdmissionRequest.Operation;
import io.quarterdeck.api.authn.User;
import io.quarterdeck.api.cache.CachedObjects;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.registry.ResourceCatalog;
import io.quarterdeck.api.registry.ResourceDefinition;
import io.quarterdeck.api.registry.WritePath;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.model.Quantity;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

/**
 * Lets a namespace have no more than its quotas say. What an object uses is charged to the quota before the object is
 * stored, by compare and set; when the object then fails, the quota controller's count gives it back.
 *
 * <p>Source: Kubernetes documentation, "Resource Quotas".
 */
@Component
final class ResourceQuotaPlugin implements AdmissionPlugin {

    private static final GroupResource QUOTAS = new GroupResource("", "resourcequotas");
    private static final GroupResource PODS = new GroupResource("", "pods");

    /** Updates can change only how much these use; all others are counted once. */
    private static final Set<String> GROWING = Set.of("pods", "services", "persistentvolumeclaims");

    private final CachedObjects objects;
    private final ObjectProvider<WritePath> writes;
    private final ObjectProvider<ResourceCatalog> catalog;

    /** The write path itself runs this plugin: it is looked up when it is needed. */
    ResourceQuotaPlugin(
            CachedObjects objects, ObjectProvider<WritePath> writes, ObjectProvider<ResourceCatalog> catalog) {
        this.objects = objects;
        this.writes = writes;
        this.catalog = catalog;
    }

    @Override
    public String name() {
        return "ResourceQuota";
    }

    @Override
    public void validate(AdmissionRequest request) {
        boolean create = request.operation() == Operation.CREATE
                && request.request().subresource().isEmpty();
        boolean grows = request.operation() == Operation.UPDATE
                && request.resource().group().isEmpty()
                && GROWING.contains(request.resource().plural())
                && (request.request().subresource().isEmpty()
                        || request.request().subresource().equals("resize"));
        String namespace = request.request().key().namespace();
        if ((!create && !grows) || !request.resource().namespaced() || namespace.isEmpty() || isVirtual(request)) {
            return;
        }
        List<Document> quotas = objects.list(QUOTAS, namespace);
        if (quotas.isEmpty()) {
            return;
        }
        for (Document quota : quotas) {
            judge(request, quota);
        }
        if (request.request().dryRun()) {
            return;
        }
        for (Document quota : quotas) {
            save(request, quota);
        }
    }

    /** Reviews and the like store nothing. */
    private static boolean isVirtual(AdmissionRequest request) {
        return !request.resource().verbs().contains("list");
    }

    static void judge(AdmissionRequest request, Document quota) {
        Map<String, Quantity> delta = delta(request, quota);
        GroupResource resource = request.resource().resource();
        if (resource.equals(PODS)
                && request.operation() == Operation.CREATE
                && QuotaUsage.inScope(quota, resource, request.body())) {
            List<String> missing = QuotaUsage.missing(new TreeSet<>(hard(quota).keySet()), request.body());
            if (!missing.isEmpty()) {
                throw request.forbidden(
                        "failed quota: " + quota.name() + ": must specify " + String.join("; ", missing));
            }
        }
        Map<String, Quantity> hard = hard(quota);
        Map<String, Quantity> used = LimitRanger.amounts(quota.at("status.used"));
        Set<String> unknown = new TreeSet<>(delta.keySet());
        unknown.removeAll(used.keySet());
        if (!unknown.isEmpty()) {
            throw request.forbidden(
                    "status unknown for quota: %s, resources: %s".formatted(quota.name(), String.join(",", unknown)));
        }
        Set<String> exceeded = new TreeSet<>();
        delta.forEach((name, more) -> {
            if (plus(used, name, more).compareTo(hardOf(hard, name)) > 0) {
                exceeded.add(name);
            }
        });
        if (!exceeded.isEmpty()) {
            throw request.forbidden("exceeded quota: %s, requested: %s, used: %s, limited: %s"
                    .formatted(quota.name(), shown(delta, exceeded), shown(used, exceeded), shown(hard, exceeded)));
        }
    }

    private static Quantity hardOf(Map<String, Quantity> hard, String name) {
        return hard.getOrDefault(name, Quantity.ZERO);
    }

    private static Quantity plus(Map<String, Quantity> used, String name, Quantity more) {
        return used.getOrDefault(name, Quantity.ZERO).plus(more);
    }

    /** What the request adds to what the quota counts; never less than nothing, giving back is the controller's. */
    private static Map<String, Quantity> delta(AdmissionRequest request, Document quota) {
        GroupResource resource = request.resource().resource();
        Map<String, Quantity> delta = new TreeMap<>();
        if (!QuotaUsage.inScope(quota, resource, request.body())) {
            return delta;
        }
        Map<String, Quantity> hard = hard(quota);
        Map<String, Quantity> before =
                request.operation() == Operation.UPDATE && QuotaUsage.inScope(quota, resource, request.stored())
                        ? QuotaUsage.of(resource, request.stored())
                        : Map.of();
        QuotaUsage.of(resource, request.body()).forEach((name, amount) -> {
            Quantity more = amount.minus(before.getOrDefault(name, Quantity.ZERO));
            if (hard.containsKey(name) && more.signum() > 0) {
                delta.put(name, more);
            }
        });
        return delta;
    }

    private static Map<String, Quantity> hard(Document quota) {
        return LimitRanger.amounts(quota.at("status.hard"));
    }

    private static String shown(Map<String, Quantity> amounts, Set<String> names) {
        return names.stream()
                .map(name -> name + "=" + amounts.getOrDefault(name, Quantity.ZERO))
                .collect(Collectors.joining(","));
    }

    private void save(AdmissionRequest request, Document quota) {
        if (delta(request, quota).isEmpty()) {
            return;
        }
        ObjectKey key = ObjectKey.namespaced(request.request().key().namespace(), quota.name());
        RequestInfo internal = new RequestInfo(
                User.API_SERVER,
                "update",
                "v1",
                key,
                "status",
                false,
                "kube-apiserver",
                RequestInfo.FieldValidation.IGNORE,
                request.request().auditId(),
                request.request().now(),
                warning -> {});
        ResourceDefinition definition =
                catalog.getObject().find("", "v1", "resourcequotas").orElseThrow();
        // The change is judged on the state that it replaces: two requests never both get the last place.
        writes.getObject().update(definition, internal, WritePath.Manner.PATCH, current -> {
            if (current == null) {
                return null;
            }
            judge(request, current);
            charge(request, current);
            return current;
        });
    }

    /** Adds what the request uses to the quota's status. */
    static void charge(AdmissionRequest request, Document quota) {
        Map<String, Quantity> used = LimitRanger.amounts(quota.at("status.used"));
        delta(request, quota)
                .forEach((name, more) -> quota.object("status.used")
                        .put(name, plus(used, name, more).toString()));
    }
}
