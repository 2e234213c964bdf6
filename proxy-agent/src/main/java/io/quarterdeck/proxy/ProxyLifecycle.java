package io.quarterdeck.proxy;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarterdeck.feed.Informers;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.proxy.dns.NodeLocalDns;
import io.quarterdeck.proxy.dns.ServiceDirectory;
import io.quarterdeck.proxy.rules.ServiceRule;
import io.quarterdeck.proxy.rules.ServiceRules;
import io.quarterdeck.proxy.rules.ServiceTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Starts DNS, then the informers and the rules. Stopping leaves the rules in the kernel, so that Services go on while
 * the proxy restarts; {@code reset} takes them away.
 */
final class ProxyLifecycle implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(ProxyLifecycle.class);

    private final ProxyProperties properties;
    private final Informers informers;
    private final ServiceChanges changes;
    private final ServiceDirectory directory;
    private final ServiceTable table;
    private final MeterRegistry registry;
    private @Nullable ProxyLoop loop;
    private Optional<NodeLocalDns> dns = Optional.empty();

    ProxyLifecycle(
            ProxyProperties properties,
            Informers informers,
            ServiceChanges changes,
            ServiceDirectory directory,
            ServiceTable table,
            MeterRegistry registry) {
        this.properties = properties;
        this.informers = informers;
        this.changes = changes;
        this.directory = directory;
        this.table = table;
        this.registry = registry;
    }

    boolean ready() {
        ProxyLoop running = loop;
        return running != null && running.ready();
    }

    Map<String, Integer> size() {
        ProxyLoop running = loop;
        return running == null ? Map.of() : running.size();
    }

    @Override
    public synchronized boolean isRunning() {
        return loop != null;
    }

    @Override
    public synchronized void start() {
        forwardPackets();
        if (properties.dns().enabled()) {
            try {
                dns = Optional.of(NodeLocalDns.start(properties.dns(), directory, registry));
            } catch (IOException failed) {
                log.error(
                        "cluster DNS is not answered on {}:{}: {}",
                        properties.dns().listenAddress(),
                        properties.dns().port(),
                        failed.getMessage());
            }
        }
        ServiceRules rules = new ServiceRules(properties.nodeName());
        ProxyLoop made = new ProxyLoop(
                changes,
                (service, known) -> withDns(rules.of(
                        service,
                        known.slices(new ObjectKey(
                                service.getMetadata().getNamespace(),
                                service.getMetadata().getName())))),
                table,
                new ConnectionTracking(),
                properties.minSyncPeriod(),
                registry);
        loop = made;
        made.start();
        informers.start();
    }

    private List<ServiceRule> withDns(List<ServiceRule> rules) {
        return dns.map(local -> rules.stream().map(local::serve).toList()).orElse(rules);
    }

    /** Traffic of pods passes through this node, which a fresh machine does not allow. */
    private static void forwardPackets() {
        for (String setting : List.of("/proc/sys/net/ipv4/ip_forward")) {
            try {
                Files.writeString(Path.of(setting), "1");
            } catch (IOException readOnly) {
                log.warn("{} cannot be set: pods may not reach each other ({})", setting, readOnly.getMessage());
            }
        }
    }

    @Override
    public synchronized void stop() {
        if (loop != null) {
            loop.close();
            loop = null;
        }
        dns.ifPresent(NodeLocalDns::close);
        dns = Optional.empty();
        table.close();
    }
}
