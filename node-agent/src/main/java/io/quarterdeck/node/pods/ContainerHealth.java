package io.quarterdeck.node.pods;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.quarterdeck.node.pods.ActualPod.Health;
import io.quarterdeck.node.pods.ActualPod.Task;
import io.quarterdeck.node.probes.Probes;
import io.quarterdeck.node.runtime.Container;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Has the probes of one pod's running containers asked, and tells what they found. For its worker's thread only. */
final class ContainerHealth {

    private final Probes probes;
    private final Supplier<Pod> pod;
    private final Supplier<String> podIp;
    private final Runnable changed;
    private final Set<String> probed = new HashSet<>();

    ContainerHealth(Probes probes, Supplier<Pod> pod, Supplier<String> podIp, Runnable changed) {
        this.probes = probes;
        this.pod = pod;
        this.podIp = podIp;
        this.changed = changed;
    }

    /** By container id, of those that run; probing begins with a container's first look and ends with its last. */
    Map<String, Health> look(List<Container> containers, Map<String, Task> tasks) {
        Map<String, Health> health = new HashMap<>();
        Set<String> running = new HashSet<>();
        for (Container container : containers) {
            var spec = PodSpecs.container(pod.get(), container.name());
            if (!container.running() || spec.isEmpty()) {
                continue;
            }
            running.add(container.id());
            if (tasks.get(container.name()) instanceof Task.Starting) {
                // The post-start hook has its say first.
                continue;
            }
            probed.add(container.id());
            Optional<ContainerStatus> known = known(container);
            probes.watch(
                    pod,
                    spec.get(),
                    container.id(),
                    container.startedAt(),
                    podIp,
                    new Probes.Known(
                            known.filter(status -> Boolean.TRUE.equals(status.getStarted()))
                                    .isPresent(),
                            known.filter(status -> Boolean.TRUE.equals(status.getReady()))
                                    .isPresent()),
                    changed);
            Probes.State state = probes.state(container.id()).orElseThrow();
            health.put(container.id(), new Health(state.started(), state.ready(), state.failed()));
        }
        probed.removeIf(id -> {
            if (!running.contains(id)) {
                probes.forget(id);
                return true;
            }
            return false;
        });
        return health;
    }

    /** What the pod's status says of this very container, as another agent may have left it. */
    private Optional<ContainerStatus> known(Container container) {
        if (pod.get().getStatus() == null) {
            return Optional.empty();
        }
        return Stream.of(
                        pod.get().getStatus().getContainerStatuses(),
                        pod.get().getStatus().getInitContainerStatuses())
                .filter(Objects::nonNull)
                .flatMap(List<ContainerStatus>::stream)
                .filter(status -> ("docker://" + container.id()).equals(status.getContainerID()))
                .findFirst();
    }
}
