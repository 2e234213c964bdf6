package io.quarterdeck.node.pods;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.quarterdeck.client.ObjectSerialization;
import io.quarterdeck.node.events.NodeEvents;
import io.quarterdeck.node.host.AtomicFiles;
import io.quarterdeck.node.host.HostCommands;
import io.quarterdeck.node.images.ImagePuller;
import io.quarterdeck.node.network.CniNetwork;
import io.quarterdeck.node.network.DefaultConflist;
import io.quarterdeck.node.network.PodFiles;
import io.quarterdeck.node.network.PodTraffic;
import io.quarterdeck.node.probes.Handlers;
import io.quarterdeck.node.probes.Probes;
import io.quarterdeck.node.runtime.TestImage;
import io.quarterdeck.node.runtime.docker.DockerRuntime;
import io.quarterdeck.node.volumes.ClusterObjects;
import io.quarterdeck.node.volumes.DownwardApi.NodeFacts;
import io.quarterdeck.node.volumes.PodVolumes;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** A whole node on real Docker and real CNI, with an API of maps. */
public final class NodeHarness implements AutoCloseable {

    public static final String INSTANCE = "nodeit";

    public final Map<String, Pod> pods = new ConcurrentHashMap<>();
    public final Map<String, ConfigMap> configMaps = new ConcurrentHashMap<>();
    public final Map<String, Secret> secrets = new ConcurrentHashMap<>();
    public final List<Service> services = new CopyOnWriteArrayList<>();
    public final List<String> events = new CopyOnWriteArrayList<>();
    public final DockerRuntime runtime;
    public final CniNetwork network;
    public final Path dataDir;
    public PodWorkers workers;
    private final List<Consumer<String>> listeners = new CopyOnWriteArrayList<>();
    private final ObjectSerialization serialization = new ObjectSerialization();
    private final HostCommands commands = new HostCommands();
    private final PodTraffic traffic;
    private Probes probes;

    public NodeHarness(Path dataDir) {
        this.dataDir = dataDir;
        runtime = DockerRuntime.connect(URI.create("unix:///var/run/docker.sock"), INSTANCE);
        TestImage.load(runtime.images());
        AtomicFiles.write(
                dataDir.resolve("cni/net.d").resolve(DefaultConflist.FILE),
                DefaultConflist.text("10.177.0.0/24", dataDir.resolve("cni/leases")));
        network = new CniNetwork(
                commands,
                Path.of("/usr/lib/cni"),
                dataDir.resolve("cni/net.d"),
                dataDir.resolve("cni/records"),
                Path.of("/run/quarterdeck", INSTANCE, "netns"));
        traffic = new PodTraffic(commands, INSTANCE);
        traffic.apply("10.177.0.0/24", "10.177.0.0/16");
        start();
    }

    /** Like an agent that begins, after another has ended or not. */
    public void start() {
        NodeFacts facts =
                new NodeFacts(List.of("192.0.2.10"), Map.of("cpu", new Quantity("2"), "memory", new Quantity("4Gi")));
        listeners.clear();
        InstantSource clock = InstantSource.system();
        Handlers handlers = new Handlers(runtime);
        NodeEvents recorder = new NodeEvents() {
            @Override
            public void pod(Pod pod, String container, Type type, String reason, String message) {
                events.add(pod.getMetadata().getName() + " " + reason + " " + message);
            }

            @Override
            public void node(Type type, String reason, String message) {
                events.add("node " + reason + " " + message);
            }
        };
        ClusterObjects objects = new Objects();
        probes = new Probes(handlers, recorder, clock);
        Source source = new Source();
        workers = new PodWorkers(new PodContext(
                source,
                new Writer(),
                new PodAdmissions(source, NodeHarness::node, NodeHarness::node, true),
                runtime,
                network,
                new PodVolumes(dataDir, commands, objects, () -> facts, clock),
                objects,
                new ImagePuller(runtime.images(), objects, recorder, clock),
                probes,
                handlers,
                recorder,
                new PodFiles(List.of("10.96.0.10"), "cluster.local"),
                () -> facts,
                4L << 30,
                dataDir.resolve("seccomp"),
                clock));
        workers.start();
    }

    private static Node node() {
        return new NodeBuilder()
                .withNewMetadata()
                .withName("node-it")
                .endMetadata()
                .withNewSpec()
                .endSpec()
                .withNewStatus()
                .withAllocatable(
                        Map.of("cpu", new Quantity("2"), "memory", new Quantity("4Gi"), "pods", new Quantity("110")))
                .endStatus()
                .build();
    }

