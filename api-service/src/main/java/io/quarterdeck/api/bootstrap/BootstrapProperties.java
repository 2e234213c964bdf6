package io.quarterdeck.api.bootstrap;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The objects that the API server keeps.
 *
 * @param enabled whether it does; off for tests that want an empty store
 * @param serviceCidr the range that service addresses are taken from
 * @param dnsAddress the address of the cluster's name service; empty for none
 * @param advertiseAddress the address under which pods reach this server; the machine's first one when absent
 * @param eventLifetime how long an event is kept after it was last written
 * @param reconcileInterval how often what must be there is looked after
 */
@ConfigurationProperties("quarterdeck.api.bootstrap")
record BootstrapProperties(
        @DefaultValue("true") boolean enabled,
        @DefaultValue("10.96.0.0/16") String serviceCidr,
        @DefaultValue("10.96.0.10") String dnsAddress,
        @Nullable String advertiseAddress,
        @DefaultValue("1h") Duration eventLifetime,
        @DefaultValue("10s") Duration reconcileInterval) {}
