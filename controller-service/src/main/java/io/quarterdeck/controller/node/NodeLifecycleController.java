package io.quarterdeck.controller.node;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarterdeck.client.ObjectSerialization;
import io.quarterdeck.controller.Ticker;
import io.quarterdeck.controller.pods.PodStates;
import io.quarterdeck.feed.ChangeHandler;
import io.quarterdeck.feed.Informer;
import io.quarterdeck.feed.Informers;
import io.quarterdeck.feed.ObjectStore;
import io.quarterdeck.feed.Scope;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.reconcile.Action;
import io.quarterdeck.reconcile.ActionPerformer;
import io.quarterdeck.reconcile.Controller;
import io.quarterdeck.reconcile.KeyedLoop;
import io.quarterdeck.reconcile.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.databind.node.ObjectNode;

/**
 * Watches over nodes: one that falls silent gets Unknown conditions and its pods are no longer ready; conditions become
 * taints; the deprecated labels follow the current ones. Deciding is in {@link NodeHealth}, {@link Taints} and
 * {@link EvictionLimiter}.
 */
public final class NodeLifecycleController implements Controller {

    private static final String COMPONENT = "node-controller";
    private static final String LEASES = "kube-node-lease";
    private static final Map<String, String> DEPRECATED_LABELS = Map.of(
            "kubernetes.io/os", "beta.kubernetes.io/os",
            "kubernetes.io/arch", "beta.kubernetes.io/arch");

    private final Informer<Node> nodes;
    private final Informer<Lease> leases;
    private final Informer<Pod> pods;
    private final ActionPerformer performer;
    private final InstantSource clock;
    private final Settings settings;
    private final EvictionLimiter limiter;
    private final KeyedLoop<String> loop;
    private final Ticker monitor;
    private final ObjectSerialization serialization = new ObjectSerialization();
    private final Map<String, NodeHealth> health = new ConcurrentHashMap<>();
    private final Set<String> podsToMark = new HashSet<>();

    /** Upstream's flags: node-monitor-grace-period, node-startup-grace-period, node-monitor-period, eviction rates. */
    public record Settings(
            Duration gracePeriod,
            Duration startupGracePeriod,
            Duration monitorPeriod,
            double evictionRate,
            double secondaryEvictionRate,
            double unhealthyZoneThreshold,
            int largeClusterSizeThreshold) {}

    public NodeLifecycleController(
            Informers informers,
            ActionPerformer performer,
            InstantSource clock,
            MeterRegistry registry,
            Settings settings) {
        this.nodes = informers.of(Node.class);
        this.leases = informers.of(Lease.class, new Scope(Optional.of(LEASES), Optional.empty(), Optional.empty()));
        this.pods = informers.of(Pod.class);
        this.performer = performer;
        this.clock = clock;
        this.settings = settings;
        this.limiter = new EvictionLimiter(new EvictionLimiter.Rates(
                settings.evictionRate(),
                settings.secondaryEvictionRate(),
                settings.unhealthyZoneThreshold(),
                settings.largeClusterSizeThreshold()));
        this.loop = new KeyedLoop<>("node_lifecycle_controller", 8, this::work, clock, registry);
        this.monitor = new Ticker("node-monitor", settings.monitorPeriod(), this::monitor);
        pods.index(TaintEvictionReconciler.NODE);
        nodes.handle(new ChangeHandler<>() {
            @Override
            public void added(Node node) {
                loop.add(node.getMetadata().getName());
            }

            @Override
            public void updated(Node before, Node after) {
                loop.add(after.getMetadata().getName());
            }

            @Override
            public void deleted(Node last) {
                loop.add(last.getMetadata().getName());
            }
        });
    }

    @Override
    public String name() {
        return "nodelifecycle";
    }

    @Override
    public void start() {
        health.clear();
        loop.start();
        monitor.start();
    }

    @Override
    public void stop() {
        monitor.stop();
        loop.stop();
    }

    @Override
    public State state() {
        return loop.state();
    }

    private void monitor() {
        Instant now = clock.instant();
        Set<String> present = new HashSet<>();
        for (Node node : nodes.lister().all()) {
            String name = node.getMetadata().getName();
            present.add(name);
            String renewal = renewal(name);
            NodeHealth known = health.get(name);
            if (known == null) {
                emit(node, Action.EventType.NORMAL, "RegisteredNode", "Registered Node " + name + " in Controller");
            }
            NodeHealth next = known == null ? NodeHealth.first(node, renewal, now) : known.next(node, renewal, now);
            health.put(name, next);
            if (next.silent(node, settings.gracePeriod(), settings.startupGracePeriod(), now)) {
                silent(node, now);
            }
            if (podsToMark.contains(name) && !"True".equals(Taints.ready(node)) && markPods(name, now)) {
                podsToMark.remove(name);
            }
            loop.add(name);
        }
        health.keySet().retainAll(present);
        podsToMark.retainAll(present);
    }

    private String renewal(String node) {
        return leases.lister()
                .get(LEASES, node)
                .map(lease -> lease.getSpec() == null ? null : lease.getSpec().getRenewTime())
                .map(time -> time.toInstant().toString())
                .orElse("");
    }