    public Pod apply(String yaml) {
        Pod pod = serialization.unmarshal(yaml, Pod.class);
        Pod full = new PodBuilder(pod)
                .editMetadata()
                .withNamespace("default")
                .withUid(UUID.randomUUID().toString())
                .withGeneration(1L)
                .endMetadata()
                .editSpec()
                .withNodeName("node-it")
                .endSpec()
                .withNewStatus()
                .withPhase("Pending")
                .endStatus()
                .build();
        full.getSpec().getContainers().forEach(container -> container.setImagePullPolicy("IfNotPresent"));
        full.getSpec().getInitContainers().forEach(container -> container.setImagePullPolicy("IfNotPresent"));
        pods.put(full.getMetadata().getUid(), full);
        tell(full.getMetadata().getUid());
        return full;
    }

    public void change(Pod pod, UnaryOperator<Pod> change) {
        pods.computeIfPresent(pod.getMetadata().getUid(), (uid, current) -> change.apply(current));
        tell(pod.getMetadata().getUid());
    }

    public void delete(Pod pod, long graceSeconds) {
        change(
                pod,
                current -> new PodBuilder(current)
                        .editMetadata()
                        .withDeletionTimestamp(
                                Instant.now().plusSeconds(graceSeconds).toString())
                        .withDeletionGracePeriodSeconds(graceSeconds)
                        .endMetadata()
                        .build());
    }

    public void forceDelete(Pod pod) {
        pods.remove(pod.getMetadata().getUid());
        tell(pod.getMetadata().getUid());
    }

    private void tell(String uid) {
        listeners.forEach(listener -> listener.accept(uid));
    }

    public PodStatus status(Pod pod) {
        return Optional.ofNullable(pods.get(pod.getMetadata().getUid()))
                .map(Pod::getStatus)
                .orElseGet(PodStatus::new);
    }

    public ContainerStatus container(Pod pod, String name) {
        return status(pod).getContainerStatuses().stream()
                .filter(status -> status.getName().equals(name))
                .findFirst()
                .orElseGet(ContainerStatus::new);
    }

    public boolean isTrue(Pod pod, String condition) {
        return status(pod).getConditions().stream()
                .anyMatch(found -> found.getType().equals(condition) && "True".equals(found.getStatus()));
    }

    public PodSource source() {
        return new Source();
    }

    /** Ends the agent as a kill would: nothing is told to anybody. */
    public void stop() throws Exception {
        workers.close();
        probes.close();
    }

    @Override
    public void close() throws Exception {
        pods.keySet().forEach(uid -> {
            pods.remove(uid);
            tell(uid);
        });
        long until = System.nanoTime() + 20_000_000_000L;
        while (workers.count() > 0 && System.nanoTime() < until) {
            Thread.sleep(50);
        }
        stop();
        traffic.remove();
        runtime.close();
    }

    private final class Source implements PodSource {
        @Override
        public Optional<Pod> byUid(String uid) {
            return Optional.ofNullable(pods.get(uid));
        }

        @Override
        public Optional<Pod> byName(String namespace, String name) {
            return pods.values().stream()
                    .filter(pod -> pod.getMetadata().getName().equals(name))
                    .findFirst();
        }

        @Override
        public List<Pod> all() {
            return List.copyOf(pods.values());
        }

        @Override
        public List<Service> services() {
            return services;
        }

        @Override
        public void onChange(Consumer<String> uid) {
            listeners.add(uid);
        }
    }

    private final class Writer implements PodWriter {
        @Override
        public void updateStatus(Pod pod, PodStatus status) {
            pods.computeIfPresent(
                    pod.getMetadata().getUid(),
                    (uid, current) -> new PodBuilder(current).withStatus(status).build());
            tell(pod.getMetadata().getUid());
        }

        @Override
        public void confirmDeletion(Pod pod) {
            forceDelete(pod);
        }
    }

    private final class Objects implements ClusterObjects {
        @Override
        public Optional<ConfigMap> configMap(String namespace, String name) {
            return Optional.ofNullable(configMaps.get(name));
        }

        @Override
        public Optional<Secret> secret(String namespace, String name) {
            return Optional.ofNullable(secrets.get(name));
        }

        @Override
        public Token token(Pod pod, String audience, long expirationSeconds) {
            return new Token(
                    "token-for-" + audience, Instant.now(), Instant.now().plusSeconds(expirationSeconds));
        }
    }
}
