package io.quarterdeck.standalone.server;

import io.quarterdeck.api.ApiServiceApplication;
import io.quarterdeck.controller.ControllerServiceApplication;
import io.quarterdeck.embedded.kafka.EmbeddedKafka;
import io.quarterdeck.embedded.postgres.EmbeddedPostgres;
import io.quarterdeck.node.NodeAgentApplication;
import io.quarterdeck.proxy.ProxyAgentApplication;
import io.quarterdeck.scheduler.SchedulerServiceApplication;
import io.quarterdeck.standalone.instance.DockerHost;
import io.quarterdeck.standalone.instance.Instance;
import io.quarterdeck.standalone.instance.PortPlan;
import io.quarterdeck.standalone.instance.Role;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What each part has to know about the others here: addresses, files, credentials. */
record RoleParts(
        Instance instance,
        PortPlan ports,
        String nodeName,
        DockerHost docker,
        EmbeddedPostgres postgres,
        EmbeddedKafka kafka,
        Optional<Path> tokenAuthFile) {

    RolePart part(Role role) {
        return switch (role) {
            case API -> new RolePart(role, ApiServiceApplication.class, api());
            case CONTROLLERS -> new RolePart(role, ControllerServiceApplication.class, controllers());
            case SCHEDULER -> new RolePart(role, SchedulerServiceApplication.class, client("scheduler", role));
            case NODE -> new RolePart(role, NodeAgentApplication.class, node());
            case PROXY -> new RolePart(role, ProxyAgentApplication.class, proxy());
        };
    }

    private Map<String, Object> api() {
        Map<String, Object> p = new LinkedHashMap<>();
        p.put("server.port", ports.api());
        p.put("management.server.port", ports.management(Role.API));
        p.put("management.server.address", "127.0.0.1");
        p.putAll(postgres.springProperties());
        p.put("quarterdeck.api.pki-directory", instance.pki());
        p.put("quarterdeck.api.advertised-address", "127.0.0.1:" + ports.api());
        tokenAuthFile.ifPresent(file -> p.put("quarterdeck.api.authentication.token-auth-file", file));
        p.putAll(kafka.springProperties());
        return p;
    }

    private Map<String, Object> controllers() {
        Map<String, Object> p = client("controller-manager", Role.CONTROLLERS);
        p.put(
                "quarterdeck.controllers.service-account-private-key-file",
                instance.pki().resolve("sa.key"));
        p.put(
                "quarterdeck.controllers.cluster-signing-cert-file",
                instance.pki().resolve("ca.crt"));
        p.put("quarterdeck.controllers.cluster-signing-key-file", instance.pki().resolve("ca.key"));
        return p;
    }

    private Map<String, Object> client(String identity, Role role) {
        Map<String, Object> p = new LinkedHashMap<>();
        p.put("server.port", ports.management(role));
        p.put("server.address", "127.0.0.1");
        p.put("quarterdeck.client.kubeconfig", instance.kubeconfig(identity));
        p.putAll(kafka.springProperties());
        return p;
    }

    private Map<String, Object> node() {
        Map<String, Object> p = client("node", Role.NODE);
        p.remove("server.address");
        p.put("server.port", ports.nodeServer());
        p.put("quarterdeck.node.name", nodeName);
        p.put("quarterdeck.node.data-dir", instance.node());
        p.put(DockerHost.PROPERTY, docker);
        p.put("quarterdeck.node.cluster-domain", ClusterFiles.CLUSTER_DOMAIN);
        p.put("quarterdeck.node.server.certificate", instance.pki().resolve("kubelet.crt"));
        p.put("quarterdeck.node.server.key", instance.pki().resolve("kubelet.key"));
        p.put("quarterdeck.node.server.client-ca", instance.pki().resolve("ca.crt"));
        pluginDirectory().ifPresent(directory -> p.put("quarterdeck.node.cni.bin-dir", directory));
        p.put("management.server.port", ports.management(Role.NODE));
        p.put("management.server.address", "127.0.0.1");
        return p;
    }

    private Map<String, Object> proxy() {
        Map<String, Object> p = client("proxy", Role.PROXY);
        p.put("quarterdeck.proxy.node-name", nodeName);
        return p;
    }

    /** Distributions and upstream disagree on where the CNI plugins lie. */
    private static Optional<Path> pluginDirectory() {
        return Instance.CNI_DIRECTORIES.stream()
                .filter(directory -> Files.exists(directory.resolve("ptp")))
                .findFirst();
    }
}
