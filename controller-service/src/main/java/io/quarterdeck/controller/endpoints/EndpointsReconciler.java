package io.quarterdeck.controller.endpoints;

import io.fabric8.kubernetes.api.model.EndpointAddress;
import io.fabric8.kubernetes.api.model.EndpointAddressBuilder;
import io.fabric8.kubernetes.api.model.EndpointPort;
import io.fabric8.kubernetes.api.model.EndpointPortBuilder;
import io.fabric8.kubernetes.api.model.EndpointSubset;
import io.fabric8.kubernetes.api.model.EndpointSubsetBuilder;
import io.fabric8.kubernetes.api.model.Endpoints;
import io.fabric8.kubernetes.api.model.EndpointsBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.quarterdeck.controller.pods.PodStates;
import io.quarterdeck.feed.ObjectStore;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.reconcile.Action;
import io.quarterdeck.reconcile.Outcome;
import io.quarterdeck.reconcile.Plan;
import io.quarterdeck.reconcile.Reconciler;
import io.quarterdeck.reconcile.View;
import io.quarterdeck.reconcile.Watches;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.springframework.stereotype.Component;

/** Writes the Endpoints of each service with a selector; the older form, which endpoint slices replaced. */
@Component
public final class EndpointsReconciler implements Reconciler<Service> {

    private static final String MANAGED_BY = "endpoints.kubernetes.io/managed-by";
    private static final String OVER_CAPACITY = "endpoints.kubernetes.io/over-capacity";
    private static final int CAPACITY = 1000;

    private final Triggers triggers = new Triggers();

    @Override
    public Class<Service> kind() {
        return Service.class;
    }

    @Override
    public String name() {
        return "endpoint";
    }

    @Override
    public void watches(Watches<Service> watches) {
        watches.also(Pod.class, ServicePods::servicesOf)
                .also(
                        Endpoints.class,
                        endpoints -> managed(endpoints) ? List.of(ObjectStore.keyOf(endpoints)) : List.of());
    }

    private boolean managed(Endpoints endpoints) {
        Map<String, String> labels = endpoints.getMetadata().getLabels();
        return labels != null && component().equals(labels.get(MANAGED_BY));
    }

    @Override
    public Plan gone(ObjectKey key, View view) {
        triggers.forget(key);
        return view.lister(Endpoints.class)
                .get(key.namespace(), key.name())
                .map(endpoints -> Plan.of(Action.Delete.of(endpoints)))
                .orElse(Plan.nothing());
    }

    @Override
    public Plan reconcile(Service service, View view) {
        if (!ServicePods.selects(service)) {
            return Plan.nothing();
        }
        List<Pod> pods = ServicePods.of(service, view);
        List<EndpointSubset> subsets = subsets(service, pods);
        Optional<Endpoints> known = view.lister(Endpoints.class)
                .get(service.getMetadata().getNamespace(), service.getMetadata().getName());
        boolean over = cut(subsets);
        Map<String, String> labels = labels(service);
        boolean same = known.isPresent()
                && subsets.equals(known.get().getSubsets())
                && labels.equals(known.get().getMetadata().getLabels())
                && over == annotations(known).containsKey(OVER_CAPACITY);
        if (same) {
            return Plan.nothing();
        }
        Map<String, String> annotations = new LinkedHashMap<>(annotations(known));
        annotations.remove(ServicePods.TRIGGER_ANNOTATION);
        annotations.remove(OVER_CAPACITY);
        triggers.earliestNew(ObjectStore.keyOf(service), ServicePods.triggers(service, pods))
                .ifPresent(time -> annotations.put(ServicePods.TRIGGER_ANNOTATION, time.toString()));
        if (over) {
            annotations.put(OVER_CAPACITY, "truncated");
        }
        Endpoints next = known.map(EndpointsBuilder::new)
                .orElseGet(EndpointsBuilder::new)
                .editOrNewMetadata()
                .withNamespace(service.getMetadata().getNamespace())
                .withName(service.getMetadata().getName())
                .withLabels(labels)
                .withAnnotations(annotations)
                .endMetadata()
                .withSubsets(subsets)
                .build();
        Action write = known.isPresent() ? new Action.Update(next) : new Action.Create(next);
        return Plan.of(write).afterwards(outcome -> complain(service, next, known.isEmpty(), outcome));
    }

    private static List<Action> complain(Service service, Endpoints endpoints, boolean creating, Outcome outcome) {
        return outcome.failure()
                .filter(failure -> !failure.namespaceTerminating() && !failure.outdated())
                .<List<Action>>map(failure -> List.of(new Action.EmitEvent(
                        endpoints,
                        Action.EventType.WARNING,
                        creating ? "FailedToCreateEndpoint" : "FailedToUpdateEndpoint",
                        "Failed to %s %s/%s: %s"
                                .formatted(
                                        creating ? "create endpoint for service" : "update endpoint",
                                        service.getMetadata().getNamespace(),
                                        service.getMetadata().getName(),
                                        failure.message()),
                        Map.of())))
                .orElse(List.of());
    }

