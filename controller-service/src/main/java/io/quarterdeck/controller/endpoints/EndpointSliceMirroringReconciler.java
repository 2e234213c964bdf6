package io.quarterdeck.controller.endpoints;

import io.fabric8.kubernetes.api.model.EndpointAddress;
import io.fabric8.kubernetes.api.model.EndpointSubset;
import io.fabric8.kubernetes.api.model.Endpoints;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPortBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.quarterdeck.feed.ObjectStore;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.reconcile.Action;
import io.quarterdeck.reconcile.Plan;
import io.quarterdeck.reconcile.Reconciler;
import io.quarterdeck.reconcile.View;
import io.quarterdeck.reconcile.Watches;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springframework.stereotype.Component;

/**
 * Mirrors Endpoints that somebody wrote by hand, for a service without a selector, into slices. Source: Kubernetes
 * documentation, "EndpointSlices", mirroring.
 */
@Component
public final class EndpointSliceMirroringReconciler implements Reconciler<Endpoints> {

    private static final String MANAGER = "endpointslicemirroring-controller.k8s.io";
    private static final String SKIP = "endpointslice.kubernetes.io/skip-mirror";
    private static final String LEADER = "control-plane.alpha.kubernetes.io/leader";
    private static final String APPLIED = "kubectl.kubernetes.io/last-applied-configuration";
    private static final int MAX_PER_SUBSET = 1000;

    @Override
    public Class<Endpoints> kind() {
        return Endpoints.class;
    }

    @Override
    public String name() {
        return "endpoint_slice_mirroring";
    }

    @Override
    public String component() {
        return "endpoint-slice-mirroring-controller";
    }

    @Override
    public void watches(Watches<Endpoints> watches) {
        watches.also(Service.class, service -> List.of(ObjectStore.keyOf(service)))
                .also(EndpointSlice.class, slice -> ServiceSlices.owner(slice, MANAGER));
    }

    @Override
    public Plan gone(ObjectKey key, View view) {
        return removeAll(key, view);
    }

    @Override
    public Plan reconcile(Endpoints endpoints, View view) {
        ObjectKey key = ObjectStore.keyOf(endpoints);
        boolean mirrored = view.lister(Service.class)
                .get(key.namespace(), key.name())
                .filter(service -> service.getSpec().getSelector() == null
                        || service.getSpec().getSelector().isEmpty())
                .isPresent();
        if (!mirrored || skipped(endpoints)) {
            return removeAll(key, view);
        }
        Map<SlicePlan.Group, List<Endpoint>> wanted = new LinkedHashMap<>();
        Set<String> families = new LinkedHashSet<>();
        for (EndpointSubset subset : endpoints.getSubsets()) {
            List<EndpointPort> ports = SlicePlan.Group.sorted(subset.getPorts().stream()
                    .map(port -> new EndpointPortBuilder()
                            .withName(port.getName() == null ? "" : port.getName())
                            .withPort(port.getPort())
                            .withProtocol(port.getProtocol())
                            .withAppProtocol(port.getAppProtocol())
                            .build())
                    .toList());
            int taken = 0;
            for (boolean ready : List.of(true, false)) {
                for (EndpointAddress address : ready ? subset.getAddresses() : subset.getNotReadyAddresses()) {
                    if (taken++ == MAX_PER_SUBSET) {
                        break;
                    }
                    String family = address.getIp().contains(":") ? "IPv6" : "IPv4";
                    families.add(family);
                    wanted.computeIfAbsent(new SlicePlan.Group(family, ports), same -> new ArrayList<>())
                            .add(endpoint(address, ready));
                }
            }
        }
        SlicePlan plan = new SlicePlan(endpoints, labels(endpoints), annotations(endpoints), MAX_PER_SUBSET, false);
        return Plan.of(plan.actions(wanted, families, ServiceSlices.existing(key, view, MANAGER)));
    }

    private static Plan removeAll(ObjectKey key, View view) {
        return Plan.of(ServiceSlices.existing(key, view, MANAGER).stream()
                .<Action>map(Action.Delete::of)
                .toList());
    }

    private static boolean skipped(Endpoints endpoints) {
        Map<String, String> labels = endpoints.getMetadata().getLabels();
        Map<String, String> annotations = endpoints.getMetadata().getAnnotations();
        return (labels != null && "true".equals(labels.get(SKIP)))
                || (annotations != null && annotations.containsKey(LEADER));
    }

    private static Map<String, String> labels(Endpoints endpoints) {
        Map<String, String> labels = new LinkedHashMap<>();
        if (endpoints.getMetadata().getLabels() != null) {
            labels.putAll(endpoints.getMetadata().getLabels());
        }
        labels.put(ServiceSlices.SERVICE_LABEL, endpoints.getMetadata().getName());
        labels.put(ServiceSlices.MANAGED_BY, MANAGER);
        return labels;
    }

    private static Map<String, String> annotations(Endpoints endpoints) {
        Map<String, String> annotations = new LinkedHashMap<>();
        if (endpoints.getMetadata().getAnnotations() != null) {
            annotations.putAll(endpoints.getMetadata().getAnnotations());
        }
        annotations.remove(ServicePods.TRIGGER_ANNOTATION);
        annotations.remove(APPLIED);
        return annotations;
    }

    private static Endpoint endpoint(EndpointAddress address, boolean ready) {
        return new EndpointBuilder()
                .withAddresses(address.getIp())
                .withNewConditions()
                .withReady(ready)
                .endConditions()
                .withHostname(address.getHostname())
                .withNodeName(address.getNodeName())
                .withTargetRef(address.getTargetRef())
                .build();
    }
}
