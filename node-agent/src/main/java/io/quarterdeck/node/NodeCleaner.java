package io.quarterdeck.node;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.quarterdeck.node.host.AtomicFiles;
import io.quarterdeck.node.host.HostCommands;
import io.quarterdeck.node.network.CniNetwork;
import io.quarterdeck.node.network.HostPortChains;
import io.quarterdeck.node.network.PodTraffic;
import io.quarterdeck.node.runtime.RuntimeFailure;
import io.quarterdeck.node.runtime.docker.DockerRuntime;
import io.quarterdeck.node.volumes.ClusterObjects;
import io.quarterdeck.node.volumes.DownwardApi.NodeFacts;
import io.quarterdeck.node.volumes.PodVolumes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Takes everything off the machine that an agent made: containers, sandboxes, networks and their addresses, mounts,
 * volumes, traffic rules. Needs neither the agent nor the API; the agent must not run. May be repeated.
 */
public final class NodeCleaner {

    private final Path dataDir;
    private final URI dockerHost;
    private final Path cniBinDir;
    private final Consumer<String> complaint;

    /** @param complaint told of each thing that stays, and why */
    public NodeCleaner(Path dataDir, URI dockerHost, Path cniBinDir, Consumer<String> complaint) {
        this.dataDir = dataDir;
        this.dockerHost = dockerHost;
        this.cniBinDir = cniBinDir;
        this.complaint = complaint;
    }

    /** {@code java … NodeCleaner DATA_DIR [DOCKER_HOST [CNI_BIN_DIR]]}. */
    public static void main(String[] arguments) {
        if (arguments.length == 0) {
            System.err.println("which data directory?");
            System.exit(2);
        }
        new NodeCleaner(
                        Path.of(arguments[0]),
                        URI.create(arguments.length > 1 ? arguments[1] : "unix:///var/run/docker.sock"),
                        Path.of(arguments.length > 2 ? arguments[2] : "/usr/lib/cni"),
                        System.err::println)
                .clean();
    }

    public void clean() {
        String instance = NodeProperties.instance(dataDir);
        HostCommands commands = new HostCommands();
        CniNetwork network = new CniNetwork(
                commands,
                cniBinDir,
                dataDir.resolve("cni").resolve("net.d"),
                NodeProperties.networkRecords(dataDir),
                NodeProperties.namespaces(instance));
        // Networks first: DEL wants the namespace, which lives as long as our mount of it.
        network.attached().forEach(id -> attempt("the network of sandbox " + id, () -> network.detach(id)));
        attempt("containers", () -> {
            try (DockerRuntime runtime = DockerRuntime.connect(dockerHost, instance)) {
                runtime.listContainers().forEach(container -> runtime.removeContainer(container.id()));
                runtime.listPodSandboxes().forEach(sandbox -> runtime.removePodSandbox(sandbox.id()));
                removePauseImage(runtime);
            } catch (RuntimeFailure e) {
                throw new IllegalStateException(e.text());
            }
        });
        PodVolumes volumes = new PodVolumes(
                dataDir, commands, new Nothing(), () -> new NodeFacts(List.of(), Map.of()), InstantSource.system());
        volumes.present().forEach(uid -> attempt("the volumes of pod " + uid, () -> volumes.tearDown(uid)));
        new PodTraffic(commands, instance).remove();
        new HostPortChains(commands).removeUnused();
        attempt("files", () -> {
            AtomicFiles.deleteTree(dataDir.resolve("cni"));
            AtomicFiles.deleteTree(dataDir.resolve("pods"));
            AtomicFiles.deleteTree(NodeProperties.runDirectory(instance));
            removeIfEmpty(NodeProperties.runDirectories());
        });
    }

    /** Another agent on this machine may still use it; then the engine refuses. */
    private static void removePauseImage(DockerRuntime runtime) {
        try {
            runtime.removePauseImage();
        } catch (RuntimeFailure used) {
            // It goes with the last agent.
        }
    }

    private static void removeIfEmpty(Path directory) {
        try {
            Files.deleteIfExists(directory);
        } catch (DirectoryNotEmptyException otherAgents) {
            // Theirs.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void attempt(String what, Runnable step) {
        try {
            step.run();
        } catch (RuntimeException e) {
            complaint.accept(what + ": " + e.getMessage());
        }
    }

    /** Taking volumes away asks for no objects. */
    private static final class Nothing implements ClusterObjects {
        @Override
        public Optional<ConfigMap> configMap(String namespace, String name) {
            return Optional.empty();
        }

        @Override
        public Optional<Secret> secret(String namespace, String name) {
            return Optional.empty();
        }

        @Override
        public Token token(Pod pod, String audience, long expirationSeconds) {
            throw new IllegalStateException("no tokens without an API");
        }
    }
}
