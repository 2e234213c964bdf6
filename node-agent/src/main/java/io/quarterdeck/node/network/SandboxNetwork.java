package io.quarterdeck.node.network;

import io.quarterdeck.node.runtime.Sandbox;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The network of sandboxes that do not share the node's. Thread-safe, every method may be repeated. */
public interface SandboxNetwork {

    /** Empty when pods can be connected, otherwise why not, in upstream's words. */
    Optional<String> notReady();

    /** Connects a sandbox; returns its addresses, the primary one first. */
    List<String> attach(Sandbox sandbox, List<HostPort> hostPorts);

    /** Of a sandbox that was connected, also by an agent before this one. */
    Optional<List<String>> addresses(String sandboxId);

    /** Takes the network away and gives the addresses back. */
    void detach(String sandboxId);

    /** Sandboxes that hold a network or part of one. */
    Set<String> attached();

    /** A port of the node that leads to the pod. Without a host address it is any of the node's. */
    record HostPort(int hostPort, int containerPort, String protocol, String hostIp) {}
}
