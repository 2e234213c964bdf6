package io.quarterdeck.controller.node;

import io.fabric8.kubernetes.api.model.Node;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.reconcile.Action;
import io.quarterdeck.reconcile.Plan;
import io.quarterdeck.reconcile.Reconciler;
import io.quarterdeck.reconcile.View;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Gives each node an address range for its pods out of the cluster's. What was handed out in this process is
 * remembered until the cache shows it, so that two nodes at once never get the same.
 */
public final class NodeIpamReconciler implements Reconciler<Node> {

    private final CidrBlocks blocks;
    private final Map<String, String> handedOut = new ConcurrentHashMap<>();

    /**
     * @param cluster the range to divide, {@code 10.244.0.0/16}
     * @param maskSize prefix length of a node's range
     */
    public NodeIpamReconciler(String cluster, int maskSize) {
        this.blocks = new CidrBlocks(cluster, maskSize);
    }

    @Override
    public Class<Node> kind() {
        return Node.class;
    }

    @Override
    public String name() {
        return "node_ipam";
    }

    @Override
    public String component() {
        return "cidrAllocator";
    }

    @Override
    public Plan gone(ObjectKey key, View view) {
        handedOut.remove(key.name());
        return Plan.nothing();
    }

    @Override
    public Plan reconcile(Node node, View view) {
        String name = node.getMetadata().getName();
        if (node.getSpec() != null && node.getSpec().getPodCIDR() != null) {
            handedOut.remove(name);
            return Plan.nothing();
        }
        Optional<String> block = take(name, view);
        if (block.isEmpty()) {
            return Plan.of(new Action.EmitEvent(
                            node,
                            Action.EventType.NORMAL,
                            "CIDRNotAvailable",
                            "Node " + name + " status is now: CIDRNotAvailable",
                            Map.of()))
                    .requeueAfter(Duration.ofSeconds(30));
        }
        return Plan.of(
                new Action.Patch(Node.class, ObjectKey.clusterScoped(name), "", Action.PatchType.MERGE, """
                {"spec":{"podCIDR":"%1$s","podCIDRs":["%1$s"]},"metadata":{"uid":"%2$s"}}""".formatted(
                                block.get(), node.getMetadata().getUid())));
    }

    private synchronized Optional<String> take(String node, View view) {
        String known = handedOut.get(node);
        if (known != null) {
            return Optional.of(known);
        }
        Set<String> used = new HashSet<>(handedOut.values());
        view.lister(Node.class).all().stream()
                .map(other -> other.getSpec() == null ? null : other.getSpec().getPodCIDR())
                .filter(cidr -> cidr != null)
                .forEach(used::add);
        Optional<String> block = blocks.firstFree(used);
        block.ifPresent(cidr -> handedOut.put(node, cidr));
        return block;
    }
}
