package io.quarterdeck.api.bootstrap;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.registry.ResourceCatalog;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The objects that every cluster has, made from a few facts. Pure. */
final class ClusterObjects {

    private static final Map<String, int[]> PRIORITIES = priorities();
    private static final Pattern AUTHORITY = Pattern.compile("(certificate-authority-data: )[A-Za-z0-9+/=]*");

    private ClusterObjects() {}

    static Document namespace(String name) {
        return object("v1", "Namespace", "", name);
    }

    /** Under which addresses and ports the servers are reached. */
    record Endpoint(List<String> addresses, int port) {}

    /** Where pods find the API. */
    static Document apiService(String address, int port) {
        Document service = object("v1", "Service", "default", "kubernetes");
        labels(service, "component", "apiserver", "provider", "kubernetes");
        service.set("spec.clusterIP", address);
        service.object("spec").putArray("ports").add(port("https", "TCP", 443, port));
        service.set("spec.sessionAffinity", "None").set("spec.type", "ClusterIP");
        service.set("spec.ipFamilyPolicy", "SingleStack").set("spec.internalTrafficPolicy", "Cluster");
        return service;
    }

    static Document apiEndpoints(Endpoint endpoint) {
        Document endpoints = object("v1", "Endpoints", "default", "kubernetes");
        labels(endpoints, "endpointslice.kubernetes.io/skip-mirror", "true");
        ObjectNode subset = endpoints.tree().putArray("subsets").addObject();
        ArrayNode addresses = subset.putArray("addresses");
        endpoint.addresses().forEach(address -> addresses.addObject().put("ip", address));
        subset.putArray("ports")
                .addObject()
                .put("name", "https")
                .put("port", endpoint.port())
                .put("protocol", "TCP");
        return endpoints;
    }

    static Document apiEndpointSlice(Endpoint endpoint) {
        Document slice = object("discovery.k8s.io/v1", "EndpointSlice", "default", "kubernetes");
        labels(slice, "kubernetes.io/service-name", "kubernetes");
        boolean six = endpoint.addresses().stream().anyMatch(address -> address.contains(":"));
        slice.set("addressType", six ? "IPv6" : "IPv4");
        ArrayNode endpoints = slice.tree().putArray("endpoints");
        for (String address : endpoint.addresses()) {
            ObjectNode one = endpoints.addObject();
            one.putArray("addresses").add(address);
            one.putObject("conditions").put("ready", true);
        }
        slice.tree()
                .putArray("ports")
                .addObject()
                .put("name", "https")
                .put("port", endpoint.port())
                .put("protocol", "TCP");
        return slice;
    }

    /** The name service, which every node answers itself: it needs an address, and no pods. */
    static Document dnsService(String address) {
        Document service = object("v1", "Service", "kube-system", "kube-dns");
        labels(service, "k8s-app", "kube-dns", "kubernetes.io/name", "CoreDNS");
        service.set("spec.clusterIP", address).set("spec.type", "ClusterIP");
        ArrayNode ports = service.object("spec").putArray("ports");
        ports.add(port("dns", "UDP", 53, 53));
        ports.add(port("dns-tcp", "TCP", 53, 53));
        return service;
    }

    static Document serviceCidr(String range) {
        Document cidr = object("networking.k8s.io/v1", "ServiceCIDR", "", "kubernetes");
        cidr.object("spec").putArray("cidrs").add(range);
        return cidr;
    }

    /** The range with its verdict, or empty when it already says so. */
    static Optional<Document> readyServiceCidr(Document cidr, Instant now) {
        boolean ready = cidr.items("status.conditions").stream()
                .anyMatch(condition -> condition.path("type").asString("").equals("Ready")
                        && condition.path("status").asString("").equals("True"));
        if (ready) {
            return Optional.empty();
        }
        Document next = cidr.copy();
        next.object("status")
                .putArray("conditions")
                .addObject()
                .put("type", "Ready")
                .put("status", "True")
                .put("lastTransitionTime", now.toString())
                .put("message", "Kubernetes default Service CIDR is ready");
        return Optional.of(next);
    }

    /** What extension API servers need to believe this server's word about users. */
    static Document authenticationConfig(String clientCa, String requestHeaderCa, List<String> allowedNames) {
        Document config = object("v1", "ConfigMap", "kube-system", "extension-apiserver-authentication");
        ObjectNode data = config.object("data");
        if (!clientCa.isEmpty()) {
            data.put("client-ca-file", clientCa);
        }
        if (!requestHeaderCa.isEmpty()) {
            JsonMapper json = JsonMapper.shared();
            data.put("requestheader-allowed-names", json.writeValueAsString(allowedNames));
            data.put("requestheader-client-ca-file", requestHeaderCa);
            data.put("requestheader-extra-headers-prefix", "[\"X-Remote-Extra-\"]");
            data.put("requestheader-group-headers", "[\"X-Remote-Group\"]");
            data.put("requestheader-uid-headers", "[\"X-Remote-Uid\"]");
            data.put("requestheader-username-headers", "[\"X-Remote-User\"]");
        }
        return config;
    }

