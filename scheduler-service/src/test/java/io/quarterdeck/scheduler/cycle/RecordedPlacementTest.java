package io.quarterdeck.scheduler.cycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatusBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.quarterdeck.scheduler.framework.FilterPlugin;
import io.quarterdeck.scheduler.framework.NodeInfo;
import io.quarterdeck.scheduler.framework.PodInfo;
import io.quarterdeck.scheduler.framework.ScorePlugin;
import io.quarterdeck.scheduler.framework.Snapshot;
import io.quarterdeck.scheduler.plugins.SchedulerPlugins;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Replays, without a cluster, what kube-scheduler 1.36 decided in recorded cases: the node, or the exact refusal. */
class RecordedPlacementTest {

    private static final JsonMapper JSON = new JsonMapper();
    private static final List<String> FEATURES = List.of(
            "resources",
            "nodeselector",
            "nodeaffinity",
            "taints",
            "ports",
            "images",
            "messages",
            "score",
            "preemption",
            "podaffinity",
            "podantiaffinity",
            "spread");

    @TestFactory
    Stream<DynamicTest> recordedPlacements() {
        var context = new AnnotationConfigApplicationContext(SchedulerPlugins.class);
        SchedulingCycle cycle = new SchedulingCycle(
                context.getBeanProvider(FilterPlugin.class).orderedStream().toList(),
                context.getBeanProvider(ScorePlugin.class).orderedStream().toList());
        return FEATURES.stream()
                .flatMap(feature -> cases(feature).stream())
                .filter(RecordedPlacementTest::isDecisionOnly)
                .map(scenario -> DynamicTest.dynamicTest(
                        scenario.get("name").asString(), () -> new Case(cycle, scenario).run()));
    }

    /** Cases with volumes, disruption budgets, gates or later steps need a cluster. */
    private static boolean isDecisionOnly(JsonNode scenario) {
        boolean others = scenario.path("objects")
                .valueStream()
                .anyMatch(object -> !object.get("kind").asString().equals("PriorityClass"));
        boolean gated = scenario.get("pending").valueStream().anyMatch(pod -> pod.has("schedulingGates"));
        return !others
                && !gated
                && !scenario.has("then")
                && !scenario.has("before")
                && !scenario.has("ignored")
                && !scenario.has("count");
    }

