package io.quarterdeck.api.admission.plugins;

import io.quarterdeck.api.admission.AdmissionPlugin;
import io.quarterdeck.api.admission.AdmissionRequest;
import io.quarterdeck.api.admission.AdmissionRequest.Operation;
import io.quarterdeck.api.admission.Charge;
import io.quarterdeck.api.cache.CachedObjects;
import io.quarterdeck.api.cache.Freshness;
import io.quarterdeck.api.cache.ListQuery;
import io.quarterdeck.api.cache.Selection;
import io.quarterdeck.api.cache.WatchCache;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.patch.FieldOwnership;
import io.quarterdeck.api.registry.ResourceCatalog;
import io.quarterdeck.api.registry.ResourceDefinition;
import io.quarterdeck.api.registry.ResourceStrategy.Enlisted;
import io.quarterdeck.api.schema.ObjectCodec;
import io.quarterdeck.api.store.Entry;
import io.quarterdeck.api.store.HeaderReader;
import io.quarterdeck.api.store.Operation.Put;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.Quantity;
import io.quarterdeck.model.StatusException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

/**
 * Lets a namespace have no more than its quotas say. What an object uses is charged to the quotas in the transaction that
 * stores the object; those who wait for that one are charged in it as well, and stored behind it (see {@link ChargeLine}).
 *
 * <p>Source: Kubernetes documentation, "Resource Quotas".
 */
@Component
final class ResourceQuotaPlugin implements AdmissionPlugin {

    private static final GroupResource QUOTAS = new GroupResource("", "resourcequotas");
    private static final GroupResource PODS = new GroupResource("", "pods");

    /** Lines in which nobody stands are forgotten beyond this many. */
    private static final int MOST_LINES = 10_000;

    /** Updates can change only how much these use; all others are counted once. */
    private static final Set<String> GROWING = Set.of("pods", "services", "persistentvolumeclaims");

    private final CachedObjects objects;
    private final WatchCache cache;
    private final ObjectCodec codec;
    private final FieldOwnership ownership;
    private final HeaderReader headers;
    private final ObjectProvider<ResourceCatalog> catalog;
    private final Map<String, ChargeLine> lines = new ConcurrentHashMap<>();

    ResourceQuotaPlugin(
            CachedObjects objects,
            WatchCache cache,
            ObjectCodec codec,
            FieldOwnership ownership,
            HeaderReader headers,
            ObjectProvider<ResourceCatalog> catalog) {
        this.objects = objects;
        this.cache = cache;
        this.codec = codec;
        this.ownership = ownership;
        this.headers = headers;
        this.catalog = catalog;
    }

    @Override
    public String name() {
        return "ResourceQuota";
    }

    @Override
    public void validate(AdmissionRequest request) {
        if (counts(request)) {
            judge(request, objects.list(QUOTAS, request.request().key().namespace()));
        }
    }

    @Override
    public Charge charge(AdmissionRequest request) {
        String namespace = request.request().key().namespace();
        if (!counts(request)
                || request.request().dryRun()
                || objects.list(QUOTAS, namespace).stream()
                        .allMatch(quota -> delta(request, quota).isEmpty())) {
            return Charge.NONE;
        }
        if (lines.size() > MOST_LINES) {
            lines.values().removeIf(ChargeLine::isIdle);
        }
        return lines.computeIfAbsent(
                        namespace, name -> new ChargeLine((claims, givenBack) -> pay(name, claims, givenBack)))
                .join(request);
    }

    private static boolean counts(AdmissionRequest request) {
        boolean create = request.operation() == Operation.CREATE
                && request.request().subresource().isEmpty();
        return (create || grows(request))
                && request.resource().namespaced()
                && !request.request().key().namespace().isEmpty()
                && !isVirtual(request);
    }

    /** A pod can only move to where other quotas count it, or be resized. */
    private static boolean grows(AdmissionRequest request) {
        GroupResource resource = request.resource().resource();
        if (request.operation() != Operation.UPDATE
                || !resource.group().isEmpty()
                || !GROWING.contains(resource.resource())) {
            return false;
        }
        String subresource = request.request().subresource();
        return subresource.equals("resize")
                || (subresource.isEmpty()
                        && (!resource.equals(PODS)
                                || QuotaUsage.isTerminating(request.body())
                                        != QuotaUsage.isTerminating(request.stored())));
    }

