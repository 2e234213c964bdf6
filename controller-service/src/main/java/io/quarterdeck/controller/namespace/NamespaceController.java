package io.quarterdeck.controller.namespace;

import io.fabric8.kubernetes.api.model.DeleteOptions;
import io.fabric8.kubernetes.api.model.DeleteOptionsBuilder;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.NamespaceCondition;
import io.fabric8.kubernetes.api.model.PartialObjectMetadata;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarterdeck.client.ApiClient;
import io.quarterdeck.client.ResourceType;
import io.quarterdeck.controller.Discovery;
import io.quarterdeck.feed.ChangeHandler;
import io.quarterdeck.feed.Informer;
import io.quarterdeck.feed.Informers;
import io.quarterdeck.feed.ObjectStore;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.model.StatusException;
import io.quarterdeck.reconcile.Controller;
import io.quarterdeck.reconcile.KeyedLoop;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;

/**
 * Empties namespaces that are being deleted, pods first, then takes the finalizer {@code kubernetes} away. It asks the
 * API directly, because only the API knows all that is in a namespace, custom resources included.
 */
public final class NamespaceController implements Controller {

    private static final ResourceType<Namespace> NAMESPACES = ResourceType.of(Namespace.class);
    private static final String FINALIZER = "kubernetes";

    /** Requests for one namespace side by side. */
    private static final int ABREAST = 8;

    private static final Duration FIRST_LOOK_AGAIN = Duration.ofMillis(500);
    private static final Duration LAST_LOOK_AGAIN = Duration.ofSeconds(15);

    private final ApiClient api;
    private final Discovery discovery;
    private final InstantSource clock;
    private final Informer<Namespace> namespaces;
    private final KeyedLoop<String> loop;
    private final Map<String, Duration> pauses = new ConcurrentHashMap<>();

    public NamespaceController(
            ApiClient api,
            Discovery discovery,
            Informers informers,
            InstantSource clock,
            MeterRegistry registry,
            int workers) {
        this.api = api;
        this.discovery = discovery;
        this.clock = clock;
        this.namespaces = informers.of(Namespace.class);
        this.loop = new KeyedLoop<>("namespace", workers, this::work, clock, registry);
        namespaces.handle(new ChangeHandler<>() {
            @Override
            public void added(Namespace namespace) {
                wake(namespace);
            }

            @Override
            public void updated(Namespace before, Namespace after) {
                wake(after);
            }

            @Override
            public void deleted(Namespace last) {
                pauses.remove(last.getMetadata().getName());
            }
        });
    }

    private void wake(Namespace namespace) {
        if (namespace.getMetadata().getDeletionTimestamp() != null) {
            loop.add(namespace.getMetadata().getName());
        }
    }

    @Override
    public String name() {
        return "namespace";
    }

    @Override
    public void start() {
        loop.start();
        namespaces.lister().all().forEach(this::wake);
    }

    @Override
    public void stop() {
        loop.stop();
    }

    @Override
    public State state() {
        return loop.state();
    }

    private KeyedLoop.Done work(String name) throws InterruptedException {
        Namespace namespace;
        try {
            namespace = api.get(NAMESPACES, ObjectKey.clusterScoped(name));
        } catch (StatusException refused) {
            if (refused.code() == 404) {
                return KeyedLoop.Done.DONE;
            }
            throw refused;
        }
        List<String> finalizers =
                namespace.getSpec() == null || namespace.getSpec().getFinalizers() == null
                        ? List.of()
                        : namespace.getSpec().getFinalizers();
        if (namespace.getMetadata().getDeletionTimestamp() == null || !finalizers.contains(FINALIZER)) {
            return KeyedLoop.Done.DONE;
        }
        Emptying emptying = empty(name);
        Namespace told = tell(namespace, emptying);
        if (!emptying.done()) {
            Duration pause = pauses.merge(name, FIRST_LOOK_AGAIN, (known, first) -> {
                Duration longer = known.multipliedBy(2);
                return longer.compareTo(LAST_LOOK_AGAIN) > 0 ? LAST_LOOK_AGAIN : longer;
            });
            return KeyedLoop.Done.againAfter(pause);
        }
        List<String> left = new ArrayList<>(finalizers);
        left.remove(FINALIZER);
        api.update(
                NAMESPACES,
                told.edit().editSpec().withFinalizers(left).endSpec().build(),
                "finalize");
        pauses.remove(name);
        return KeyedLoop.Done.DONE;
    }

