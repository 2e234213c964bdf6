package io.quarterdeck.node.pods;

import io.fabric8.kubernetes.api.model.Pod;
import io.quarterdeck.node.runtime.Container;
import io.quarterdeck.node.runtime.PodRef;
import io.quarterdeck.node.runtime.RuntimeFailure;
import io.quarterdeck.node.runtime.RuntimeListener;
import io.quarterdeck.node.runtime.Sandbox;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One worker for each pod that the API or the machine knows of. Thread-safe. */
public final class PodWorkers implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(PodWorkers.class);

    private final PodContext context;
    private final Map<String, PodWorker> workers = new ConcurrentHashMap<>();
    private @Nullable AutoCloseable watch;
    private volatile boolean closed;

    public PodWorkers(PodContext context) {
        this.context = context;
    }

    /** The source must have its first list: what it does not name is taken for deleted. */
    public void start() {
        adopt();
        context.source().onChange(this::changed);
        context.source().all().forEach(pod -> changed(pod.getMetadata().getUid()));
        watch = context.runtime().watch(new RuntimeListener() {
            @Override
            public void changed(String podUid) {
                PodWorker worker = workers.get(podUid);
                if (worker != null) {
                    worker.wake();
                }
            }

            @Override
            public void lost() {
                workers.values().forEach(PodWorker::wake);
            }
        });
    }

    /** What an agent before this one left: its pods get workers, also those that the API has forgotten meanwhile. */
    private void adopt() {
        Map<String, PodRef> left = new HashMap<>();
        Set<String> sandboxes = new HashSet<>();
        for (Sandbox sandbox : context.runtime().listPodSandboxes()) {
            left.put(sandbox.pod().uid(), sandbox.pod());
            sandboxes.add(sandbox.id());
        }
        for (Container container : context.runtime().listContainers()) {
            left.putIfAbsent(container.pod().uid(), container.pod());
        }
        context.volumes().present().forEach(uid -> left.putIfAbsent(uid, new PodRef("", "", uid)));
        for (String id : context.network().attached()) {
            if (!sandboxes.contains(id)) {
                try {
                    context.network().detach(id);
                } catch (RuntimeException e) {
                    LOG.warn("The network of the lost sandbox {} is not given back: {}", id, e.getMessage());
                }
            }
        }
        left.forEach((uid, ref) -> {
            if (context.source().byUid(uid).isEmpty()) {
                begin(uid, PodWorker.unknown(ref));
            }
        });
    }

    private void changed(String uid) {
        PodWorker worker = workers.get(uid);
        if (worker != null) {
            worker.wake();
            return;
        }
        context.source().byUid(uid).ifPresent(pod -> begin(uid, pod));
    }

    private void begin(String uid, Pod pod) {
        if (closed) {
            return;
        }
        workers.computeIfAbsent(uid, key -> {
            PodWorker worker = new PodWorker(uid, pod, context, () -> workers.remove(uid));
            Thread.ofVirtual().name("pod " + pod.getMetadata().getName()).start(worker::run);
            return worker;
        });
    }

    /** A pod's containers, for whoever serves their logs; empty when the engine does not answer. */
    public Optional<Container> container(String podUid, String name, boolean previous) {
        try {
            return context.runtime().podContainers(podUid).stream()
                    .filter(container -> container.name().equals(name))
                    .skip(previous ? 1 : 0)
                    .findFirst();
        } catch (RuntimeFailure e) {
            return Optional.empty();
        }
    }

    public int count() {
        return workers.size();
    }

    /** Containers go on running. */
    @Override
    public void close() throws Exception {
        closed = true;
        if (watch != null) {
            watch.close();
        }
        workers.values().forEach(PodWorker::close);
    }
}