    private static List<JsonNode> cases(String feature) {
        try (InputStream in = RecordedPlacementTest.class.getResourceAsStream("/placement/" + feature + ".json")) {
            return JSON.readTree(in).get("scenarios").valueStream().toList();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static final class Case {

        private final SchedulingCycle cycle;
        private final JsonNode scenario;
        private final Map<String, NodeInfo> nodes = new LinkedHashMap<>();
        private final Map<String, Integer> priorities = new LinkedHashMap<>();
        private final Map<String, String> policies = new LinkedHashMap<>();
        private final TreeSet<String> deleted = new TreeSet<>();
        private int defaultPriority;

        Case(SchedulingCycle cycle, JsonNode scenario) {
            this.cycle = cycle;
            this.scenario = scenario;
        }

        void run() {
            priorities.put("system-cluster-critical", 2_000_000_000);
            priorities.put("system-node-critical", 2_000_001_000);
            for (JsonNode object : scenario.path("objects")) {
                String name = object.at("/metadata/name").asString();
                priorities.put(name, object.get("value").intValue());
                policies.put(name, object.path("preemptionPolicy").asString("PreemptLowerPriority"));
                if (object.path("globalDefault").asBoolean(false)) {
                    defaultPriority = object.get("value").intValue();
                }
            }
            scenario.get("nodes")
                    .forEach(node -> nodes.put(node.get("name").asString(), NodeInfo.of(node(node), List.of())));
            int started = 0;
            for (JsonNode shorthand : scenario.path("pods")) {
                String behaviour = shorthand.path("ann").path("fake/behaviour").asString("run");
                if (behaviour.startsWith("succeed") || behaviour.startsWith("fail")) {
                    continue;
                }
                Pod pod = pod(shorthand);
                pod.setStatus(new PodStatusBuilder()
                        .withStartTime("2026-01-01T00:00:%02dZ".formatted(started++))
                        .build());
                nodes.computeIfPresent(pod.getSpec().getNodeName(), (name, node) -> node.with(PodInfo.of(pod)));
            }
            for (JsonNode shorthand : scenario.get("pending")) {
                PodInfo pod = PodInfo.of(pod(shorthand));
                expect(scenario.at("/expect/pods").get(pod.name()), decide(pod));
            }
            List<String> expected = scenario.at("/expect/deleted")
                    .valueStream()
                    .map(JsonNode::asString)
                    .toList();
            assertThat(deleted).as("victims").containsExactlyElementsOf(expected);
        }

        private void expect(JsonNode expected, Decision decision) {
            switch (decision) {
                case Decision.Bind(String node) ->
                    assertThat(node)
                            .as(scenario.get("name").asString())
                            .isEqualTo(expected.path("node").asString("(refused: " + expected + ")"));
                case Decision.Wait wait ->
                    assertThat(wait.message())
                            .as(scenario.get("name").asString())
                            .isEqualTo(expected.path("message").asString("(bound: " + expected + ")"));
                case Decision.Preempt preempt -> {
                    assertThat(preempt.message())
                            .isEqualTo(expected.path("message").asString(""));
                    assertThat(preempt.node())
                            .isEqualTo(expected.path("nominated").asString(""));
                }
            }
        }

        /** Carries a decision out, as the cluster would; after a preemption the pod is decided again. */
        private Decision decide(PodInfo pod) {
            Decision decision = cycle.schedule(pod, snapshot(), bound -> 0);
            return switch (decision) {
                case Decision.Bind(String node) -> {
                    nodes.computeIfPresent(node, (name, info) -> info.with(pod));
                    yield decision;
                }
                case Decision.Wait wait -> wait;
                case Decision.Preempt preempt -> {
                    for (PodInfo victim : preempt.victims()) {
                        deleted.add(victim.name());
                        nodes.computeIfPresent(preempt.node(), (name, info) -> info.without(victim));
                    }
                    yield preempt.victims().stream().anyMatch(Case::lingers) ? preempt : decide(pod);
                }
            };
        }

        private static boolean lingers(PodInfo victim) {
            Map<String, String> annotations = victim.pod().getMetadata().getAnnotations();
            return annotations != null
                    && annotations.getOrDefault("fake/behaviour", "").contains("hang-delete");
        }

        private Snapshot snapshot() {
            return Snapshot.of(
                    nodes.values(),
                    Map.of(
                            "place", Map.of("kubernetes.io/metadata.name", "place"),
                            "place-a", Map.of("kubernetes.io/metadata.name", "place-a", "team", "a", "env", "prod"),
                            "place-b", Map.of("kubernetes.io/metadata.name", "place-b", "team", "b", "env", "test")),
                    Map.of(),
                    List.of());
        }

        private static Node node(JsonNode shorthand) {
            ObjectNode node = JSON.createObjectNode();
            String name = shorthand.get("name").asString();
            ObjectNode metadata = node.putObject("metadata");
            metadata.put("name", name);
            ObjectNode labels = metadata.putObject("labels");
            labels.put("kubernetes.io/hostname", name);
            labels.put("kubernetes.io/os", "linux");
            labels.put("kubernetes.io/arch", "amd64");
            if (shorthand.has("labels")) {
                labels.setAll((ObjectNode) shorthand.get("labels"));
            }
            ObjectNode spec = node.putObject("spec");
            ArrayNode taints = spec.putArray("taints");
            shorthand.path("taints").forEach(taints::add);
            Map<String, String> pressures = Map.of(
                    "MemoryPressure", "memory-pressure",
                    "DiskPressure", "disk-pressure",
                    "PIDPressure", "pid-pressure",
                    "NetworkUnavailable", "network-unavailable");
            shorthand
                    .path("conditions")
                    .forEach(condition -> taints.addObject()
                            .put("key", "node.kubernetes.io/" + pressures.get(condition.asString()))
                            .put("effect", "NoSchedule"));
            if (shorthand.path("unschedulable").asBoolean(false)) {
                spec.put("unschedulable", true);
                taints.addObject()
                        .put("key", "node.kubernetes.io/unschedulable")
                        .put("effect", "NoSchedule");
            }
            ObjectNode capacity = JSON.createObjectNode()
                    .put("cpu", "4")
                    .put("memory", "16Gi")
                    .put("pods", "110")
                    .put("ephemeral-storage", "500Gi");
            if (shorthand.has("capacity")) {
                capacity.setAll((ObjectNode) shorthand.get("capacity"));
            }
            ObjectNode status = node.putObject("status");
            status.set("allocatable", capacity);
            ArrayNode images = status.putArray("images");
            shorthand.path("images").forEach(image -> {
                ObjectNode entry = images.addObject();
                entry.putArray("names").add(image.get("name"));
                entry.set("sizeBytes", image.get("size"));
            });
            return Serialization.unmarshal(node.toString(), Node.class);
        }

        private Pod pod(JsonNode shorthand) {
            ObjectNode spec = (ObjectNode) shorthand.deepCopy();
            ObjectNode pod = JSON.createObjectNode();
            ObjectNode metadata = pod.putObject("metadata");
            String name = spec.remove("name").asString();
            metadata.put("name", name);
            String namespace = spec.has("ns") ? spec.remove("ns").asString() : "place";
            metadata.put("uid", "uid-" + namespace + "-" + name);
            metadata.put("namespace", namespace);
            move(spec, "labels", metadata, "labels");
            move(spec, "ann", metadata, "annotations");
            move(spec, "finalizers", metadata, "finalizers");
            move(spec, "owners", metadata, "ownerReferences");
            move(spec, "node", spec, "nodeName");
            JsonNode requests = spec.remove("req");
            JsonNode limits = spec.remove("lim");
            if (!spec.has("containers")) {
                ObjectNode container = spec.putArray("containers").addObject();
                container.put("name", "c");
                JsonNode image = spec.remove("image");
                container.put("image", image == null ? "img:1" : image.asString());
                ObjectNode resources = container.putObject("resources");
                // The API server makes requests of limits where none are stated.
                if (requests != null || limits != null) {
                    resources.set("requests", requests != null ? requests : limits);
                }
                move(spec, "ports", container, "ports");
            }
            hostNetworkPorts(spec);
            String priorityClass = spec.path("priorityClassName").asString("");
            spec.put("priority", priorities.getOrDefault(priorityClass, defaultPriority));
            if (policies.containsKey(priorityClass)) {
                spec.put("preemptionPolicy", policies.get(priorityClass));
            }
            pod.set("spec", spec);
            return Serialization.unmarshal(pod.toString(), Pod.class);
        }

        /** On the host network every container port is one of the node: the API server fills that in. */
        private static void hostNetworkPorts(ObjectNode spec) {
            if (spec.path("hostNetwork").asBoolean(false)) {
                List<JsonNode> ports = new ArrayList<>();
                spec.path("containers")
                        .forEach(container -> container.path("ports").forEach(ports::add));
                ports.forEach(port -> ((ObjectNode) port).set("hostPort", port.get("containerPort")));
            }
        }

        private static void move(ObjectNode from, String name, ObjectNode to, String as) {
            JsonNode value = from.remove(name);
            if (value != null) {
                to.set(as, value);
            }
        }
    }
}
