package io.quarterdeck.node;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The node-agent's settings.
 *
 * @param name of the Node object; the host's name in lower case unless given
 * @param address under which others reach the node; that of the default route's interface unless given
 * @param dataDir where pods' volumes and the network's records lie
 * @param dockerHost the engine's socket, {@code unix:///…}
 * @param clusterDns what pods have for a name server
 * @param clusterDomain under which Services have names
 * @param clusterCidr all pods' addresses: traffic among them keeps its source address
 * @param maxPods how many pods the node takes
 * @param labels beside the well-known ones
 * @param bootstrapKubeconfig kubeconfig with a bootstrap token: a node that has no valid {@code quarterdeck.client.kubeconfig}
 *     joins by it and writes one, below the data directory unless that names a place; its certificates lie there in
 *     {@code pki}, and are renewed
 * @param cni where the network's plugins and configuration are
 * @param server the node's own port
 */
@ConfigurationProperties("quarterdeck.node")
public record NodeProperties(
        @Nullable String name,
        @Nullable String address,
        @DefaultValue("/var/lib/quarterdeck/node") Path dataDir,
        @DefaultValue("unix:///var/run/docker.sock") URI dockerHost,
        @DefaultValue("10.96.0.10") List<String> clusterDns,
        @DefaultValue("cluster.local") String clusterDomain,
        @DefaultValue("10.244.0.0/16") String clusterCidr,
        @DefaultValue("110") int maxPods,
        @DefaultValue Map<String, String> labels,
        @Nullable Path bootstrapKubeconfig,
        @DefaultValue Cni cni,
        @DefaultValue Server server) {

    /**
     * The Container Network Interface.
     *
     * @param binDir the plugins; the distribution's directory
     * @param confDir another network's {@code *.conflist}; unless given, the node writes its own: ptp, host-local, portmap
     */
    public record Cni(
            @DefaultValue("/usr/lib/cni") Path binDir,
            @Nullable Path confDir) {}

    /**
     * The HTTPS server; its port is Spring's {@code server.port}.
     *
     * @param certificate the server's certificate in PEM; unless given, the node asks the cluster for one by a certificate
     *     request, which somebody has to approve, and renews it
     * @param key its private key in PEM
     * @param clientCa the authority in PEM whose client certificates are believed; that of the API itself unless given
     */
    public record Server(
            @Nullable Path certificate,
            @Nullable Path key,
            @Nullable Path clientCa) {}

    String nodeName() {
        if (name != null) {
            return name;
        }
        try {
            return InetAddress.getLocalHost().getHostName().toLowerCase(Locale.ROOT);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("the host has no name: set quarterdeck.node.name", e);
        }
    }

    /** Tells this agent's containers, rules and namespaces from another agent's on the same machine. */
    String instance() {
        return instance(dataDir);
    }

    static String instance(Path dataDir) {
        CRC32 crc = new CRC32();
        crc.update(dataDir.toAbsolutePath().normalize().toString().getBytes(StandardCharsets.UTF_8));
        return "%08x".formatted(crc.getValue());
    }

    Path namespaces() {
        return namespaces(instance());
    }

    static Path namespaces(String instance) {
        return runDirectory(instance).resolve("netns");
    }

    /** What does not outlive a reboot. */
    static Path runDirectory(String instance) {
        return runDirectories().resolve(instance);
    }

    /** Those of all agents on this machine. */
    static Path runDirectories() {
        return Path.of("/run/quarterdeck");
    }

    Path ownConflists() {
        return dataDir.resolve("cni").resolve("net.d");
    }

    Path networkRecords() {
        return networkRecords(dataDir);
    }

    static Path networkRecords(Path dataDir) {
        return dataDir.resolve("cni").resolve("records");
    }

    Path leases() {
        return dataDir.resolve("cni").resolve("leases");
    }

    Path pki() {
        return dataDir.resolve("pki");
    }
}