    private Map<String, String> labels(Service service) {
        Map<String, String> labels = new LinkedHashMap<>(
                service.getMetadata().getLabels() == null
                        ? Map.of()
                        : service.getMetadata().getLabels());
        if (ServicePods.headless(service)) {
            labels.put(ServicePods.HEADLESS_LABEL, "");
        } else {
            labels.remove(ServicePods.HEADLESS_LABEL);
        }
        labels.put(MANAGED_BY, component());
        return labels;
    }

    private static Map<String, String> annotations(Optional<Endpoints> known) {
        return known.map(endpoints -> endpoints.getMetadata().getAnnotations()).orElse(Map.of());
    }

    private static List<EndpointSubset> subsets(Service service, List<Pod> pods) {
        String family = ServicePods.families(service).getFirst();
        boolean tolerate = ServicePods.publishesNotReady(service);
        Map<String, EndpointSubset> byPorts = new TreeMap<>();
        for (Pod pod : pods) {
            List<String> addresses = ServicePods.addresses(pod, family);
            if (!ServicePods.addressable(pod, tolerate) || addresses.isEmpty()) {
                continue;
            }
            List<EndpointPort> ports = ports(service, pod);
            if (ports.isEmpty() && !(service.getSpec().getPorts().isEmpty() && ServicePods.headless(service))) {
                continue;
            }
            EndpointSubset subset = byPorts.computeIfAbsent(
                    ports.toString(),
                    same -> new EndpointSubsetBuilder().withPorts(ports).build());
            EndpointAddress address = address(service, pod, addresses.getFirst());
            (tolerate || PodStates.ready(pod) ? subset.getAddresses() : subset.getNotReadyAddresses()).add(address);
        }
        Comparator<EndpointAddress> order = Comparator.comparing(EndpointAddress::getIp)
                .thenComparing(address -> address.getTargetRef().getUid());
        byPorts.values().forEach(subset -> {
            subset.getAddresses().sort(order);
            subset.getNotReadyAddresses().sort(order);
        });
        return new ArrayList<>(byPorts.values());
    }

    private static List<EndpointPort> ports(Service service, Pod pod) {
        List<EndpointPort> ports = new ArrayList<>();
        for (ServicePort port : service.getSpec().getPorts()) {
            OptionalInt target = ServicePods.targetPort(port, pod);
            if (target.isPresent()) {
                ports.add(new EndpointPortBuilder()
                        .withName(port.getName())
                        .withPort(target.getAsInt())
                        .withProtocol(ServicePods.protocol(port))
                        .withAppProtocol(port.getAppProtocol())
                        .build());
            }
        }
        ports.sort(Comparator.comparing((EndpointPort port) -> String.valueOf(port.getName()))
                .thenComparing(EndpointPort::getPort)
                .thenComparing(EndpointPort::getProtocol));
        return ports;
    }

    private static EndpointAddress address(Service service, Pod pod, String ip) {
        return new EndpointAddressBuilder()
                .withIp(ip)
                .withNodeName(PodStates.nodeName(pod))
                .withHostname(ServicePods.hostname(pod, service).orElse(null))
                .withNewTargetRef()
                .withKind("Pod")
                .withNamespace(pod.getMetadata().getNamespace())
                .withName(pod.getMetadata().getName())
                .withUid(pod.getMetadata().getUid())
                .endTargetRef()
                .build();
    }

    /** Cuts what is above the capacity, ready addresses last; whether there was something to cut. */
    private static boolean cut(List<EndpointSubset> subsets) {
        int ready = subsets.stream().mapToInt(one -> one.getAddresses().size()).sum();
        int all = ready
                + subsets.stream()
                        .mapToInt(one -> one.getNotReadyAddresses().size())
                        .sum();
        if (all <= CAPACITY) {
            return false;
        }
        int readyLeft = Math.min(ready, CAPACITY);
        int notReadyLeft = CAPACITY - readyLeft;
        for (EndpointSubset subset : subsets) {
            int keep = Math.min(readyLeft, subset.getAddresses().size());
            int keepNotReady =
                    Math.min(notReadyLeft, subset.getNotReadyAddresses().size());
            subset.setAddresses(new ArrayList<>(subset.getAddresses().subList(0, keep)));
            subset.setNotReadyAddresses(
                    new ArrayList<>(subset.getNotReadyAddresses().subList(0, keepNotReady)));
            readyLeft -= keep;
            notReadyLeft -= keepNotReady;
        }
        subsets.removeIf(subset ->
                subset.getAddresses().isEmpty() && subset.getNotReadyAddresses().isEmpty());
        return true;
    }
}
