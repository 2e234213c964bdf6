package io.quarterdeck.node.pods;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * The variables by which a pod finds services that were there before it. Pure.
 *
 * <p>Source: "Discovering services", environment variables, in the form that Docker links had.
 */
final class ServiceVariables {

    private ServiceVariables() {}

    /**
     * Of the pod's own namespace when it wants them; of {@code default/kubernetes} always, unless the namespace has a
     * service of that name itself.
     */
    static Map<String, String> of(Collection<Service> services, String namespace, boolean enableServiceLinks) {
        Map<String, Service> chosen = new TreeMap<>();
        for (Service service : services) {
            String ip = service.getSpec() == null ? null : service.getSpec().getClusterIP();
            if (ip == null || ip.isEmpty() || "None".equals(ip)) {
                continue;
            }
            String name = service.getMetadata().getName();
            String home = service.getMetadata().getNamespace();
            if ("default".equals(home) && "kubernetes".equals(name)) {
                chosen.putIfAbsent(name, service);
            } else if (home.equals(namespace) && enableServiceLinks) {
                chosen.put(name, service);
            }
        }
        Map<String, String> variables = new TreeMap<>();
        chosen.values().forEach(service -> add(service, variables));
        return variables;
    }

    private static void add(Service service, Map<String, String> variables) {
        String prefix = service.getMetadata().getName().toUpperCase(Locale.ROOT).replace('-', '_');
        String ip = service.getSpec().getClusterIP();
        String host = ip.contains(":") ? "[" + ip + "]" : ip;
        List<ServicePort> ports = Objects.requireNonNullElse(service.getSpec().getPorts(), List.of());
        if (ports.isEmpty()) {
            return;
        }
        variables.put(prefix + "_SERVICE_HOST", ip);
        variables.put(
                prefix + "_SERVICE_PORT", Integer.toString(ports.getFirst().getPort()));
        boolean first = true;
        for (ServicePort port : ports) {
            String number = Integer.toString(port.getPort());
            if (port.getName() != null && !port.getName().isEmpty()) {
                variables.put(
                        prefix + "_SERVICE_PORT_"
                                + port.getName().toUpperCase(Locale.ROOT).replace('-', '_'),
                        number);
            }
            String protocol = Objects.requireNonNullElse(port.getProtocol(), "TCP");
            String url = protocol.toLowerCase(Locale.ROOT) + "://" + host + ":" + number;
            if (first) {
                variables.put(prefix + "_PORT", url);
                first = false;
            }
            String portPrefix = prefix + "_PORT_" + number + "_" + protocol.toUpperCase(Locale.ROOT);
            variables.put(portPrefix, url);
            variables.put(portPrefix + "_PROTO", protocol.toLowerCase(Locale.ROOT));
            variables.put(portPrefix + "_PORT", number);
            variables.put(portPrefix + "_ADDR", ip);
        }
    }
}
