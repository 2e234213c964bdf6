package io.quarterdeck.node.volumes;

import java.nio.file.Path;

/** Where a pod's files lie on the node, laid out as upstream's kubelet does. */
public record PodDirectory(Path root) {

    public static PodDirectory of(Path dataDir, String podUid) {
        return new PodDirectory(dataDir.resolve("pods").resolve(podUid));
    }

    public Path hosts() {
        return root.resolve("etc-hosts");
    }

    public Path resolvConf() {
        return root.resolve("resolv.conf");
    }

    /** A file for each start of a container. */
    public Path terminationLog(String container, int attempt) {
        return root.resolve("containers").resolve(container).resolve("termination-log-" + attempt);
    }

    Path volume(String plugin, String name) {
        return root.resolve("volumes").resolve("kubernetes.io~" + plugin).resolve(name);
    }
}
