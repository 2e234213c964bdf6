package io.quarterdeck.controller.resourcequota;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PartialObjectMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.Service;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarterdeck.client.ApiClient;
import io.quarterdeck.client.ResourceType;
import io.quarterdeck.controller.Discovery;
import io.quarterdeck.feed.ChangeHandler;
import io.quarterdeck.feed.Informer;
import io.quarterdeck.feed.Informers;
import io.quarterdeck.feed.ObjectStore;
import io.quarterdeck.feed.Scope;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.model.Quantity;
import io.quarterdeck.reconcile.Controller;
import io.quarterdeck.reconcile.KeyedLoop;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * Writes into each ResourceQuota's status what its namespace uses. Admission adds what comes; this gives back what goes,
 * and counts what was there before the quota. Kinds are followed once a quota counts them.
 */
public final class ResourceQuotaController implements Controller {

    private static final ResourceType<ResourceQuota> QUOTAS = ResourceType.of(ResourceQuota.class);

    /** Upstream's resource-quota-sync-period. */
    private static final Duration SYNC_PERIOD = Duration.ofMinutes(5);

    private static final Duration CATCHING_UP = Duration.ofSeconds(2);

    private static final Duration INFORMER_SYNC = Duration.ofSeconds(10);

    /** Kinds of which more than the number counts. */
    private static final Map<GroupResource, Class<? extends HasMetadata>> MEASURED = Map.of(
            new GroupResource("", "pods"), Pod.class,
            new GroupResource("", "services"), Service.class,
            new GroupResource("", "persistentvolumeclaims"), PersistentVolumeClaim.class);

    private final ApiClient api;
    private final Discovery discovery;
    private final Informers informers;
    private final InstantSource clock;
    private final ObjectMapper mapper;
    private final Informer<ResourceQuota> quotas;
    private final KeyedLoop<ObjectKey> loop;
    private final Map<GroupResource, Informer<? extends HasMetadata>> followed = new HashMap<>();

    /** @param workers quotas counted at once */
    public ResourceQuotaController(
            ApiClient api,
            Discovery discovery,
            Informers informers,
            InstantSource clock,
            MeterRegistry registry,
            int workers) {
        this.api = api;
        this.discovery = discovery;
        this.informers = informers;
        this.clock = clock;
        this.mapper = api.serialization().mapper();
        this.quotas = informers.of(ResourceQuota.class);
        this.loop = new KeyedLoop<>("resource_quota", workers, this::work, clock, registry);
        MEASURED.forEach((resource, kind) -> follow(resource, ResourceType.of(kind)));
        quotas.handle(new ChangeHandler<>() {
            @Override
            public void added(ResourceQuota quota) {
                loop.add(ObjectStore.keyOf(quota));
            }

            @Override
            public void updated(ResourceQuota before, ResourceQuota after) {
                // A status that admission wrote is right: counting at once would miss what it was written for.
                if (!after.getSpec().equals(before.getSpec())) {
                    added(after);
                }
            }

            @Override
            public void deleted(ResourceQuota last) {
                // Nothing is left to write to.
            }
        });
    }

    @Override
    public String name() {
        return "resourcequota";
    }

    @Override
    public void start() {
        loop.start();
        quotas.lister().all().forEach(quota -> loop.add(ObjectStore.keyOf(quota)));
    }

    @Override
    public void stop() {
        loop.stop();
    }

    @Override
    public State state() {
        return loop.state();
    }

    private <T extends HasMetadata> Informer<T> follow(GroupResource resource, ResourceType<T> type) {
        Informer<T> informer = informers.of(type, Scope.ALL);
        informer.handle(new ChangeHandler<>() {
            @Override
            public void added(T object) {
                // Admission has counted it.
            }

            @Override
            public void updated(T before, T after) {
                deleted(after);
            }

            @Override
            public void deleted(T object) {
                quotas.lister()
                        .inNamespace(object.getMetadata().getNamespace())
                        .forEach(quota -> loop.add(ObjectStore.keyOf(quota)));
            }
        });
        followed.put(resource, informer);
        return informer;
    }

    private KeyedLoop.Done work(ObjectKey key) throws InterruptedException {
        Optional<ResourceQuota> known = quotas.lister().get(key.namespace(), key.name());
        if (known.isEmpty() || known.get().getMetadata().getDeletionTimestamp() != null) {
            return KeyedLoop.Done.DONE;
        }
        JsonNode quota = mapper.valueToTree(known.get());
        long charged = Long.parseLong(known.get().getMetadata().getResourceVersion());
        Map<GroupResource, List<JsonNode>> objects = new HashMap<>();
        for (GroupResource resource : QuotaStatus.counted(quota)) {
            informer(resource)
                    .ifPresent(informer -> objects.put(
                            resource,
                            informer.lister().inNamespace(key.namespace()).stream()
                                    .map(object -> (JsonNode) mapper.valueToTree(object))
                                    .toList()));
        }
        QuotaStatus status = QuotaStatus.of(
                quota, resource -> Objects.requireNonNullElse(objects.get(resource), List.of()), clock.instant());
        if (!status.shownBy(quota)) {
            api.update(
                    QUOTAS,
                    known.get()
                            .edit()
                            .editOrNewStatus()
                            .withHard(typed(status.hard()))
                            .withUsed(typed(status.used()))
                            .endStatus()
                            .build(),
                    "status");
        }
        return KeyedLoop.Done.againAfter(SYNC_PERIOD);
    }

    /** Empty when no such resource is served (any more, or yet). */
    private synchronized Optional<Informer<? extends HasMetadata>> informer(GroupResource resource)
            throws InterruptedException {
        Informer<? extends HasMetadata> known = followed.get(resource);
        if (known != null) {
            return Optional.of(known);
        }
        Optional<ResourceType<PartialObjectMetadata>> type = discovery.resources().served().stream()
                .map(Discovery.Served::type)
                .filter(served -> served.namespaced() && served.groupResource().equals(resource))
                .findFirst();
        if (type.isEmpty()) {
            return Optional.empty();
        }
        Informer<PartialObjectMetadata> informer = follow(resource, type.get());
        long deadline = System.nanoTime() + INFORMER_SYNC.toNanos();
        while (!informer.synced()) {
            if (System.nanoTime() > deadline) {
                throw new KeyedLoop.TryAgain("the first list of " + resource + " has not come yet");
            }
            Thread.sleep(Duration.ofMillis(20));
        }
        return Optional.of(informer);
    }

    private static Map<String, io.fabric8.kubernetes.api.model.Quantity> typed(Map<String, Quantity> amounts) {
        Map<String, io.fabric8.kubernetes.api.model.Quantity> typed = new TreeMap<>();
        amounts.forEach(
                (name, amount) -> typed.put(name, io.fabric8.kubernetes.api.model.Quantity.parse(amount.toString())));
        return typed;
    }
}
