package io.quarterdeck.scheduler.queue;

import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.scheduler.framework.ClusterEvent;
import io.quarterdeck.scheduler.framework.PodInfo;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Pods that wait for a node, in three parts: active (may be tried now, the most important first), backing off (tried
 * and refused, or failed, a moment ago), and unschedulable (nothing happened yet that could help). Every pod is in one
 * part or is the one being tried. Thread-safe.
 *
 * <p>Source: Kubernetes documentation, "Scheduling Framework", queueing.
 */
public final class SchedulingQueue {

    /** Refused pods are tried again after this long, whatever happens: a rule may have missed an event. */
    static final Duration LONGEST_WAIT = Duration.ofMinutes(5);

    private static final Comparator<QueuedPod> IMPORTANT_FIRST = Comparator.<QueuedPod>comparingInt(
                    queued -> -queued.pod().priority())
            .thenComparing(QueuedPod::since)
            .thenComparing(queued -> queued.pod().uid());

    private final InstantSource clock;
    private final Map<String, Set<ClusterEvent>> wakingEvents;
    private final Duration initialBackOff;
    private final Duration maxBackOff;

    private final TreeSet<QueuedPod> active = new TreeSet<>(IMPORTANT_FIRST);
    private final Map<ObjectKey, QueuedPod> activeByKey = new HashMap<>();
    private final Map<ObjectKey, QueuedPod> backingOff = new HashMap<>();
    private final Map<ObjectKey, QueuedPod> unschedulable = new HashMap<>();

    private @Nullable QueuedPod inFlight;
    private boolean inFlightChanged;
    private final Set<ClusterEvent> eventsInFlight = EnumSet.noneOf(ClusterEvent.class);
    private boolean closed;

    /** @param wakingEvents per rule, the events that can change its verdict */
    public SchedulingQueue(
            InstantSource clock,
            Map<String, Set<ClusterEvent>> wakingEvents,
            Duration initialBackOff,
            Duration maxBackOff) {
        this.clock = clock;
        this.wakingEvents = Map.copyOf(wakingEvents);
        this.initialBackOff = initialBackOff;
        this.maxBackOff = maxBackOff;
    }

    /** How many pods are in which part, for operators and metrics. */
    public record Depth(int active, int backingOff, int unschedulable) {}

    /** A pod that is to be scheduled appeared or changed. A change of what is asked for makes it active again. */
    public synchronized void offer(PodInfo pod) {
        ObjectKey key = key(pod);
        if (inFlight != null && inFlight.pod().equals(pod)) {
            inFlightChanged |= asksDifferently(inFlight.pod(), pod);
            inFlight = inFlight.with(pod);
            return;
        }
        QueuedPod waiting = activeByKey.get(key);
        if (waiting != null && waiting.pod().equals(pod)) {
            removeActive(waiting);
            addActive(waiting.with(pod));
            return;
        }
        QueuedPod delayed = backingOff.get(key);
        if (delayed != null && delayed.pod().equals(pod)) {
            backingOff.put(key, delayed.with(pod));
            return;
        }
        QueuedPod refused = unschedulable.get(key);
        if (refused != null && refused.pod().equals(pod)) {
            if (asksDifferently(refused.pod(), pod)) {
                unschedulable.remove(key);
                retry(refused.with(pod));
            } else {
                unschedulable.put(key, refused.with(pod));
            }
            return;
        }
        remove(key);
        addActive(new QueuedPod(pod, 0, clock.instant(), Set.of()));
    }

    /** The pod was bound, deleted or is no longer ours. */
    public synchronized void remove(ObjectKey key) {
        QueuedPod waiting = activeByKey.get(key);
        if (waiting != null) {
            removeActive(waiting);
        }
        backingOff.remove(key);
        unschedulable.remove(key);
    }

    /**
     * Waits for the next pod to try; empty when the queue was closed. The caller reports back with exactly one of
     * {@link #done}, {@link #refused} and {@link #failed}.
     */
    public synchronized Optional<QueuedPod> take() throws InterruptedException {
        while (!closed) {
            Instant now = clock.instant();
            promote(now);
            QueuedPod first = active.pollFirst();
            if (first != null) {
                activeByKey.remove(key(first.pod()));
                inFlight = new QueuedPod(first.pod(), first.attempts() + 1, now, Set.of());
                inFlightChanged = false;
                eventsInFlight.clear();
                return Optional.of(inFlight);
            }
            wait(Math.clamp(nextPromotion(now).toMillis(), 1, 1000));
        }
        return Optional.empty();
    }

