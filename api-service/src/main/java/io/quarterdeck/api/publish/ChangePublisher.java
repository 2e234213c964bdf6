package io.quarterdeck.api.publish;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarterdeck.api.store.Change;
import io.quarterdeck.api.store.OrderedStore;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.GroupVersionKind;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one relay alive while this process holds the lock. Any failure of Kafka ends the relay, and a new one begins
 * where Kafka's own cursor stands; reads and writes of the service never notice. Thread-safe.
 */
public final class ChangePublisher implements OrderedStore.Follower, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(ChangePublisher.class);
    /** A broker that stays away is asked less and less often: each attempt is a whole client. */
    private static final long LONGEST_PAUSE_FACTOR = 5;

    private static final long LOCK_CHECK_NANOS = TimeUnit.SECONDS.toNanos(5);
    /** A transaction in flight is given this long to end: one that is cut off holds up readers until Kafka aborts it. */
    private static final long LAST_TRANSACTION_MILLIS = 2_000;

    private static final long INTERRUPTED_MILLIS = 5_000;

    private final OrderedStore store;
    private final RelayLock lock;
    private final KafkaClients clients;
    private final Supplier<Collection<GroupResource>> storages;
    private final Frames frames;
    private final PublisherProperties properties;
    private final Counter publishedChanges;
    private final Counter failures;
    private final Semaphore work = new Semaphore(0);
    private volatile State state = State.WAITING;
    private volatile long revision;
    private volatile @Nullable String lastProblem;
    private final CountDownLatch closing = new CountDownLatch(1);
    private @Nullable Thread thread;
    private @Nullable AutoCloseable subscription;

    /** What the publisher is doing. */
    public enum State {
        /** Another process holds the lock, or the database cannot be reached. */
        WAITING,
        PUBLISHING,
        /** Kafka does not answer; it is tried again. */
        UNAVAILABLE,
        /** The change log has a hole: nothing is published any more. */
        STOPPED
    }

    /** @param revision the last one that Kafka has for sure */
    public record Figures(
            State state, long revision, @Nullable String lastProblem) {}

    /**
     * @param kinds the kind that a storage keeps; empty for what is no API resource
     * @param hidden storages that are encrypted at rest: their topics carry keys and revisions only
     * @param storages those whose topics are made at the start, so that informers find them
     */
    public ChangePublisher(
            OrderedStore store,
            RelayLock lock,
            KafkaClients clients,
            Function<GroupResource, Optional<GroupVersionKind>> kinds,
            Supplier<Collection<GroupResource>> storages,
            Predicate<GroupResource> hidden,
            PublisherProperties properties,
            MeterRegistry meters) {
        this.store = store;
        this.lock = lock;
        this.clients = clients;
        this.storages = storages;
        this.frames = new Frames(kinds, keysOnly(properties.keysOnly()).or(hidden));
        this.properties = properties;
        this.publishedChanges = Counter.builder("quarterdeck.publisher.changes")
                .description("Changes that were published")
                .register(meters);
        this.failures = Counter.builder("quarterdeck.publisher.failures")
                .description("How often the relay failed and began anew")
                .register(meters);
        Gauge.builder("quarterdeck.publisher.revision", this, publisher -> publisher.revision)
                .description("The last revision that is on Kafka for sure")
                .register(meters);
        Gauge.builder(
                        "quarterdeck.publisher.publishing",
                        this,
                        publisher -> publisher.state == State.PUBLISHING ? 1 : 0)
                .description("Whether this process publishes")
                .register(meters);
    }

    private static Predicate<GroupResource> keysOnly(List<String> names) {
        Set<GroupResource> named = names.stream()
                .map(name -> {
                    int dot = name.indexOf('.');
                    return dot < 0
                            ? new GroupResource("", name)
                            : new GroupResource(name.substring(dot + 1), name.substring(0, dot));
                })
                .collect(Collectors.toUnmodifiableSet());
        return named::contains;
    }

    public void start() {
        subscription = store.follow(this);
        thread = Thread.ofPlatform().name("publisher").daemon().start(this::run);
    }

    @Override
    public void committed(List<Change> batch) {
        wakeUp();
    }

    @Override
    public void wakeUp() {
        if (work.availablePermits() == 0) {
            work.release();
        }
    }

    private void run() {
        try {
            long factor = 1;
            while (!closed() && state != State.STOPPED) {
                long before = revision;
                if (!lock.tryAcquire()) {
                    state = State.WAITING;
                } else {
                    relay();
                }
                boolean fruitless = state == State.UNAVAILABLE && revision == before;
                factor = fruitless ? Math.min(factor + 1, LONGEST_PAUSE_FACTOR) : 1;
                if (state != State.STOPPED) {
                    closing.await(properties.retryPause().multipliedBy(factor).toMillis(), TimeUnit.MILLISECONDS);
                }
            }
        } catch (InterruptedException stopped) {
            log.debug("The publisher was stopped");
        } finally {
            lock.close();
        }
    }

    private void relay() throws InterruptedException {
        try (Relay relay = new Relay(store, clients, frames, properties)) {
            relay.begin(storages.get());
            if (lastProblem != null) {
                log.info("Kafka answers again");
            }
            lastProblem = null;
            state = State.PUBLISHING;
            long checked = System.nanoTime();
            long counted = 0;
            while (!closed()) {
                boolean more = relay.step();
                revision = relay.revision();
                publishedChanges.increment(relay.published() - counted);
                counted = relay.published();
                if (System.nanoTime() - checked > LOCK_CHECK_NANOS) {
                    if (!lock.held()) {
                        state = State.WAITING;
                        return;
                    }
                    checked = System.nanoTime();
                }
                if (!more) {
                    work.tryAcquire(properties.progressInterval().toMillis(), TimeUnit.MILLISECONDS);
                }
            }
        } catch (Relay.LogHoleException hole) {
            failures.increment();
            lastProblem = String.valueOf(hole.getMessage());
            state = State.STOPPED;
            log.error("The publisher stops: {}", hole.getMessage());
        } catch (RuntimeException e) {
            // Whatever Kafka's client or the database threw: the next relay begins from what Kafka has for sure.
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            failures.increment();
            if (lastProblem == null) {
                log.warn("Nothing is published now, and will be made up for: {}", e.getMessage());
            }
            lastProblem = String.valueOf(e.getMessage());
            state = State.UNAVAILABLE;
        }
    }

    public Figures figures() {
        return new Figures(state, revision, lastProblem);
    }

    private boolean closed() {
        return closing.getCount() == 0;
    }

    @Override
    public void close() throws Exception {
        closing.countDown();
        wakeUp();
        if (subscription != null) {
            subscription.close();
        }
        if (thread != null) {
            thread.join(LAST_TRANSACTION_MILLIS);
            thread.interrupt();
            thread.join(INTERRUPTED_MILLIS);
        }
    }
}
