package io.quarterdeck.standalone.checks;

import io.quarterdeck.standalone.instance.DockerHost;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A machine on which all is well, until a test breaks something. */
final class FakeMachine implements Machine {
    boolean root = true;
    int java = 25;
    long space = 50L << 30;
    boolean writable = true;
    boolean plugins = true;
    Optional<String> docker = Optional.of("20.10.24+dfsg1");
    DockerHost dockerHost = DockerHost.USUAL;
    Optional<Path> nodeHolder = Optional.empty();
    final Set<String> programs =
            new HashSet<>(List.of("apt-get", "docker", "dockerd", "kubectl", "nft", "ip", "iptables", "conntrack"));
    final Map<Integer, String> listeners = new HashMap<>();

    @Override
    public boolean root() {
        return root;
    }

    @Override
    public int javaFeature() {
        return java;
    }

    @Override
    public String javaHome() {
        return "/jdk";
    }

    @Override
    public long usableSpace(Path path) {
        return space;
    }

    @Override
    public boolean writable(Path path) {
        return writable;
    }

    @Override
    public boolean hasProgram(String name) {
        return programs.contains(name);
    }

    @Override
    public boolean exists(Path path) {
        return plugins && path.startsWith("/usr/lib/cni");
    }

    @Override
    public boolean portFree(int port) {
        return !listeners.containsKey(port);
    }

    @Override
    public Optional<String> listener(int port) {
        return Optional.ofNullable(listeners.get(port));
    }

    @Override
    public Optional<Path> nodeHolder() {
        return nodeHolder;
    }

    @Override
    public DockerHost dockerHost() {
        return dockerHost;
    }

    @Override
    public Optional<String> dockerVersion() {
        return docker;
    }
}
