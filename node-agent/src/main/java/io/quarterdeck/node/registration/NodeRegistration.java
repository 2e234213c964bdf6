package io.quarterdeck.node.registration;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.NodeStatus;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.quarterdeck.client.ApiClient;
import io.quarterdeck.client.ResourceType;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.model.StatusException;
import io.quarterdeck.node.events.NodeEvents;
import io.quarterdeck.node.events.NodeEvents.Type;
import io.quarterdeck.node.network.SandboxNetwork;
import io.quarterdeck.node.registration.NodeObject.Health;
import io.quarterdeck.node.runtime.ContainerRuntime;
import io.quarterdeck.node.runtime.ImageService.Image;
import io.quarterdeck.node.runtime.RuntimeFailure;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Keeps the Node object and its Lease. The Lease is renewed every 10 s; the status is written when something changed,
 * and every 5 minutes in any case. Source: "Nodes", heartbeats.
 */
public final class NodeRegistration implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(NodeRegistration.class);
    private static final ResourceType<Node> NODES = ResourceType.of(Node.class);
    private static final ResourceType<Lease> LEASES = ResourceType.of(Lease.class);
    private static final Duration RENEW = Duration.ofSeconds(10);
    private static final Duration REPORT = Duration.ofMinutes(5);
    private static final Duration UNREADY_LOOK = Duration.ofMillis(500);
    private static final int LEASE_SECONDS = 40;
    private static final int NOT_FOUND = 404;
    private static final int CONFLICT = 409;

    private final ApiClient api;
    private final String name;
    private final Map<String, String> ownLabels;
    private final NodeObject object;
    private final MachineFacts machine;
    private final ContainerRuntime runtime;
    private final SandboxNetwork network;
    private final NodeEvents events;
    private final Consumer<String> podCidr;
    private final InstantSource clock;

    private volatile @Nullable Node node;
    private @Nullable Lease lease;
    private @Nullable String appliedCidr;
    private Instant reportedAt = Instant.EPOCH;
    private @Nullable Thread status;
    private @Nullable Thread heartbeat;

    /**
     * @param ownLabels beside the well-known ones
     * @param podCidr told once the cluster has given the node its range
     */
    public NodeRegistration(
            ApiClient api,
            String name,
            String address,
            int serverPort,
            int maxPods,
            Map<String, String> ownLabels,
            MachineFacts machine,
            ContainerRuntime runtime,
            SandboxNetwork network,
            NodeEvents events,
            Consumer<String> podCidr,
            InstantSource clock) {
        this.api = api;
        this.name = name;
        this.ownLabels = ownLabels;
        this.object = new NodeObject(name, address, serverPort, maxPods, machine, runtime.version());
        this.machine = machine;
        this.runtime = runtime;
        this.network = network;
        this.events = events;
        this.podCidr = podCidr;
        this.clock = clock;
    }

    public Map<String, Quantity> allocatable() {
        return object.allocatable();
    }

    /** The Node object as it was seen last. */
    public Node node() {
        Node known = node;
        return known == null ? freshNode() : known;
    }

    /** The Node object as the API has it now. */
    public Node freshNode() {
        return api.get(NODES, key());
    }

    public void start() {
        events.node(Type.NORMAL, "Starting", "Starting kubelet.");
        status = Thread.ofVirtual().name("node-status").start(this::report);
        heartbeat = Thread.ofVirtual().name("node-lease").start(this::beat);
    }

    @Override
    public void close() {
        for (Thread thread : new Thread[] {status, heartbeat}) {
            if (thread != null) {
                thread.interrupt();
            }
        }
    }

    private void report() {
        while (!Thread.currentThread().isInterrupted()) {
            boolean ready = false;
            try {
                ready = reportOnce();
            } catch (StatusException e) {
                LOG.warn("The node's status was not written: {}", e.text());
            } catch (RuntimeException e) {
                LOG.error("The node's status was not written", e);
            }
            if (!sleep(ready ? RENEW : UNREADY_LOOK)) {
                return;
            }
        }
    }

    private static boolean sleep(Duration duration) {
        try {
            Thread.sleep(duration);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private boolean reportOnce() {
        Instant now = clock.instant();
        Node current = read(now);
        node = current;
        String cidr = current.getSpec() == null ? null : current.getSpec().getPodCIDR();
        if (cidr != null && !cidr.isEmpty() && !cidr.equals(appliedCidr)) {
            podCidr.accept(cidr);
            appliedCidr = cidr;
        }
        Health health = health();
        NodeStatus wanted = object.status(current.getStatus(), images(), health, now);
        if (differs(current.getStatus(), wanted) || now.isAfter(reportedAt.plus(REPORT))) {
            tell(current.getStatus(), wanted);
            ObjectNode patch = api.serialization().mapper().createObjectNode();
            patch.set("status", api.serialization().mapper().valueToTree(wanted));
            api.patch(NODES, key(), "status", "application/strategic-merge-patch+json", patch.toString());
            reportedAt = now;
        }
        return health.notReady().isEmpty();
    }

    private Node read(Instant now) {
        try {
            Node known = api.get(NODES, key());
            return relabelled(known);
        } catch (StatusException e) {
            if (e.code() != NOT_FOUND) {
                throw e;
            }
        }
        Health health = health();
        Node registered = api.create(NODES, object.node(ownLabels, object.status(null, images(), health, now)));
        LOG.info("Registered node {}", name);
        return registered;
    }

    /** An older agent, or another machine under the name, may have left other labels. */
    private Node relabelled(Node known) {
        Map<String, String> wanted = object.labels();
        wanted.putAll(ownLabels);
        Map<String, String> present =
                Objects.requireNonNullElse(known.getMetadata().getLabels(), Map.of());
        if (present.entrySet().containsAll(wanted.entrySet())) {
            return known;
        }
        ObjectNode patch = api.serialization().mapper().createObjectNode();
        ObjectNode labels = patch.putObject("metadata").putObject("labels");
        wanted.forEach(labels::put);
        return api.patch(NODES, key(), "", "application/merge-patch+json", patch.toString());
    }

    private ObjectKey key() {
        return ObjectKey.clusterScoped(name);
    }

    private Health health() {
        Optional<String> notReady = network.notReady();
        try {
            runtime.version();
        } catch (RuntimeFailure e) {
            notReady = Optional.of("[container runtime is down, " + e.text() + "]");
        }
        return new Health(notReady, MachineFacts.memoryAvailable(), machine.diskAvailable());
    }

    private List<Image> images() {
        try {
            return runtime.images().list();
        } catch (RuntimeFailure e) {
            return List.of();
        }
    }

    private boolean differs(@Nullable NodeStatus before, NodeStatus after) {
        if (before == null
                || !Objects.equals(before.getCapacity(), after.getCapacity())
                || !Objects.equals(before.getAddresses(), after.getAddresses())
                || !Objects.equals(before.getNodeInfo(), after.getNodeInfo())
                || !Objects.equals(before.getImages(), after.getImages())
                || !Objects.equals(before.getDaemonEndpoints(), after.getDaemonEndpoints())) {
            return true;
        }
        return after.getConditions().stream()
                .anyMatch(condition -> value(before, condition.getType())
                        .filter(known -> known.getStatus().equals(condition.getStatus())
                                && Objects.equals(known.getReason(), condition.getReason())
                                && Objects.equals(known.getMessage(), condition.getMessage()))
                        .isEmpty());
    }

    private static Optional<NodeCondition> value(@Nullable NodeStatus status, String type) {
        return status == null
                ? Optional.empty()
                : Objects.requireNonNullElse(status.getConditions(), List.<NodeCondition>of()).stream()
                        .filter(condition -> condition.getType().equals(type))
                        .findFirst();
    }

    private void tell(@Nullable NodeStatus before, NodeStatus after) {
        for (NodeCondition condition : after.getConditions()) {
            boolean same = value(before, condition.getType())
                    .filter(known -> known.getStatus().equals(condition.getStatus()))
                    .isPresent();
            if (same && reportedAt.isAfter(Instant.EPOCH)) {
                continue;
            }
            boolean holds = "True".equals(condition.getStatus());
            String reason = switch (condition.getType()) {
                case "MemoryPressure" -> holds ? "NodeHasInsufficientMemory" : "NodeHasSufficientMemory";
                case "DiskPressure" -> holds ? "NodeHasDiskPressure" : "NodeHasNoDiskPressure";
                case "PIDPressure" -> holds ? "NodeHasInsufficientPID" : "NodeHasSufficientPID";
                default -> holds ? "NodeReady" : "NodeNotReady";
            };
            events.node(Type.NORMAL, reason, "Node %s status is now: %s".formatted(name, reason));
        }
    }

    // ---- lease ----

    private void beat() {
        while (!Thread.currentThread().isInterrupted()) {
            try {
                renew();
            } catch (StatusException e) {
                lease = null;
                LOG.warn("The node's lease was not renewed: {}", e.text());
            } catch (RuntimeException e) {
                lease = null;
                LOG.error("The node's lease was not renewed", e);
            }
            if (!sleep(lease == null ? Duration.ofSeconds(1) : RENEW)) {
                return;
            }
        }
    }

    private void renew() {
        Node owner = node;
        if (owner == null) {
            return;
        }
        ObjectKey key = new ObjectKey("kube-node-lease", name);
        if (lease == null) {
            try {
                lease = api.get(LEASES, key);
            } catch (StatusException e) {
                if (e.code() != NOT_FOUND) {
                    throw e;
                }
                lease = api.create(LEASES, renewed(new Lease(), owner));
                return;
            }
        }
        try {
            lease = api.update(LEASES, renewed(lease, owner), "");
        } catch (StatusException e) {
            if (e.code() != CONFLICT) {
                throw e;
            }
            lease = api.update(LEASES, renewed(api.get(LEASES, key), owner), "");
        }
    }

    private Lease renewed(Lease known, Node owner) {
        return new LeaseBuilder(known)
                .editOrNewMetadata()
                .withName(name)
                .withNamespace("kube-node-lease")
                .removeAllFromOwnerReferences(
                        known.getMetadata() == null
                                ? List.of()
                                : known.getMetadata().getOwnerReferences())
                .addNewOwnerReference()
                .withApiVersion("v1")
                .withKind("Node")
                .withName(name)
                .withUid(owner.getMetadata().getUid())
                .endOwnerReference()
                .endMetadata()
                .withNewSpec()
                .withHolderIdentity(name)
                .withLeaseDurationSeconds(LEASE_SECONDS)
                .withRenewTime(ZonedDateTime.ofInstant(clock.instant().truncatedTo(ChronoUnit.MICROS), ZoneOffset.UTC))
                .endSpec()
                .build();
    }
}
