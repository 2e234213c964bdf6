package io.quarterdeck.controller.endpoints;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.quarterdeck.controller.pods.PodStates;
import io.quarterdeck.feed.ObjectStore;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.model.Selectors;
import io.quarterdeck.reconcile.View;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/** What both kinds of endpoints ask of services and pods. */
final class ServicePods {

    static final String HEADLESS_LABEL = "service.kubernetes.io/headless";
    static final String TRIGGER_ANNOTATION = "endpoints.kubernetes.io/last-change-trigger-time";

    private ServicePods() {}

    /** Whether a controller works out the service's endpoints at all. */
    static boolean selects(Service service) {
        return !"ExternalName".equals(service.getSpec().getType())
                && service.getSpec().getSelector() != null
                && !service.getSpec().getSelector().isEmpty();
    }

    static List<Pod> of(Service service, View view) {
        var selector = Selectors.of(service.getSpec().getSelector());
        return view.lister(Pod.class).inNamespace(service.getMetadata().getNamespace()).stream()
                .filter(pod -> selector.matches(labels(pod)))
                .toList();
    }

    static Collection<ObjectKey> servicesOf(Pod pod, View view) {
        Map<String, String> labels = labels(pod);
        return view.lister(Service.class).inNamespace(pod.getMetadata().getNamespace()).stream()
                .filter(service -> selects(service)
                        && Selectors.of(service.getSpec().getSelector()).matches(labels))
                .map(ObjectStore::keyOf)
                .toList();
    }

    private static Map<String, String> labels(Pod pod) {
        Map<String, String> labels = pod.getMetadata().getLabels();
        return labels == null ? Map.of() : labels;
    }

    /** Whether the pod has an address that may be used, or may be again. */
    static boolean addressable(Pod pod, boolean evenDeleting) {
        return !PodStates.finished(pod) && !addresses(pod).isEmpty() && (evenDeleting || !PodStates.deleting(pod));
    }

    static List<String> addresses(Pod pod) {
        if (pod.getStatus() == null) {
            return List.of();
        }
        List<String> addresses = new ArrayList<>();
        if (pod.getStatus().getPodIPs() != null) {
            pod.getStatus().getPodIPs().forEach(address -> addresses.add(address.getIp()));
        }
        String first = pod.getStatus().getPodIP();
        if (addresses.isEmpty() && first != null && !first.isEmpty()) {
            addresses.add(first);
        }
        return addresses;
    }

    static List<String> addresses(Pod pod, String family) {
        return addresses(pod).stream()
                .filter(address -> family.equals("IPv6") == address.contains(":"))
                .toList();
    }

    static List<String> families(Service service) {
        List<String> families = service.getSpec().getIpFamilies();
        return families == null || families.isEmpty() ? List.of("IPv4") : families;
    }

    static boolean headless(Service service) {
        String address = service.getSpec().getClusterIP();
        return address == null || address.isEmpty() || address.equals("None");
    }

    static boolean publishesNotReady(Service service) {
        return Boolean.TRUE.equals(service.getSpec().getPublishNotReadyAddresses());
    }

    /** The host name under which DNS knows the pod within the service. */
    static Optional<String> hostname(Pod pod, Service service) {
        String hostname = pod.getSpec().getHostname();
        return hostname != null
                        && !hostname.isEmpty()
                        && service.getMetadata().getName().equals(pod.getSpec().getSubdomain())
                ? Optional.of(hostname)
                : Optional.empty();
    }

    /** The number of the target port in this pod; none when no container has a port of that name. */
    static OptionalInt targetPort(ServicePort port, Pod pod) {
        if (port.getTargetPort() == null) {
            return OptionalInt.of(port.getPort());
        }
        String name = port.getTargetPort().getStrVal();
        if (name == null) {
            int number = port.getTargetPort().getIntVal() == null
                    ? 0
                    : port.getTargetPort().getIntVal();
            return OptionalInt.of(number == 0 ? port.getPort() : number);
        }
        String protocol = protocol(port);
        Stream<Container> sidecars = pod.getSpec().getInitContainers() == null
                ? Stream.empty()
                : pod.getSpec().getInitContainers().stream()
                        .filter(container -> "Always".equals(container.getRestartPolicy()));
        return Stream.concat(pod.getSpec().getContainers().stream(), sidecars)
                .flatMap(container -> container.getPorts() == null ? Stream.empty() : container.getPorts().stream())
                .filter(own -> name.equals(own.getName())
                        && protocol.equals(own.getProtocol() == null ? "TCP" : own.getProtocol()))
                .mapToInt(ContainerPort::getContainerPort)
                .findFirst();
    }

    static String protocol(ServicePort port) {
        return port.getProtocol() == null ? "TCP" : port.getProtocol();
    }

    /** The time of what changed last, for the annotation that lets latencies be measured. */
    static Map<String, Instant> triggers(Service service, List<Pod> pods) {
        Map<String, Instant> triggers = new HashMap<>();
        String created = service.getMetadata().getCreationTimestamp();
        if (created != null) {
            triggers.put("", Instant.parse(created));
        }
        for (Pod pod : pods) {
            PodStates.condition(pod, "Ready")
                    .map(condition -> condition.getLastTransitionTime())
                    .ifPresent(since -> triggers.put(pod.getMetadata().getName(), Instant.parse(since)));
        }
        return triggers;
    }
}