    /** Reviews and the like store nothing. */
    private static boolean isVirtual(AdmissionRequest request) {
        return !request.resource().verbs().contains("list");
    }

    /** Whether all quotas can judge the request comes first, then whether it fits into each of them. */
    static void judge(AdmissionRequest request, List<Document> quotas) {
        quotas.forEach(quota -> requireAnswer(request, quota));
        quotas.forEach(quota -> requireRoom(request, quota));
    }

    private static void requireAnswer(AdmissionRequest request, Document quota) {
        GroupResource resource = request.resource().resource();
        Set<String> counted = new TreeSet<>(hard(quota).keySet());
        counted.removeIf(
                name -> !QuotaUsage.counted(name).filter(resource::equals).isPresent());
        if (counted.isEmpty() || !QuotaUsage.inScope(quota, resource, request.body())) {
            return;
        }
        List<String> missing = resource.equals(PODS) ? QuotaUsage.missing(counted, request.body()) : List.of();
        if (!missing.isEmpty()) {
            throw request.forbidden("failed quota: " + quota.name() + ": must specify " + String.join("; ", missing));
        }
        if (!LimitRanger.amounts(quota.at("status.used")).keySet().containsAll(counted)) {
            throw request.forbidden(
                    "status unknown for quota: %s, resources: %s".formatted(quota.name(), String.join(",", counted)));
        }
    }

    private static void requireRoom(AdmissionRequest request, Document quota) {
        Map<String, Quantity> delta = delta(request, quota);
        Map<String, Quantity> hard = hard(quota);
        Map<String, Quantity> used = LimitRanger.amounts(quota.at("status.used"));
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

    /** A quota and what it becomes. */
    private record Account(Entry entry, Document before, Document after) {}

    private Enlisted pay(String namespace, List<ChargeLine.Claim> claims, List<AdmissionRequest> givenBack) {
        ResourceDefinition definition = catalog.getObject().stored(QUOTAS).orElseThrow();
        Selection selection = new Selection(namespace, "", Selection.ALL.labels(), Selection.ALL.fields());
        List<Account> accounts = new ArrayList<>();
        for (Entry entry : cache.list(QUOTAS, ListQuery.of(selection, new Freshness.Consistent()))
                .entries()) {
            Document quota = codec.read(entry.body(), definition.gvk());
            accounts.add(new Account(entry, quota, quota.copy()));
        }
        givenBack.forEach(unused -> accounts.forEach(account -> giveBack(unused, account.after())));
        for (ChargeLine.Claim claim : claims) {
            try {
                judge(claim.request(), accounts.stream().map(Account::after).toList());
            } catch (StatusException refusal) {
                claim.refuse(refusal);
                continue;
            }
            accounts.forEach(account -> charge(claim.request(), account.after()));
        }
        AdmissionRequest first = claims.getFirst().request();
        List<io.quarterdeck.api.store.Operation> changes = new ArrayList<>();
        for (Account account : accounts) {
            if (!account.after().equals(account.before())) {
                ownership.recordUpdate(
                        account.after(),
                        account.before(),
                        FieldOwnership.Target.of(
                                definition.gvk(),
                                "status",
                                definition.strategy().settable("status", true)),
                        "kube-apiserver",
                        first.request().now());
                byte[] bytes = codec.canonical(account.after(), definition.gvk());
                changes.add(new Put(
                        account.entry().key(),
                        account.entry().revision(),
                        definition.version(),
                        bytes,
                        headers.read(QUOTAS, bytes)));
            }
        }
        return changes.isEmpty() ? Enlisted.NOTHING : new Enlisted(changes, List.of());
    }

    private static void giveBack(AdmissionRequest request, Document quota) {
        Map<String, Quantity> used = LimitRanger.amounts(quota.at("status.used"));
        delta(request, quota).forEach((name, less) -> {
            Quantity rest = used.getOrDefault(name, Quantity.ZERO).minus(less);
            quota.object("status.used").put(name, (rest.signum() < 0 ? Quantity.ZERO : rest).toString());
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
