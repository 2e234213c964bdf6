package io.quarterdeck.proxy;

import io.quarterdeck.proxy.dns.DnsSettings;
import java.time.Duration;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.NestedConfigurationProperty;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The proxy's settings, under kube-proxy's names where it has them.
 *
 * @param nodeName the node that this proxy works for
 * @param clusterCidrs where pods live; traffic from elsewhere to a cluster address is masqueraded
 * @param minSyncPeriod how long changes are collected before rules are rewritten, when they come one after another
 * @param dns cluster DNS on this node
 */
@ConfigurationProperties("quarterdeck.proxy")
public record ProxyProperties(
        String nodeName,
        @DefaultValue("10.244.0.0/16") List<String> clusterCidrs,
        @DefaultValue("10ms") Duration minSyncPeriod,
        @DefaultValue @NestedConfigurationProperty DnsSettings dns) {}
