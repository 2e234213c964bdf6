package io.quarterdeck.reconcile;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarterdeck.feed.ChangeHandler;
import io.quarterdeck.feed.Index;
import io.quarterdeck.feed.Informer;
import io.quarterdeck.feed.Informers;
import io.quarterdeck.feed.Lister;
import io.quarterdeck.feed.ObjectStore;
import io.quarterdeck.feed.Scope;
import io.quarterdeck.model.ObjectKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.BiPredicate;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs one {@link Reconciler}: wakes it, shows it the cache, performs its plans, and lets no key be looked at again
 * before the cache has seen what was written for it.
 */
public final class ControllerRunner<T extends HasMetadata> implements Controller {

    private static final Logger log = LoggerFactory.getLogger(ControllerRunner.class);

    private final Reconciler<T> reconciler;
    private final Informers informers;
    private final Informer<T> primary;
    private final Map<Class<?>, Informer<?>> read = new HashMap<>();
    private final List<Wake<?>> wakes = new ArrayList<>();
    private final ActionPerformer performer;
    private final InstantSource clock;
    private final KeyedLoop<ObjectKey> loop;
    private @Nullable Duration period;
    private @Nullable Thread ticker;

    private record Wake<K extends HasMetadata>(
            Informer<K> informer, BiPredicate<K, K> worth, BiFunction<K, View, Collection<ObjectKey>> keys) {}

    /** Must be made before the informers start. */
    public ControllerRunner(
            Reconciler<T> reconciler,
            Informers informers,
            ActionPerformer performer,
            InstantSource clock,
            MeterRegistry registry,
            int workers) {
        this.reconciler = reconciler;
        this.informers = informers;
        this.performer = performer;
        this.clock = clock;
        this.loop = new KeyedLoop<>(reconciler.name(), workers, this::work, clock, registry);
        this.primary = informer(reconciler.kind());
        watch(new Wake<>(primary, (before, after) -> true, (object, view) -> List.of(ObjectStore.keyOf(object))));
        reconciler.watches(new Wiring());
    }

    private <K extends HasMetadata> Informer<K> informer(Class<K> kind) {
        Informer<K> informer = informers.of(kind, Scope.ALL);
        read.put(kind, informer);
        return informer;
    }

    private <K extends HasMetadata> void watch(Wake<K> wake) {
        wakes.add(wake);
        wake.informer().handle(new ChangeHandler<>() {
            @Override
            public void added(K object) {
                wake(wake, object);
            }

            @Override
            public void updated(K before, K after) {
                if (wake.worth().test(before, after)) {
                    wake(wake, before);
                    wake(wake, after);
                }
            }

            @Override
            public void deleted(K last) {
                wake(wake, last);
            }
        });
    }

    private <K extends HasMetadata> void wake(Wake<K> wake, K object) {
        if (loop.running()) {
            wake.keys().apply(object, new Cached(clock.instant())).forEach(loop::add);
        }
    }

    @Override
    public String name() {
        return reconciler.name();
    }

    @Override
    public State state() {
        return loop.state();
    }

    @Override
    public void start() {
        loop.start();
        wakes.forEach(this::wakeAll);
        if (period != null) {
            Duration every = period;
            ticker = Thread.ofVirtual().name(name() + "-period").start(() -> tick(every));
        }
    }

    private <K extends HasMetadata> void wakeAll(Wake<K> wake) {
        wake.informer().lister().all().forEach(object -> wake(wake, object));
    }

    private void tick(Duration every) {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                Thread.sleep(every);
                primary.lister().all().forEach(object -> loop.add(ObjectStore.keyOf(object)));
            }
        } catch (InterruptedException stopped) {
            log.debug("{}: no more periodic wake-ups", name());
        }
    }

    @Override
    public void stop() {
        Thread running = ticker;
        if (running != null) {
            running.interrupt();
        }
        loop.stop();
    }

    private KeyedLoop.Done work(ObjectKey key) throws InterruptedException {
        View view = new Cached(clock.instant());
        Optional<T> object = primary.lister().get(key.namespace(), key.name());
        Plan plan = object.isPresent() ? reconciler.reconcile(object.get(), view) : reconciler.gone(key, view);
        Outcome outcome = performer.perform(reconciler.component(), plan.actions());
        Outcome then =
                performer.perform(reconciler.component(), plan.afterwards().apply(outcome));
        Optional<Outcome.Failure> failure = outcome.failure().or(then::failure);
        OwnWrites own = new OwnWrites(name(), read);
        own.note(outcome);
        own.note(then);
        if (failure.isPresent()) {
            // Its own writes are awaited here, so that the back-off begins when the cache is fresh.
            own.await();
            throw new KeyedLoop.TryAgain(failure.get().message());
        }
        return new KeyedLoop.Done(plan.requeueAfter(), own.none() ? KeyedLoop.Done.AT_ONCE : own::await);
    }

    private final class Cached implements View {

        private final Instant now;

        Cached(Instant now) {
            this.now = now;
        }

        @Override
        @SuppressWarnings("unchecked") // the map's key is the class of the informer's objects
        public <K extends HasMetadata> Lister<K> lister(Class<K> kind) {
            Informer<?> informer = read.get(kind);
            if (informer == null) {
                throw new IllegalArgumentException(
                        reconciler.name() + " reads " + kind.getSimpleName() + " without having named it in watches()");
            }
            return (Lister<K>) informer.lister();
        }

        @Override
        public Instant now() {
            return now;
        }
    }

    private final class Wiring implements Watches<T> {

        @Override
        public <K extends HasMetadata> Watches<T> also(Class<K> kind, Function<K, Collection<ObjectKey>> keys) {
            watch(new Wake<>(informer(kind), (before, after) -> true, (object, view) -> keys.apply(object)));
            return this;
        }

        @Override
        public <K extends HasMetadata> Watches<T> also(Class<K> kind, BiFunction<K, View, Collection<ObjectKey>> keys) {
            watch(new Wake<>(informer(kind), (before, after) -> true, keys));
            return this;
        }

        @Override
        public <K extends HasMetadata> Watches<T> alsoWhen(
                Class<K> kind, BiPredicate<K, K> worth, BiFunction<K, View, Collection<ObjectKey>> keys) {
            watch(new Wake<>(informer(kind), worth, keys));
            return this;
        }

        @Override
        public <K extends HasMetadata> Watches<T> reads(Class<K> kind) {
            informer(kind);
            return this;
        }

        @Override
        public <K extends HasMetadata> Watches<T> index(Class<K> kind, Index<? super K> index) {
            informer(kind).index(index);
            return this;
        }

        @Override
        public Watches<T> every(Duration each) {
            period = each;
            return this;
        }
    }
}