    /** The pod in hand has its node. */
    public synchronized void done() {
        inFlight = null;
    }

    /** No node fits: it waits for an event that one of {@code refusedBy} named. */
    public synchronized void refused(Set<String> refusedBy) {
        QueuedPod pod = Objects.requireNonNull(inFlight);
        inFlight = null;
        QueuedPod refused = new QueuedPod(pod.pod(), pod.attempts(), clock.instant(), refusedBy);
        // What happened while it was being tried may not have been in the snapshot.
        if (inFlightChanged || eventsInFlight.stream().anyMatch(event -> mayHelp(refused, event))) {
            retry(refused);
        } else {
            unschedulable.put(key(pod.pod()), refused);
        }
    }

    /** Something went wrong that has nothing to do with the pod: it is tried again after its back-off. */
    public synchronized void failed(QueuedPod pod) {
        if (inFlight != null && inFlight.pod().equals(pod.pod())) {
            inFlight = null;
        }
        if (!activeByKey.containsKey(key(pod.pod()))) {
            backingOff.put(key(pod.pod()), new QueuedPod(pod.pod(), pod.attempts(), clock.instant(), Set.of()));
            notifyAll();
        }
    }

    /** Something changed in the cluster: pods that it can help are tried again. */
    public synchronized void happened(ClusterEvent event) {
        if (inFlight != null) {
            eventsInFlight.add(event);
        }
        List<QueuedPod> helped = unschedulable.values().stream()
                .filter(pod -> mayHelp(pod, event))
                .toList();
        for (QueuedPod pod : helped) {
            unschedulable.remove(key(pod.pod()));
            retry(pod);
        }
    }

    public synchronized Depth depth() {
        return new Depth(active.size(), backingOff.size(), unschedulable.size());
    }

    public synchronized void close() {
        closed = true;
        notifyAll();
    }

    private boolean mayHelp(QueuedPod pod, ClusterEvent event) {
        return pod.refusedBy().isEmpty()
                || pod.refusedBy().stream()
                        .anyMatch(rule ->
                                wakingEvents.getOrDefault(rule, Set.of()).contains(event));
    }

    private void retry(QueuedPod pod) {
        if (readyAt(pod).isAfter(clock.instant())) {
            backingOff.put(key(pod.pod()), pod);
            notifyAll();
        } else {
            addActive(pod.at(clock.instant()));
        }
    }

    private Instant readyAt(QueuedPod pod) {
        Duration delay = initialBackOff;
        for (int attempt = 1; attempt < pod.attempts() && delay.compareTo(maxBackOff) < 0; attempt++) {
            delay = delay.multipliedBy(2);
        }
        return pod.since().plus(delay.compareTo(maxBackOff) < 0 ? delay : maxBackOff);
    }

    private void promote(Instant now) {
        List<QueuedPod> ready = new ArrayList<>();
        backingOff.values().removeIf(pod -> !readyAt(pod).isAfter(now) && ready.add(pod));
        unschedulable.values().removeIf(pod -> pod.since().plus(LONGEST_WAIT).isBefore(now) && ready.add(pod));
        ready.forEach(pod -> addActive(pod.at(now)));
    }

    private Duration nextPromotion(Instant now) {
        return backingOff.values().stream()
                .map(this::readyAt)
                .min(Comparator.naturalOrder())
                .map(ready -> Duration.between(now, ready))
                .orElse(Duration.ofSeconds(1));
    }

    private void addActive(QueuedPod pod) {
        active.add(pod);
        activeByKey.put(key(pod.pod()), pod);
        notifyAll();
    }

    private void removeActive(QueuedPod pod) {
        active.remove(pod);
        activeByKey.remove(key(pod.pod()));
    }

    private static boolean asksDifferently(PodInfo before, PodInfo after) {
        return !before.spec().equals(after.spec()) || !before.labels().equals(after.labels());
    }

    private static ObjectKey key(PodInfo pod) {
        return new ObjectKey(pod.namespace(), pod.name());
    }
}
