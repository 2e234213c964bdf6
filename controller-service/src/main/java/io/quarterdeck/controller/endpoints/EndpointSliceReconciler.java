package io.quarterdeck.controller.endpoints;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointHints;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointHintsBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPortBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.quarterdeck.controller.pods.PodStates;
import io.quarterdeck.feed.ObjectStore;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.reconcile.Action;
import io.quarterdeck.reconcile.Plan;
import io.quarterdeck.reconcile.Reconciler;
import io.quarterdeck.reconcile.View;
import io.quarterdeck.reconcile.Watches;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Writes the endpoint slices of each service with a selector. Source: Kubernetes documentation, "EndpointSlices". */
@Component
public final class EndpointSliceReconciler implements Reconciler<Service> {

    private static final String MANAGER = "endpointslice-controller.k8s.io";
    private static final int MAX_PER_SLICE = 100;

    private final Triggers triggers = new Triggers();

    /** Services that got topology hints, as long as this process lives: their users are told when that changes. */
    private final Set<ObjectKey> hinted = ConcurrentHashMap.newKeySet();

    @Override
    public Class<Service> kind() {
        return Service.class;
    }

    @Override
    public String name() {
        return "endpoint_slice";
    }

    @Override
    public String component() {
        return "endpoint-slice-controller";
    }

    @Override
    public void watches(Watches<Service> watches) {
        watches.also(Pod.class, ServicePods::servicesOf)
                .also(EndpointSlice.class, slice -> ServiceSlices.owner(slice, MANAGER))
                .alsoWhen(
                        Node.class,
                        // A changed zone is told with the next change of an endpoint, as upstream does.
                        (before, after) -> false,
                        (node, view) -> view.lister(Pod.class).all().stream()
                                .filter(pod -> node.getMetadata().getName().equals(PodStates.nodeName(pod)))
                                .flatMap(pod -> ServicePods.servicesOf(pod, view).stream())
                                .toList())
                .alsoWhen(
                        Node.class,
                        (before, after) -> !ZoneShares.zone(before).equals(ZoneShares.zone(after))
                                || ZoneShares.ready(before) != ZoneShares.ready(after),
                        (node, view) -> overloaded(view));
    }

    @Override
    public Plan gone(ObjectKey key, View view) {
        // The slices have an owner reference: garbage collection removes them.
        triggers.forget(key);
        hinted.remove(key);
        return Plan.nothing();
    }

    /** Services with hints that no longer fit the zones. */
    private List<ObjectKey> overloaded(View view) {
        if (hinted.isEmpty()) {
            return List.of();
        }
        ZoneShares shares = ZoneShares.of(view.lister(Node.class).all());
        return hinted.stream()
                .filter(service -> ServiceSlices.existing(service, view, MANAGER).stream()
                        .collect(Collectors.groupingBy(EndpointSlice::getAddressType))
                        .values()
                        .stream()
                        .anyMatch(slices -> shares.overloaded(TopologyHints.count(slices))))
                .toList();
    }

    @Override
    public Plan reconcile(Service service, View view) {
        if (!ServicePods.selects(service) || service.getMetadata().getDeletionTimestamp() != null) {
            return Plan.nothing();
        }
        List<Pod> pods = ServicePods.of(service, view);
        Map<SlicePlan.Group, List<Endpoint>> wanted = new LinkedHashMap<>();
        List<String> families = ServicePods.families(service);
        for (String family : families) {
            for (Pod pod : pods) {
                List<String> addresses = ServicePods.addresses(pod, family);
                if (ServicePods.addressable(pod, true) && !addresses.isEmpty() && known(pod, service, view)) {
                    wanted.computeIfAbsent(new SlicePlan.Group(family, ports(service, pod)), same -> new ArrayList<>())
                            .add(endpoint(service, pod, addresses, view));
                }
            }
        }
        ObjectKey key = ObjectStore.keyOf(service);
        List<EndpointSlice> existing = ServiceSlices.existing(key, view, MANAGER);
        if (TopologyHints.wanted(service)) {
            TopologyHints.carryOver(wanted.values(), existing);
        }
        // Only a write is worth remembering as told.
        Writes writes = writes(service, Map.of(), wanted, families, existing, view);
        if (!writes.actions().isEmpty()) {
            Map<String, String> annotations = triggers.earliestNew(key, ServicePods.triggers(service, pods))
                    .map(time -> Map.of(ServicePods.TRIGGER_ANNOTATION, time.toString()))
                    .orElse(Map.of());
            writes = writes(service, annotations, wanted, families, existing, view);
        }
        List<Action> actions = new ArrayList<>(writes.actions());
        actions.addAll(topologyEvents(service, families, writes.refusals()));
        return Plan.of(actions)
                .afterwards(outcome -> outcome.failure()
                        .filter(failure -> !failure.namespaceTerminating() && !failure.outdated())
                        .<List<Action>>map(failure -> List.of(new Action.EmitEvent(
                                service,
                                Action.EventType.WARNING,
                                "FailedToUpdateEndpointSlices",
                                "Error updating Endpoint Slices for Service %s/%s: %s"
                                        .formatted(key.namespace(), key.name(), failure.message()),
                                Map.of())))
                        .orElse(List.of()));
    }

    /**
     * @param refusals by address type, why it has no topology hints; empty text where it has them, nothing where nobody
     *     asked
     */
    private record Writes(List<Action> actions, Map<String, String> refusals) {}

