package io.quarterdeck.proxy;

import io.fabric8.kubernetes.api.model.Service;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.proxy.rules.Protocol;
import io.quarterdeck.proxy.rules.ServicePortName;
import io.quarterdeck.proxy.rules.ServiceRule;
import io.quarterdeck.proxy.rules.ServiceTable;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** From changed Services to changed rules, on one thread; the first round replaces all. */
final class ProxyLoop implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(ProxyLoop.class);

    private final ServiceChanges changes;
    private final BiFunction<Service, ServiceChanges, List<ServiceRule>> decide;
    private final ServiceTable table;
    private final ConnectionTracking connections;
    private final Duration collect;
    private final Timer duration;
    private final Map<ObjectKey, Set<ServicePortName>> ports = new HashMap<>();
    private final Map<ServicePortName, ServiceRule> rules = new HashMap<>();
    private volatile boolean ready;
    private @Nullable Thread thread;

    ProxyLoop(
            ServiceChanges changes,
            BiFunction<Service, ServiceChanges, List<ServiceRule>> decide,
            ServiceTable table,
            ConnectionTracking connections,
            Duration collect,
            MeterRegistry registry) {
        this.changes = changes;
        this.decide = decide;
        this.table = table;
        this.connections = connections;
        this.collect = collect;
        this.duration = Timer.builder("kubeproxy.sync.proxy.rules.duration")
                .description("Time that one rewrite of rules takes")
                .register(registry);
    }

    /** Whether the node's rules reflect the API. */
    boolean ready() {
        return ready;
    }

    /** How many Services and rules are in effect, for operators. */
    synchronized Map<String, Integer> size() {
        return Map.of("services", ports.size(), "rules", rules.size());
    }

    void start() {
        thread = Thread.ofPlatform().name("proxy-rules").daemon().start(this::run);
    }

    private void run() {
        try {
            while (!changes.synced()) {
                Thread.sleep(50);
            }
            changes.take(1);
            Set<ObjectKey> all = new HashSet<>();
            changes.services()
                    .forEach(service -> all.add(new ObjectKey(
                            service.getMetadata().getNamespace(),
                            service.getMetadata().getName())));
            duration.record(() -> replaceAll(all));
            ready = true;
            while (!Thread.currentThread().isInterrupted()) {
                Set<ObjectKey> changed = new HashSet<>(changes.take(60_000));
                if (!changed.isEmpty()) {
                    Thread.sleep(collect);
                    changed.addAll(changes.take(1));
                    duration.record(() -> update(changed));
                }
            }
        } catch (InterruptedException stopped) {
            log.debug("the proxy stops");
        }
    }

    private synchronized void replaceAll(Set<ObjectKey> services) {
        services.forEach(key -> decideAnew(key, new HashMap<>(), new HashSet<>()));
        table.replaceAll(rules);
    }

    private synchronized void update(Set<ObjectKey> services) {
        Map<ServicePortName, ServiceRule> changed = new HashMap<>();
        Set<ServicePortName> removed = new HashSet<>();
        Map<ServicePortName, ServiceRule> before = new HashMap<>(rules);
        services.forEach(key -> decideAnew(key, changed, removed));
        if (changed.isEmpty() && removed.isEmpty()) {
            return;
        }
        try {
            table.update(changed, removed);
        } catch (RuntimeException refused) {
            log.error("the rules of {} could not be changed", services, refused);
            return;
        }
        // Connections over UDP have no end: those to endpoints that are gone would go on into nowhere.
        Set<ServicePortName> touched = new HashSet<>(changed.keySet());
        touched.addAll(removed);
        for (ServicePortName name : touched) {
            ServiceRule old = before.get(name);
            if (name.protocol() == Protocol.UDP) {
                connections.forgetStale(old, rules.get(name));
            }
        }
    }

    private void decideAnew(ObjectKey key, Map<ServicePortName, ServiceRule> changed, Set<ServicePortName> removed) {
        List<ServiceRule> decided = changes.service(key)
                .map(service -> decide.apply(service, changes))
                .orElse(List.of());
        Set<ServicePortName> names = new HashSet<>();
        for (ServiceRule rule : decided) {
            names.add(rule.name());
            if (!rule.equals(rules.put(rule.name(), rule))) {
                changed.put(rule.name(), rule);
            }
        }
        for (ServicePortName name : ports.getOrDefault(key, Set.of())) {
            if (!names.contains(name)) {
                rules.remove(name);
                removed.add(name);
            }
        }
        if (names.isEmpty()) {
            ports.remove(key);
        } else {
            ports.put(key, names);
        }
    }

    @Override
    public void close() {
        if (thread != null) {
            thread.interrupt();
        }
    }
}
