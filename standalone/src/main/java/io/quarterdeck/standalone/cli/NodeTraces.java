package io.quarterdeck.standalone.cli;

import io.quarterdeck.node.NodeCleaner;
import io.quarterdeck.standalone.instance.Instance;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the node and the proxy of an instance leave on the machine: containers, interfaces, mounts, rules. */
record NodeTraces(Instance instance) {
    private static final URI DOCKER = URI.create("unix:///var/run/docker.sock");
    private static final Path CNI_PLUGINS = Path.of("/usr/lib/cni");

    void remove() throws InterruptedException {
        if (Files.isDirectory(instance.node())) {
            new NodeCleaner(instance.node(), DOCKER, CNI_PLUGINS, System.err::println).clean();
        }
    }
}
