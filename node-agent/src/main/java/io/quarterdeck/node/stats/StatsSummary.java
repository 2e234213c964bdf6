package io.quarterdeck.node.stats;

import io.quarterdeck.node.registration.MachineFacts;
import io.quarterdeck.node.runtime.Container;
import io.quarterdeck.node.runtime.ContainerRuntime;
import io.quarterdeck.node.runtime.PodRef;
import io.quarterdeck.node.stats.Cgroups.Usage;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToDoubleFunction;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What kubectl top and its like ask a node: {@code /stats/summary}, {@code /metrics/resource}. A rate is taken between
 * two questions, so the first answer about a container has none. Thread-safe.
 */
public final class StatsSummary {

    private static final Duration LEAST_WINDOW = Duration.ofSeconds(1);
    private static final String NODE = "node";

    private final String nodeName;
    private final MachineFacts machine;
    private final ContainerRuntime runtime;
    private final InstantSource clock;
    private final Cgroups cgroups = new Cgroups();
    private final Map<String, Sample> samples = new ConcurrentHashMap<>();

    private record Sample(Instant at, long cpuNanos, long nanoCores) {}

    private record Measured(Container container, Usage usage) {}

    public StatsSummary(String nodeName, MachineFacts machine, ContainerRuntime runtime, InstantSource clock) {
        this.nodeName = nodeName;
        this.machine = machine;
        this.runtime = runtime;
        this.clock = clock;
    }

    private List<Measured> measure() {
        List<Measured> measured = new ArrayList<>();
        List<String> running = new ArrayList<>(List.of(NODE));
        for (Container container : runtime.listContainers()) {
            if (container.running()) {
                running.add(container.id());
                cgroups.of(container.pid()).ifPresent(usage -> measured.add(new Measured(container, usage)));
            }
        }
        samples.keySet().retainAll(running);
        return measured;
    }

    private Usage node() {
        return cgroups.machine(machine.memory(), MachineFacts.memoryAvailable());
    }

    public String json() {
        Instant now = clock.instant();
        ObjectNode summary = JsonMapper.shared().createObjectNode();
        ObjectNode node = summary.putObject("node");
        node.put("nodeName", nodeName);
        usage(node, NODE, node(), now);
        long total = machine.disk();
        long free = machine.diskAvailable();
        node.putObject("fs")
                .put("time", now.toString())
                .put("availableBytes", free)
                .put("capacityBytes", total)
                .put("usedBytes", total - free);
        ArrayNode pods = summary.putArray("pods");
        Map<PodRef, List<Measured>> byPod = new LinkedHashMap<>();
        measure()
                .forEach(one -> byPod.computeIfAbsent(one.container().pod(), ref -> new ArrayList<>())
                        .add(one));
        byPod.forEach((ref, containers) -> {
            ObjectNode pod = pods.addObject();
            pod.putObject("podRef")
                    .put("name", ref.name())
                    .put("namespace", ref.namespace())
                    .put("uid", ref.uid());
            ArrayNode list = pod.putArray("containers");
            long cpu = 0;
            long cores = 0;
            long workingSet = 0;
            for (Measured one : containers) {
                ObjectNode container = list.addObject();
                container.put("name", one.container().name());
                container.put("startTime", one.container().startedAt().toString());
                cores += usage(container, one.container().id(), one.usage(), now);
                cpu += one.usage().cpuNanos();
                workingSet += one.usage().workingSet();
            }
            pod.putObject("cpu")
                    .put("time", now.toString())
                    .put("usageNanoCores", cores)
                    .put("usageCoreNanoSeconds", cpu);
            pod.putObject("memory").put("time", now.toString()).put("workingSetBytes", workingSet);
        });
        return summary.toString();
    }

