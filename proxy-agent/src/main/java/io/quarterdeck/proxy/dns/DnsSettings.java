package io.quarterdeck.proxy.dns;

import java.nio.file.Path;
import java.time.Duration;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Cluster DNS on a node ({@code quarterdeck.proxy.dns}).
 *
 * @param enabled whether this node answers cluster DNS itself
 * @param domain the cluster's domain
 * @param service the Service (namespace/name) whose address the node answers while the Service has no endpoints
 * @param listenAddress link-local address that is added to the loopback interface to listen on
 * @param port where it listens
 * @param resolvConf upstream name servers for every other name
 * @param ttl how long answers may be kept
 */
public record DnsSettings(
        @DefaultValue("true") boolean enabled,
        @DefaultValue("cluster.local") String domain,
        @DefaultValue("kube-system/kube-dns") String service,
        @DefaultValue("169.254.20.10") String listenAddress,
        @DefaultValue("53") int port,
        @DefaultValue("/etc/resolv.conf") Path resolvConf,
        @DefaultValue("5s") Duration ttl) {}
