package io.quarterdeck.api.bootstrap;

import io.quarterdeck.api.authn.AuthenticationProperties;
import io.quarterdeck.api.authn.PkiDirectory;
import io.quarterdeck.api.cache.Freshness;
import io.quarterdeck.api.cache.ListQuery;
import io.quarterdeck.api.cache.Selection;
import io.quarterdeck.api.cache.WatchCache;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.registry.ResourceCatalog;
import io.quarterdeck.api.store.Entry;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.model.StatusException;
import io.quarterdeck.pki.CertificateFiles;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the server's own objects into being and looks after them. Each object is looked after by itself: one that is
 * refused is tried again with the next round, and keeps no other back. Used by one thread, but for
 * {@link #rolesThere}.
 */
final class Bootstrap {

    private static final Logger LOG = LoggerFactory.getLogger(Bootstrap.class);

    private static final String SERVER = "kube-apiserver";
    private static final String FLOW_PRODUCER = "api-priority-and-fairness-config-producer-v1";

    private static final GroupResource NAMESPACES = new GroupResource("", "namespaces");
    private static final GroupResource SERVICES = new GroupResource("", "services");
    private static final GroupResource ENDPOINTS = new GroupResource("", "endpoints");
    private static final GroupResource CONFIG_MAPS = new GroupResource("", "configmaps");
    private static final GroupResource EVENTS = new GroupResource("", "events");
    private static final GroupResource SLICES = new GroupResource("discovery.k8s.io", "endpointslices");
    private static final GroupResource CIDRS = new GroupResource("networking.k8s.io", "servicecidrs");
    private static final GroupResource IP_ADDRESSES = new GroupResource("networking.k8s.io", "ipaddresses");
    private static final GroupResource PRIORITY_CLASSES = new GroupResource("scheduling.k8s.io", "priorityclasses");
    private static final GroupResource FLOW_SCHEMAS = new GroupResource("flowcontrol.apiserver.k8s.io", "flowschemas");
    private static final GroupResource API_SERVICES = new GroupResource("apiregistration.k8s.io", "apiservices");

    private static final Map<String, GroupResource> BY_KIND = Map.of(
            "ClusterRole", new GroupResource("rbac.authorization.k8s.io", "clusterroles"),
            "ClusterRoleBinding", new GroupResource("rbac.authorization.k8s.io", "clusterrolebindings"),
            "Role", new GroupResource("rbac.authorization.k8s.io", "roles"),
            "RoleBinding", new GroupResource("rbac.authorization.k8s.io", "rolebindings"),
            "FlowSchema", FLOW_SCHEMAS,
            "PriorityLevelConfiguration",
                    new GroupResource("flowcontrol.apiserver.k8s.io", "prioritylevelconfigurations"));

    private final ServerObjects objects;
    private final WatchCache cache;
    private final ResourceCatalog catalog;
    private final BootstrapProperties properties;
    private final AuthenticationProperties authentication;
    private final PkiDirectory pki;
    private final ClusterObjects.Endpoint endpoint;
    private final InstantSource clock;
    private final EventExpiry events;
    private final Map<String, String> refusals = new HashMap<>();
    private volatile boolean rolesThere;

    Bootstrap(
            ServerObjects objects,
            WatchCache cache,
            ResourceCatalog catalog,
            BootstrapProperties properties,
            AuthenticationProperties authentication,
            PkiDirectory pki,
            ClusterObjects.Endpoint endpoint,
            InstantSource clock) {
        this.objects = objects;
        this.cache = cache;
        this.catalog = catalog;
        this.properties = properties;
        this.authentication = authentication;
        this.pki = pki;
        this.endpoint = endpoint;
        this.clock = clock;
        this.events = new EventExpiry(properties.eventLifetime());
    }

    /** Whether namespaces, roles and bindings were all there once: before that nobody is allowed much. */
    boolean rolesThere() {
        return rolesThere;
    }

    /** Everything that must be there once; idempotent. Answers whether all of it is. */
    boolean ensureAll() {
        boolean complete = true;
        for (String namespace : List.of("kube-system", "default", "kube-public", "kube-node-lease")) {
            complete &= ensure(NAMESPACES, ClusterObjects.namespace(namespace), SERVER);
        }
        for (Document rule : DefaultRoles.all()) {
            complete &= ensure(resourceOf(rule), rule, SERVER);
        }
        rolesThere |= complete;
        for (Document priority : BootstrapData.read("priorityclasses.json")) {
            complete &= ensure(PRIORITY_CLASSES, priority, SERVER);
        }
        for (Document flow : BootstrapData.read("flowcontrol.json")) {
            complete &= ensure(resourceOf(flow), flow, FLOW_PRODUCER);
        }
        for (Document service : ClusterObjects.apiServices(catalog)) {
            complete &= ensure(API_SERVICES, service, SERVER);
        }
        complete &= ensure(CONFIG_MAPS, ClusterObjects.legacyTokenTracking(now()), SERVER, false);
        complete &= keep();
        return complete;
    }

    /** What is looked after for ever. Answers whether all of it is as it must be. */
    boolean keep() {
        boolean complete = ensure(CIDRS, ClusterObjects.serviceCidr(properties.serviceCidr()), SERVER);
        complete &= status(
                CIDRS,
                "kubernetes",
                "kubernetes-service-cidr-controller",
                found -> ClusterObjects.readyServiceCidr(found, now()));
        complete &= ensure(
                SERVICES, ClusterObjects.apiService(firstAddress(properties.serviceCidr()), endpoint.port()), SERVER);
        complete &= exactly(ENDPOINTS, ClusterObjects.apiEndpoints(endpoint), "subsets");
        complete &= exactly(SLICES, ClusterObjects.apiEndpointSlice(endpoint), "endpoints", "ports");
        if (!properties.dnsAddress().isEmpty()) {
            complete &= ensure(SERVICES, ClusterObjects.dnsService(properties.dnsAddress()), SERVER);
        }
        complete &= ensure(
                CONFIG_MAPS,
                ClusterObjects.authenticationConfig(
                        text(pki.or(authentication.clientCaFile(), "ca.crt")),
                        text(pki.or(authentication.requestHeaderCaFile(), "front-proxy-ca.crt")),
                        authentication.requestHeaderAllowedNames()),
                SERVER);
        String authority = text(pki.or(authentication.clientCaFile(), "ca.crt"));
        if (!authority.isEmpty()) {
            complete &= clusterInfo(authority);
        }
        return complete;
    }

    /** Removes events that nobody wrote for long. */
    void expireEvents() {
        List<Entry> stored = cache.list(EVENTS, ListQuery.of(Selection.ALL, new Freshness.Any()))
                .entries();
        for (Entry event : events.expired(stored, now())) {
            attempt(
                    "expiring " + event.key().key(),
                    () -> objects.delete(
                            EVENTS, event.key().key(), event.header().uid()));
        }
    }

    /** Frees addresses whose Service is gone: what a crash between two writes may leave behind. */
    void repairAddresses() {
        for (Document address : objects.list(IP_ADDRESSES)) {
            String parent = address.text("spec.parentRef.resource");
            ObjectKey service =
                    new ObjectKey(address.text("spec.parentRef.namespace"), address.text("spec.parentRef.name"));
            if (!parent.equals("services")) {
                continue;
            }
            boolean used = objects.get(SERVICES, service)
                    .map(found -> found.items("spec.clusterIPs").stream()
                            .anyMatch(ip -> ip.asString("").equals(address.name())))
                    .orElse(false);
            if (!used) {
                LOG.info("Freeing service address {}: {} does not use it", address.name(), service);
                attempt(
                        "freeing " + address.name(),
                        () -> objects.delete(IP_ADDRESSES, ObjectKey.clusterScoped(address.name()), address.uid()));
            }
        }
    }

    private static GroupResource resourceOf(Document object) {
        GroupResource resource = BY_KIND.get(object.kind());
        if (resource == null) {
            throw new IllegalStateException("no resource is known for " + object.kind());
        }
        return resource;
    }

    private boolean ensure(GroupResource resource, Document desired, String manager) {
        return ensure(resource, desired, manager, true);
    }

    private boolean ensure(GroupResource resource, Document desired, String manager, boolean reconcile) {
        return attempt(resource + " " + desired.name(), () -> {
            ObjectKey key = new ObjectKey(desired.namespace(), desired.name());
            Optional<Document> existing = objects.get(resource, key);
            if (existing.isPresent() && Desired.mustBeReplaced(desired, existing.get())) {
                objects.delete(resource, key, existing.get().uid());
                existing = Optional.empty();
            }
            if (existing.isEmpty()) {
                objects.create(resource, desired.copy(), manager);
            } else if (reconcile) {
                Desired.reconciled(desired, existing.get()).ifPresent(next -> objects.update(resource, next, manager));
            }
        });
    }

    /** The fields are ours alone: whatever else stands in them is replaced. */
    private boolean exactly(GroupResource resource, Document desired, String... fields) {
        return attempt(resource + " " + desired.name(), () -> {
            Optional<Document> existing = objects.get(resource, new ObjectKey(desired.namespace(), desired.name()));
            if (existing.isEmpty()) {
                objects.create(resource, desired.copy(), SERVER);
                return;
            }
            Document next = existing.get().copy();
            for (String field : fields) {
                next.keep(field, desired);
            }
            if (!next.equals(existing.get())) {
                objects.update(resource, next, SERVER);
            }
        });
    }

    private boolean clusterInfo(String authority) {
        Document desired = ClusterObjects.clusterInfo(endpoint, authority);
        return attempt(
                "cluster-info",
                () -> objects.get(CONFIG_MAPS, new ObjectKey(desired.namespace(), desired.name()))
                        .ifPresentOrElse(
                                found -> ClusterObjects.vouchedFor(found, authority)
                                        .ifPresent(next -> objects.update(CONFIG_MAPS, next, SERVER)),
                                () -> objects.create(CONFIG_MAPS, desired, SERVER)));
    }

    private interface NextStatus {
        Optional<Document> of(Document found);
    }

    private boolean status(GroupResource resource, String name, String manager, NextStatus next) {
        return attempt(
                resource + " " + name + " status",
                () -> objects.get(resource, ObjectKey.clusterScoped(name))
                        .flatMap(next::of)
                        .ifPresent(changed -> objects.applyConditions(resource, changed, manager)));
    }

    private boolean attempt(String what, Runnable action) {
        try {
            action.run();
            refusals.remove(what);
            return true;
        } catch (StatusException refused) {
            // Another replica may have been faster, or something is not ready yet: the next round tells. Said once.
            if (!refused.text().equals(refusals.put(what, refused.text()))) {
                LOG.warn("{}: {}", what, refused.text());
            }
            return false;
        }
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.SECONDS);
    }

    private static String text(@Nullable Path file) {
        return file == null ? "" : CertificateFiles.read(file);
    }

    /** The address behind the network's own, which the API's Service has by convention. */
    static String firstAddress(String cidr) {
        try {
            byte[] network =
                    InetAddress.getByName(cidr.substring(0, cidr.indexOf('/'))).getAddress();
            for (int i = network.length - 1; i >= 0 && ++network[i] == 0; i--) {
                // carry
            }
            return InetAddress.getByAddress(network).getHostAddress();
        } catch (UnknownHostException | StringIndexOutOfBoundsException malformed) {
            throw new IllegalArgumentException("not an address range: " + cidr);
        }
    }
}