    private long usage(ObjectNode target, String key, Usage usage, Instant now) {
        long cores = nanoCores(key, usage.cpuNanos(), now);
        ObjectNode cpu = target.putObject("cpu").put("time", now.toString());
        if (cores >= 0) {
            cpu.put("usageNanoCores", cores);
        }
        cpu.put("usageCoreNanoSeconds", usage.cpuNanos());
        target.putObject("memory")
                .put("time", now.toString())
                .put("usageBytes", usage.memory())
                .put("workingSetBytes", usage.workingSet())
                .put("rssBytes", usage.rss());
        return Math.max(0, cores);
    }

    /** Negative while there is no earlier sample. */
    private long nanoCores(String key, long cpuNanos, Instant now) {
        Sample sample = samples.compute(key, (name, before) -> {
            if (before == null) {
                return new Sample(now, cpuNanos, -1);
            }
            Duration window = Duration.between(before.at(), now);
            if (window.compareTo(LEAST_WINDOW) < 0) {
                return before;
            }
            return new Sample(now, cpuNanos, (cpuNanos - before.cpuNanos()) * 1000 / Math.max(1, window.toMillis()));
        });
        return sample.nanoCores();
    }

    /** {@code /metrics/resource}, as metrics-server scrapes it. */
    public String resourceMetrics() {
        long millis = clock.instant().toEpochMilli();
        List<Measured> measured = measure();
        StringBuilder text = new StringBuilder();
        ToDoubleFunction<Measured> cpu = one -> one.usage().cpuNanos() / 1e9;
        ToDoubleFunction<Measured> memory = one -> one.usage().workingSet();
        String at = " " + millis;
        family(text, "container_cpu_usage_seconds_total", "counter", perContainer(measured, cpu), at);
        family(text, "container_memory_working_set_bytes", "gauge", perContainer(measured, memory), at);
        family(
                text,
                "container_start_time_seconds",
                "gauge",
                perContainer(measured, one -> one.container().startedAt().toEpochMilli() / 1e3),
                "");
        family(text, "pod_cpu_usage_seconds_total", "counter", perPod(measured, cpu), at);
        family(text, "pod_memory_working_set_bytes", "gauge", perPod(measured, memory), at);
        Usage node = node();
        text.append("# TYPE node_cpu_usage_seconds_total counter\nnode_cpu_usage_seconds_total ")
                .append(node.cpuNanos() / 1e9)
                .append(' ')
                .append(millis)
                .append("\n# TYPE node_memory_working_set_bytes gauge\nnode_memory_working_set_bytes ")
                .append(node.workingSet())
                .append(' ')
                .append(millis)
                .append("\n# TYPE resource_scrape_error gauge\nresource_scrape_error 0\n");
        return text.toString();
    }

    /** @param at the time behind each value, where upstream tells it */
    private static void family(StringBuilder text, String name, String type, Map<String, Double> values, String at) {
        text.append("# TYPE ").append(name).append(' ').append(type).append('\n');
        values.forEach((labels, value) -> text.append("%s{%s} %s%s\n".formatted(name, labels, value, at)));
    }

    private static Map<String, Double> perContainer(List<Measured> measured, ToDoubleFunction<Measured> value) {
        Map<String, Double> values = new LinkedHashMap<>();
        measured.forEach(one -> values.put(
                "container=\"" + one.container().name() + "\","
                        + labels(one.container().pod()),
                value.applyAsDouble(one)));
        return values;
    }

    private static Map<String, Double> perPod(List<Measured> measured, ToDoubleFunction<Measured> value) {
        Map<String, Double> sums = new LinkedHashMap<>();
        measured.forEach(one -> sums.merge(labels(one.container().pod()), value.applyAsDouble(one), Double::sum));
        return sums;
    }

    private static String labels(PodRef pod) {
        return "namespace=\"%s\",pod=\"%s\"".formatted(pod.namespace(), pod.name());
    }

    /** {@code /metrics}, under upstream's names. */
    public String nodeMetrics(int pods) {
        long running =
                runtime.listContainers().stream().filter(Container::running).count();
        return """
                # TYPE kubelet_running_pods gauge
                kubelet_running_pods %d
                # TYPE kubelet_running_containers gauge
                kubelet_running_containers{container_state="running"} %d
                """.formatted(pods, running);
    }
}
