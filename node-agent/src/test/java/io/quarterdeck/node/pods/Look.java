package io.quarterdeck.node.pods;

import io.quarterdeck.node.pods.ActualPod.Health;
import io.quarterdeck.node.pods.ActualPod.Refusal;
import io.quarterdeck.node.pods.ActualPod.Task;
import io.quarterdeck.node.runtime.Container;
import io.quarterdeck.node.runtime.Container.State;
import io.quarterdeck.node.runtime.PodRef;
import io.quarterdeck.node.runtime.ProcessUser;
import io.quarterdeck.node.runtime.Sandbox;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What the worker sees, built word by word. */
final class Look {
    static final Instant NOW = Instant.parse("2026-01-01T00:10:00Z");
    static final PodRef REF = new PodRef("default", "p", "uid");

    private final List<Sandbox> sandboxes = new ArrayList<>();
    private final List<Container> containers = new ArrayList<>();
    private final Map<String, Health> health = new HashMap<>();
    private final Map<String, Task> tasks = new HashMap<>();
    private final Map<String, BackOff> backOffs = new HashMap<>();
    private Optional<List<String>> addresses = Optional.empty();
    private Set<String> networked = Set.of();
    private boolean volumes = true;
    private Optional<Refusal> refused = Optional.empty();
    private boolean gone;
    private boolean files;
    private boolean networkReady = true;

    Look sandbox(Sandbox sandbox) {
        sandboxes.add(sandbox);
        return this;
    }

    Look addresses(String... ips) {
        addresses = Optional.of(List.of(ips));
        return this;
    }

    Look networked(String id) {
        networked = Set.of(id);
        return this;
    }

    Look volumes(boolean ready) {
        volumes = ready;
        return this;
    }

    Look networkReady(boolean ready) {
        networkReady = ready;
        return this;
    }

    Look refused(Refusal refusal) {
        refused = Optional.of(refusal);
        return this;
    }

    Look gone() {
        gone = true;
        return this;
    }

    Look files(boolean present) {
        files = present;
        return this;
    }

    Look task(String name, Task task) {
        tasks.put(name, task);
        return this;
    }

    Look backOff(String name, long delay, long endedBefore) {
        backOffs.put(name, new BackOff(Duration.ofSeconds(delay), NOW.minusSeconds(60)));
        containers.replaceAll(container -> container.name().equals(name)
                ? container(
                        name, container.attempt(), State.EXITED, container.exitCode(), NOW.minusSeconds(endedBefore))
                : container);
        return this;
    }

    Look running(String name, int attempt) {
        return running(name, attempt, true);
    }

    Look running(String name, int attempt, boolean started) {
        containers.add(container(name, attempt, State.RUNNING, 0, Instant.EPOCH));
        health.put(name + "-" + attempt, new Health(started, started, Optional.empty()));
        return this;
    }

    Look failing(String name) {
        containers.add(container(name, 0, State.RUNNING, 0, Instant.EPOCH));
        health.put(name + "-0", new Health(true, true, Optional.of("liveness")));
        return this;
    }

    Look ended(String name, int attempt, int exitCode) {
        containers.add(container(name, attempt, State.EXITED, exitCode, NOW.minusSeconds(1)));
        return this;
    }

    private static Container container(String name, int attempt, State state, int exitCode, Instant finished) {
        return new Container(
                name + "-" + attempt,
                REF,
                name,
                attempt,
                "s0",
                state,
                NOW.minusSeconds(90),
                NOW.minusSeconds(90),
                finished,
                exitCode,
                "",
                "",
                "i",
                "sha",
                1,
                "SIGTERM",
                false,
                state == State.RUNNING
                        ? Optional.of(new ProcessUser(1000, 3000, List.of(3000L, 4000L)))
                        : Optional.empty(),
                Map.of());
    }

    ActualPod pod() {
        return new ActualPod(
                sandboxes,
                addresses,
                networked,
                containers,
                health,
                tasks,
                backOffs,
                Map.of(),
                Set.of(),
                volumes,
                Optional.empty(),
                refused,
                gone,
                files,
                networkReady);
    }
}