    /**
     * Where the API is and who vouches for it, for machines that have nothing but a bootstrap token: a kubeconfig without
     * users, as kubeadm writes it. A controller signs it.
     */
    static Document clusterInfo(Endpoint endpoint, String certificateAuthority) {
        Document config = object("v1", "ConfigMap", "kube-public", "cluster-info");
        String address = endpoint.addresses().getFirst();
        config.set("data.kubeconfig", """
                apiVersion: v1
                clusters:
                - cluster:
                    certificate-authority-data: %s
                    server: https://%s:%d
                  name: ""
                contexts: null
                current-context: ""
                kind: Config
                users: null
                """.formatted(
                encoded(certificateAuthority), address.contains(":") ? "[" + address + "]" : address, endpoint.port()));
        return config;
    }

    /** The same with another authority, or empty when it names that one already, or none: the address is its owner's. */
    static Optional<Document> vouchedFor(Document clusterInfo, String certificateAuthority) {
        String known = clusterInfo.text("data.kubeconfig");
        String next = AUTHORITY.matcher(known).replaceFirst("$1" + encoded(certificateAuthority));
        return next.equals(known)
                ? Optional.empty()
                : Optional.of(clusterInfo.copy().set("data.kubeconfig", next));
    }

    private static String encoded(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Since when uses of tokens out of Secrets are noted. */
    static Document legacyTokenTracking(Instant now) {
        Document config =
                object("v1", "ConfigMap", "kube-system", "kube-apiserver-legacy-service-account-token-tracking");
        config.set("data.since", LocalDate.ofInstant(now, ZoneOffset.UTC).toString());
        return config;
    }

    /** One for each group and version that this server itself serves. */
    static List<Document> apiServices(ResourceCatalog catalog) {
        List<Document> services = new ArrayList<>();
        for (String group : catalog.groups()) {
            for (String version : catalog.versions(group)) {
                int[] priority = PRIORITIES.get(group + "/" + version);
                if (priority == null) {
                    continue;
                }
                Document service = object("apiregistration.k8s.io/v1", "APIService", "", version + "." + group);
                labels(service, "kube-aggregator.kubernetes.io/automanaged", "onstart");
                if (!group.isEmpty()) {
                    service.set("spec.group", group);
                }
                service.set("spec.version", version);
                service.set("spec.groupPriorityMinimum", priority[0]);
                service.set("spec.versionPriority", priority[1]);
                services.add(service);
            }
        }
        return services;
    }

    /** Group and version priority of each group and version, as kube-apiserver registers them. */
    private static Map<String, int[]> priorities() {
        Map<String, int[]> table = new HashMap<>();
        table.put("/v1", new int[] {18000, 1});
        table.put("events.k8s.io/v1", new int[] {17750, 15});
        table.put("apps/v1", new int[] {17800, 15});
        table.put("authentication.k8s.io/v1", new int[] {17700, 15});
        table.put("authorization.k8s.io/v1", new int[] {17600, 15});
        table.put("autoscaling/v1", new int[] {17500, 15});
        table.put("autoscaling/v2", new int[] {17500, 30});
        table.put("batch/v1", new int[] {17400, 15});
        table.put("certificates.k8s.io/v1", new int[] {17300, 15});
        table.put("networking.k8s.io/v1", new int[] {17200, 15});
        table.put("policy/v1", new int[] {17100, 15});
        table.put("rbac.authorization.k8s.io/v1", new int[] {17000, 15});
        table.put("storage.k8s.io/v1", new int[] {16800, 15});
        table.put("apiextensions.k8s.io/v1", new int[] {16700, 15});
        table.put("admissionregistration.k8s.io/v1", new int[] {16700, 15});
        table.put("scheduling.k8s.io/v1", new int[] {16600, 15});
        table.put("coordination.k8s.io/v1", new int[] {16500, 15});
        table.put("node.k8s.io/v1", new int[] {16300, 15});
        table.put("discovery.k8s.io/v1", new int[] {16200, 15});
        table.put("resource.k8s.io/v1", new int[] {16200, 20});
        table.put("flowcontrol.apiserver.k8s.io/v1", new int[] {16100, 21});
        return table;
    }

    static Document object(String apiVersion, String kind, String namespace, String name) {
        Document object = Document.empty().set("apiVersion", apiVersion).set("kind", kind);
        object.set("metadata.name", name);
        if (!namespace.isEmpty()) {
            object.set("metadata.namespace", namespace);
        }
        return object;
    }

    private static void labels(Document object, String... pairs) {
        ObjectNode labels = object.object("metadata.labels");
        for (int i = 0; i < pairs.length; i += 2) {
            labels.put(pairs[i], pairs[i + 1]);
        }
    }

    private static ObjectNode port(String name, String protocol, int port, int target) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("name", name)
                .put("protocol", protocol)
                .put("port", port)
                .put("targetPort", target);
    }
}
