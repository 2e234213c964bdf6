package io.quarterdeck.node.pods;

import io.quarterdeck.node.events.NodeEvents;
import io.quarterdeck.node.images.ImagePuller;
import io.quarterdeck.node.network.PodFiles;
import io.quarterdeck.node.network.SandboxNetwork;
import io.quarterdeck.node.probes.Handlers;
import io.quarterdeck.node.probes.Probes;
import io.quarterdeck.node.runtime.ContainerRuntime;
import io.quarterdeck.node.volumes.ClusterObjects;
import io.quarterdeck.node.volumes.DownwardApi.NodeFacts;
import io.quarterdeck.node.volumes.PodVolumes;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.function.Supplier;

/**
 * What the workers of one node share.
 *
 * @param memoryCapacity of the node, in bytes
 * @param seccompDir where profiles of type Localhost are
 */
public record PodContext(
        PodSource source,
        PodWriter writer,
        PodAdmissions admissions,
        ContainerRuntime runtime,
        SandboxNetwork network,
        PodVolumes volumes,
        ClusterObjects objects,
        ImagePuller images,
        Probes probes,
        Handlers handlers,
        NodeEvents events,
        PodFiles files,
        Supplier<NodeFacts> node,
        long memoryCapacity,
        Path seccompDir,
        InstantSource clock) {}
