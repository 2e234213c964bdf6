package io.quarterdeck.node.pods;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.quarterdeck.model.StatusException;
import io.quarterdeck.node.events.NodeEvents.Type;
import io.quarterdeck.node.pods.ActualPod.Refusal;
import io.quarterdeck.node.pods.ActualPod.Task;
import io.quarterdeck.node.pods.PodAction.StopReason;
import io.quarterdeck.node.runtime.Container;
import io.quarterdeck.node.runtime.PodRef;
import io.quarterdeck.node.runtime.RuntimeFailure;
import io.quarterdeck.node.runtime.Sandbox;
import io.quarterdeck.node.volumes.PodVolumes;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Performs what {@link PodSync} decides for one pod, one step after another on its own virtual thread; starting and
 * stopping containers goes on beside it ({@link ContainerTasks}). Wakes when the pod's object, its containers or its
 * probes change.
 */
final class PodWorker {

    private static final Logger LOG = LoggerFactory.getLogger(PodWorker.class);

    /** The safety net under events that were missed, and how soon a changed ConfigMap is seen. */
    static final Duration RELIST = Duration.ofSeconds(60);

    private static final Duration STATUS_ECHO = Duration.ofSeconds(2);
    private static final Duration CONFIRM_AGAIN = Duration.ofSeconds(5);

    private final String uid;
    private final PodContext context;
    private final PodSetup setup;
    private final ContainerTasks tasks;
    private final ContainerHealth health;
    private final TerminationMessages lastWords;
    private final Runnable ended;

    private final Object monitor = new Object();
    private boolean awake = true;
    private volatile boolean closed;
    private volatile Pod pod;

    private @Nullable Refusal refused;
    private boolean admitted;
    private boolean removing;
    private @Nullable PodStatus lastSent;
    private Instant lastSentAt = Instant.EPOCH;
    private @Nullable Instant confirmedAt;

    PodWorker(String uid, Pod pod, PodContext context, Runnable ended) {
        this.uid = uid;
        this.pod = pod;
        this.context = context;
        this.setup = new PodSetup(uid, context);
        this.tasks = new ContainerTasks(context, () -> this.pod, setup, this::wake);
        this.health = new ContainerHealth(context.probes(), () -> this.pod, setup::address, this::wake);
        this.lastWords = new TerminationMessages(context.volumes().directory(uid), context.runtime());
        this.ended = ended;
    }

    /** A pod that left containers or files behind while nobody looked, known only by its labels. */
    static Pod unknown(PodRef ref) {
        return new PodBuilder()
                .withMetadata(new ObjectMetaBuilder()
                        .withNamespace(ref.namespace())
                        .withName(ref.name())
                        .withUid(ref.uid())
                        .build())
                .withNewSpec()
                .endSpec()
                .build();
    }

    // ---- the loop ----