    private static Writes writes(
            Service service,
            Map<String, String> annotations,
            Map<SlicePlan.Group, List<Endpoint>> wanted,
            List<String> families,
            List<EndpointSlice> existing,
            View view) {
        List<Action> actions = new SlicePlan(service, labels(service), annotations, MAX_PER_SLICE, true)
                .actions(wanted, families, existing);
        if (!TopologyHints.wanted(service)) {
            return new Writes(actions, Map.of());
        }
        ZoneShares shares = ZoneShares.of(view.lister(Node.class).all());
        Map<String, String> refusals = new LinkedHashMap<>();
        for (String family : families) {
            TopologyHints.Outcome outcome = new TopologyHints(shares, family).apply(actions, existing);
            actions = outcome.actions();
            refusals.put(family, outcome.refusal());
        }
        return new Writes(actions, refusals);
    }

    private List<Action> topologyEvents(Service service, List<String> families, Map<String, String> refusals) {
        ObjectKey key = ObjectStore.keyOf(service);
        if (!TopologyHints.wanted(service)) {
            return hinted.remove(key)
                    ? families.stream()
                            .map(family -> topologyDisabled(service, "Topology Aware Hints has been disabled", family))
                            .toList()
                    : List.of();
        }
        List<Action> events = new ArrayList<>();
        refusals.forEach((family, refusal) -> {
            if (!refusal.isEmpty()) {
                hinted.remove(key);
                events.add(topologyDisabled(service, refusal, family));
            } else if (hinted.add(key)) {
                events.add(new Action.EmitEvent(
                        service,
                        Action.EventType.NORMAL,
                        "TopologyAwareHintsEnabled",
                        "Topology Aware Hints has been enabled, addressType: " + family,
                        Map.of()));
            }
        });
        return events;
    }

    private static Action topologyDisabled(Service service, String why, String family) {
        return new Action.EmitEvent(
                service,
                Action.EventType.WARNING,
                "TopologyAwareHintsDisabled",
                why + ", addressType: " + family,
                Map.of());
    }

    private static Map<String, String> labels(Service service) {
        Map<String, String> labels = new LinkedHashMap<>();
        if (service.getMetadata().getLabels() != null) {
            labels.putAll(service.getMetadata().getLabels());
        }
        labels.remove(ServicePods.HEADLESS_LABEL);
        if (ServicePods.headless(service)) {
            labels.put(ServicePods.HEADLESS_LABEL, "");
        }
        labels.put(ServiceSlices.SERVICE_LABEL, service.getMetadata().getName());
        labels.put(ServiceSlices.MANAGED_BY, MANAGER);
        return labels;
    }

    /** A pod on a node that is not known would get no topology; its turn comes with the node. */
    private static boolean known(Pod pod, Service service, View view) {
        String node = PodStates.nodeName(pod);
        return node == null
                || ServicePods.publishesNotReady(service)
                || view.lister(Node.class).get("", node).isPresent();
    }

    private static List<EndpointPort> ports(Service service, Pod pod) {
        List<EndpointPort> ports = new ArrayList<>();
        for (ServicePort port : service.getSpec().getPorts()) {
            OptionalInt target = ServicePods.targetPort(port, pod);
            if (target.isPresent()) {
                ports.add(new EndpointPortBuilder()
                        // The API keeps an empty name, which is how unnamed ports are told apart from none.
                        .withName(port.getName() == null ? "" : port.getName())
                        .withPort(target.getAsInt())
                        .withProtocol(ServicePods.protocol(port))
                        .withAppProtocol(port.getAppProtocol())
                        .build());
            }
        }
        return SlicePlan.Group.sorted(ports);
    }

    private static Endpoint endpoint(Service service, Pod pod, List<String> addresses, View view) {
        boolean serving = PodStates.ready(pod);
        boolean terminating = PodStates.deleting(pod);
        boolean ready = ServicePods.publishesNotReady(service) || (serving && !terminating);
        String node = PodStates.nodeName(pod);
        String zone = node == null
                ? ""
                : view.lister(Node.class).get("", node).map(ZoneShares::zone).orElse("");
        return new EndpointBuilder()
                .withAddresses(addresses)
                .withNewConditions()
                .withReady(ready)
                .withServing(serving)
                .withTerminating(terminating)
                .endConditions()
                .withHostname(ServicePods.hostname(pod, service).orElse(null))
                .withNodeName(node)
                .withZone(zone.isEmpty() ? null : zone)
                .withHints(hints(service, ready, zone, node))
                .withNewTargetRef()
                .withKind("Pod")
                .withNamespace(pod.getMetadata().getNamespace())
                .withName(pod.getMetadata().getName())
                .withUid(pod.getMetadata().getUid())
                .endTargetRef()
                .build();
    }

    /** Traffic distribution: clients of the same zone, or of the same node, are to prefer the endpoint. */
    private static @Nullable EndpointHints hints(Service service, boolean ready, String zone, @Nullable String node) {
        String distribution =
                Optional.ofNullable(service.getSpec().getTrafficDistribution()).orElse("");
        boolean sameNode = distribution.equals("PreferSameNode");
        boolean sameZone = distribution.equals("PreferClose") || distribution.equals("PreferSameZone");
        if (!ready
                || TopologyHints.wanted(service)
                || !(sameNode || sameZone)
                || (zone.isEmpty() && !(sameNode && node != null))) {
            return null;
        }
        EndpointHintsBuilder hints = new EndpointHintsBuilder();
        if (!zone.isEmpty()) {
            hints.addNewForZone().withName(zone).endForZone();
        }
        if (sameNode && node != null) {
            hints.addNewForNode().withName(node).endForNode();
        }
        return hints.build();
    }
}
