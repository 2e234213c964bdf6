package io.quarterdeck.standalone.cli;

import io.quarterdeck.node.NodeCleaner;
import io.quarterdeck.proxy.ProxyCleaner;
import io.quarterdeck.standalone.checks.LocalMachine;
import io.quarterdeck.standalone.instance.DockerHost;
import io.quarterdeck.standalone.instance.Instance;
import io.quarterdeck.standalone.instance.NodeLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the node and the proxy of an instance leave on the machine: containers, interfaces, mounts, rules. */
record NodeTraces(Instance instance) {
    private static final String DNS_ADDRESS = "169.254.20.10";

    void remove() throws IOException, InterruptedException {
        if (!Files.isDirectory(instance.node())) {
            return;
        }
        DockerHost docker = DockerHost.of(instance);
        LocalMachine machine = new LocalMachine(docker);
        if (!machine.root()) {
            throw new Failure(
                    "only root may remove what root's pods left behind",
                    "sudo " + QuarterdeckCommand.command() + " reset --data " + instance.directory());
        }
        Console console = new Console(System.out, 1);
        console.begin("Removing containers, networks, volumes and rules");
        // Containers can only be removed through their engine, so it has to run once more.
        DockerDaemon.ensure(machine, instance, console);
        new NodeCleaner(instance.node(), docker.uri(), plugins(), System.out::println).clean();
        ProxyCleaner.clean(DNS_ADDRESS);
        new NodeLock().forget(instance);
        console.done("removed");
    }

    private static Path plugins() {
        return Instance.CNI_DIRECTORIES.stream()
                .filter(Files::isDirectory)
                .findFirst()
                .orElse(Instance.CNI_DIRECTORIES.getFirst());
    }
}