    void run() {
        Instant next = context.clock().instant();
        while (!closed) {
            try {
                if (!sleepUntil(next)) {
                    return;
                }
                next = step();
            } catch (RuntimeFailure e) {
                LOG.warn("Pod {}: {}", PodSpecs.ref(pod), e.text());
                next = context.clock().instant().plusSeconds(2);
            } catch (StatusException e) {
                LOG.warn("Pod {}: the API says: {}", PodSpecs.ref(pod), e.text());
                next = context.clock().instant().plusSeconds(2);
            } catch (RuntimeException e) {
                LOG.error("Pod {}: a step failed", PodSpecs.ref(pod), e);
                next = context.clock().instant().plusSeconds(10);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    void wake() {
        synchronized (monitor) {
            awake = true;
            monitor.notifyAll();
        }
        tasks.lookAgain();
    }

    void close() {
        closed = true;
        tasks.close();
        wake();
    }

    private boolean sleepUntil(Instant next) throws InterruptedException {
        synchronized (monitor) {
            while (!awake && !closed) {
                long millis = Duration.between(context.clock().instant(), next).toMillis();
                if (millis <= 0) {
                    break;
                }
                monitor.wait(millis);
            }
            awake = false;
            return !closed;
        }
    }

    /** Looks, decides and acts until there is only waiting left; returns until when. */
    private Instant step() {
        Instant next = context.clock().instant().plus(RELIST);
        boolean again = true;
        while (again && !closed) {
            context.source().byUid(uid).ifPresent(current -> pod = current);
            setup.refresh(pod);
            admit();
            ActualPod actual = look();
            Instant now = context.clock().instant();
            List<PodAction> actions = PodSync.decide(pod, actual, now);
            for (PodAction action : actions) {
                if (action instanceof PodAction.DelayContainer(var spec, Instant until)) {
                    tasks.delayed(spec.getName(), until);
                }
            }
            publish(actual, now);
            again = false;
            for (PodAction action : actions) {
                switch (perform(action, actual)) {
                    case Outcome.Again ignored -> again = true;
                    case Outcome.Later later -> next = later.at().isBefore(next) ? later.at() : next;
                    case Outcome.Nothing ignored -> {}
                }
            }
        }
        return PodVolumes.needsRefresh(pod) && setup.nextRefresh().isBefore(next) ? setup.nextRefresh() : next;
    }

    /** Once, before anything of the pod is made. */
    private void admit() {
        if (admitted
                || context.source().byUid(uid).isEmpty()
                || pod.getMetadata().getDeletionTimestamp() != null
                || PodSpecs.ended(pod)) {
            return;
        }
        context.admissions().admit(pod).ifPresent(this::refuse);
        admitted = true;
    }

    private void refuse(Refusal refusal) {
        refused = refusal;
        context.events().pod(pod, "", Type.WARNING, refusal.reason(), refusal.message());
    }

    private ActualPod look() {
        List<Sandbox> sandboxes = context.runtime().podSandboxes(uid);
        List<Container> containers = context.runtime().podContainers(uid);
        Optional<List<String>> addresses = sandboxes.stream()
                .findFirst()
                .flatMap(sandbox -> context.network().addresses(sandbox.id()));
        setup.found(pod, addresses);
        Set<String> attached = context.network().attached();
        Map<String, Task> doing = tasks.tasks();
        return new ActualPod(
                sandboxes,
                addresses,
                sandboxes.stream().map(Sandbox::id).filter(attached::contains).collect(Collectors.toSet()),
                containers,
                health.look(containers, doing),
                doing,
                tasks.backOffs(),
                tasks.notBefore(),
                tasks.redefined(),
                setup.volumesReady(),
                setup.blockedUntil(),
                Optional.ofNullable(refused),
                context.source().byUid(uid).isEmpty(),
                Files.isDirectory(context.volumes().directory(uid).root()),
                context.network().notReady().isEmpty());
    }

    private void publish(ActualPod actual, Instant now) {
        if (actual.gone() || removing) {
            return;
        }
        if (PodSpecs.ended(pod)) {
            PodStatuses.afterEnd(pod, actual, now)
                    .ifPresent(status -> context.writer().updateStatus(pod, status));
            return;
        }
        PodStatus status = PodStatuses.of(
                pod,
                actual,
                tasks.waiting(),
                lastWords::of,
                context.node().get().hostIps(),
                now);
        // What was sent a moment ago may not have come back yet.
        if (status.equals(lastSent) && now.isBefore(lastSentAt.plus(STATUS_ECHO))) {
            return;
        }
        context.writer().updateStatus(pod, status);
        lastSent = status;
        lastSentAt = now;
    }

    // ---- actions ----

    private sealed interface Outcome {
        record Again() implements Outcome {}

        record Later(Instant at) implements Outcome {}

        record Nothing() implements Outcome {}
    }

    private static final Outcome AGAIN = new Outcome.Again();
    private static final Outcome NOTHING = new Outcome.Nothing();

    private Outcome perform(PodAction action, ActualPod actual) {
        return switch (action) {
            case PodAction.LookAgain(Instant at) -> new Outcome.Later(at);
            case PodAction.DelayContainer(var spec, Instant until) -> new Outcome.Later(until);
            case PodAction.SetUpVolumes() -> againOr(setup.setUpVolumes(pod));
            case PodAction.RunSandbox(int attempt) -> againOr(setup.runSandbox(pod, attempt));
            case PodAction.AttachNetwork(Sandbox sandbox) -> againOr(setup.attachNetwork(pod, sandbox));
            case PodAction.StartContainer(var spec, int attempt, Sandbox sandbox) -> {
                tasks.start(spec, attempt, sandbox, actual.newest(spec.getName()));
                yield NOTHING;
            }
            case PodAction.StopContainer(Container container, Duration grace, StopReason reason) -> {
                tasks.stop(container, grace, reason);
                yield NOTHING;
            }
            case PodAction.HurryContainer(String name, Duration grace) -> {
                tasks.hurry(name, grace);
                yield NOTHING;
            }
            case PodAction.CancelStart(String name) -> {
                tasks.cancelStart(name);
                yield NOTHING;
            }
            case PodAction.RemoveContainer(String id) -> {
                removing |= actual.gone() || pod.getMetadata().getDeletionTimestamp() != null;
                context.runtime().removeContainer(id);
                lastWords.forget(id);
                yield AGAIN;
            }
            case PodAction.StopSandbox(String id) -> {
                context.network().detach(id);
                context.runtime().stopPodSandbox(id);
                yield AGAIN;
            }
            case PodAction.RemoveSandbox(String id) -> {
                context.runtime().removePodSandbox(id);
                yield AGAIN;
            }
            case PodAction.TearDown() -> {
                setup.tearDown();
                yield AGAIN;
            }
            case PodAction.ConfirmDeletion() -> {
                Instant now = context.clock().instant();
                if (confirmedAt == null || now.isAfter(confirmedAt.plus(CONFIRM_AGAIN))) {
                    context.writer().confirmDeletion(pod);
                    confirmedAt = now;
                }
                yield new Outcome.Later(now.plus(CONFIRM_AGAIN));
            }
            case PodAction.Forget() -> {
                closed = true;
                context.images().forget(uid);
                context.admissions().forget(uid);
                ended.run();
                yield NOTHING;
            }
            case PodAction.Refuse(Refusal refusal) -> {
                refuse(refusal);
                yield AGAIN;
            }
        };
    }

    private static Outcome againOr(Optional<Instant> retry) {
        return retry.<Outcome>map(Outcome.Later::new).orElse(AGAIN);
    }
}