    private void silent(Node node, Instant now) {
        Optional<List<NodeCondition>> conditions = NodeHealth.unknown(node, now);
        if (conditions.isEmpty()) {
            return;
        }
        Node next = node.edit()
                .editOrNewStatus()
                .withConditions(conditions.get())
                .endStatus()
                .build();
        Outcome outcome = performer.perform(COMPONENT, List.of(new Action.UpdateStatus(next)));
        if (outcome.failure().isEmpty() && "True".equals(Taints.ready(node))) {
            String name = node.getMetadata().getName();
            performer.perform(
                    COMPONENT,
                    List.of(new Action.EmitEvent(
                            node,
                            Action.EventType.NORMAL,
                            "NodeNotReady",
                            "Node " + name + " status is now: NodeNotReady",
                            Map.of())));
            if (!markPods(name, now)) {
                podsToMark.add(name);
            }
        }
    }

    /** The pods of a silent node serve nobody any more; false when some could not be marked. */
    private boolean markPods(String node, Instant now) {
        List<Action> patches = new ArrayList<>();
        for (Pod pod : pods.lister().byIndex(TaintEvictionReconciler.NODE, node)) {
            if (PodStates.ready(pod)) {
                ObjectNode body = serialization.mapper().createObjectNode();
                body.putObject("status")
                        .putArray("conditions")
                        .addObject()
                        .put("type", "Ready")
                        .put("status", "False")
                        .put(
                                "lastTransitionTime",
                                now.truncatedTo(ChronoUnit.SECONDS).toString());
                patches.add(new Action.Patch(
                        Pod.class, ObjectStore.keyOf(pod), "status", Action.PatchType.STRATEGIC, body.toString()));
            }
            performer.perform(
                    COMPONENT,
                    List.of(new Action.EmitEvent(
                            pod, Action.EventType.WARNING, "NodeNotReady", "Node is not ready", Map.of())));
        }
        return patches.isEmpty()
                || performer
                        .perform(COMPONENT, List.of(new Action.Together(patches)))
                        .failure()
                        .filter(failure -> failure.code() != 404)
                        .isEmpty();
    }

    private KeyedLoop.Done work(String name) throws InterruptedException {
        Optional<Node> found = nodes.lister().get("", name);
        if (found.isEmpty()) {
            return KeyedLoop.Done.DONE;
        }
        Node node = found.get();
        Instant now = clock.instant();
        boolean waits = Taints.awaitsEviction(node);
        boolean evict = waits && mayEvict(node, now);
        ObjectNode body = serialization.mapper().createObjectNode();
        List<Taint> taints = Taints.next(node, evict, now);
        if (!taints.equals(Taints.of(node))) {
            ObjectNode spec = body.putObject("spec");
            if (taints.isEmpty()) {
                spec.putNull("taints");
            } else {
                spec.set("taints", serialization.mapper().valueToTree(taints));
            }
        }
        Map<String, String> labels = labels(node);
        if (!labels.isEmpty()) {
            ObjectNode map = body.putObject("metadata").putObject("labels");
            labels.forEach(map::put);
        }
        if (!body.isEmpty()) {
            // Taints are a list that others write, too: only on the state that was looked at.
            body.withObject("metadata")
                    .put("resourceVersion", node.getMetadata().getResourceVersion());
            Outcome outcome = performer.perform(
                    COMPONENT,
                    List.of(new Action.Patch(
                            Node.class, ObjectKey.clusterScoped(name), "", Action.PatchType.MERGE, body.toString())));
            Optional<Outcome.Failure> failure = outcome.failure().filter(refusal -> refusal.code() != 404);
            if (failure.isPresent()) {
                throw new KeyedLoop.TryAgain(failure.get().message());
            }
            for (var written : outcome.written()) {
                nodes.awaitRevision(Long.parseLong(written.getMetadata().getResourceVersion()), Duration.ofSeconds(10));
            }
        }
        return waits && !evict ? KeyedLoop.Done.againAfter(Duration.ofSeconds(1)) : KeyedLoop.Done.DONE;
    }

    private synchronized boolean mayEvict(Node node, Instant now) {
        Map<String, EvictionLimiter.Zone> zones = new HashMap<>();
        for (Node one : nodes.lister().all()) {
            int down = "True".equals(Taints.ready(one)) ? 0 : 1;
            zones.merge(
                    zone(one),
                    new EvictionLimiter.Zone(1, down),
                    (a, b) -> new EvictionLimiter.Zone(a.nodes() + b.nodes(), a.notReady() + b.notReady()));
        }
        return limiter.take(zone(node), zones, now);
    }

    private static String zone(Node node) {
        Map<String, String> labels = node.getMetadata().getLabels();
        return labels == null
                ? ""
                : labels.getOrDefault("topology.kubernetes.io/region", "") + ":\0:"
                        + labels.getOrDefault("topology.kubernetes.io/zone", "");
    }

    private static Map<String, String> labels(Node node) {
        Map<String, String> labels = node.getMetadata().getLabels();
        Map<String, String> missing = new HashMap<>();
        if (labels != null) {
            DEPRECATED_LABELS.forEach((current, deprecated) -> {
                String value = labels.get(current);
                if (value != null && !value.equals(labels.get(deprecated))) {
                    missing.put(deprecated, value);
                }
            });
        }
        return missing;
    }

    private void emit(Node node, Action.EventType type, String reason, String what) {
        String name = node.getMetadata().getName();
        performer.perform(
                COMPONENT,
                List.of(new Action.EmitEvent(node, type, reason, "Node " + name + " event: " + what, Map.of())));
    }
}