    private Namespace tell(Namespace namespace, Emptying emptying) {
        List<NamespaceCondition> before =
                namespace.getStatus() == null ? null : namespace.getStatus().getConditions();
        List<NamespaceCondition> after = emptying.conditions(before, clock.instant());
        if (after.equals(before)) {
            return namespace;
        }
        return api.update(
                NAMESPACES,
                namespace
                        .edit()
                        .editOrNewStatus()
                        .withPhase("Terminating")
                        .withConditions(after)
                        .endStatus()
                        .build(),
                "status");
    }

    private Emptying empty(String name) throws InterruptedException {
        Discovery.Resources resources = discovery.resources();
        List<ResourceType<PartialObjectMetadata>> types = resources.served().stream()
                .filter(served -> served.type().namespaced()
                        && served.verbs().contains("list")
                        && served.verbs().contains("delete"))
                .map(Discovery.Served::type)
                .toList();
        Emptying pods =
                empty(name, types.stream().filter(NamespaceController::pods).toList(), resources.failures());
        if (!pods.remaining().isEmpty()) {
            // Pods may still use the rest. The conditions tell of it only when its turn comes.
            return new Emptying(true, resources.failures(), pods.contentFailures(), Map.of(), Map.of());
        }
        return empty(name, types.stream().filter(type -> !pods(type)).toList(), resources.failures());
    }

    private static boolean pods(ResourceType<?> type) {
        return type.group().isEmpty() && type.resource().equals("pods");
    }

    private Emptying empty(
            String namespace, List<ResourceType<PartialObjectMetadata>> types, Map<String, String> undiscovered)
            throws InterruptedException {
        List<String> failures = new ArrayList<>();
        Map<String, Integer> remaining = new TreeMap<>();
        Map<String, Integer> finalizers = new TreeMap<>();
        Semaphore room = new Semaphore(ABREAST);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (ResourceType<PartialObjectMetadata> type : types) {
                room.acquire();
                threads.execute(() -> {
                    try {
                        List<PartialObjectMetadata> left = remove(namespace, type);
                        synchronized (remaining) {
                            if (!left.isEmpty()) {
                                remaining.put(qualified(type), left.size());
                            }
                            left.stream()
                                    .filter(object -> object.getMetadata().getFinalizers() != null)
                                    .flatMap(object -> object.getMetadata().getFinalizers().stream())
                                    .forEach(finalizer -> finalizers.merge(finalizer, 1, Integer::sum));
                        }
                    } catch (StatusException refused) {
                        synchronized (remaining) {
                            failures.add(refused.text());
                        }
                    } finally {
                        room.release();
                    }
                });
            }
        }
        return new Emptying(false, undiscovered, failures, remaining, finalizers);
    }

    /** What is left of a resource after all of it was deleted. */
    private List<PartialObjectMetadata> remove(String namespace, ResourceType<PartialObjectMetadata> type) {
        List<PartialObjectMetadata> present = list(namespace, type);
        if (present.isEmpty()) {
            return present;
        }
        DeleteOptions options =
                new DeleteOptionsBuilder().withPropagationPolicy("Background").build();
        try {
            api.deleteCollection(type, namespace, options);
        } catch (StatusException refused) {
            if (refused.code() != 405) {
                throw refused;
            }
            present.forEach(object -> removeOne(type, object, options));
        }
        return list(namespace, type);
    }

    private void removeOne(
            ResourceType<PartialObjectMetadata> type, PartialObjectMetadata object, DeleteOptions options) {
        try {
            api.delete(type, ObjectStore.keyOf(object), options);
        } catch (StatusException refused) {
            if (refused.code() != 404) {
                throw refused;
            }
        }
    }

    private List<PartialObjectMetadata> list(String namespace, ResourceType<PartialObjectMetadata> type) {
        try {
            return api.list(type, namespace, Map.of()).items();
        } catch (StatusException refused) {
            if (refused.code() == 404 || refused.code() == 405) {
                return List.of();
            }
            throw refused;
        }
    }

    private static String qualified(ResourceType<?> type) {
        return type.resource() + "." + type.group();
    }
}
