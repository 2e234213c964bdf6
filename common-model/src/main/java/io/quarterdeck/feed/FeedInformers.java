package io.quarterdeck.feed;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.quarterdeck.client.ResourceType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@link Informers} over one {@link ChangeFeed}, which it closes with itself. */
public final class FeedInformers implements Informers {

    private final ChangeFeed feed;
    private final Map<Followed<?>, Running<?>> running = new LinkedHashMap<>();
    private boolean started;
    private boolean closed;

    private record Followed<T extends HasMetadata>(ResourceType<T> type, Scope scope) {}

    private static final class Running<T extends HasMetadata> {
        final SharedInformer<T> informer;
        ChangeFeed.@Nullable Subscription subscription;

        Running(SharedInformer<T> informer) {
            this.informer = informer;
        }
    }

    /** One informer for operators. */
    public record State(String resource, String scope, int objects, long revision, boolean synced, String source) {}

    public FeedInformers(ChangeFeed feed) {
        this.feed = feed;
    }

    @Override
    public <T extends HasMetadata> Informer<T> of(Class<T> kind, Scope scope) {
        return of(ResourceType.of(kind), scope);
    }

    @Override
    public synchronized <T extends HasMetadata> Informer<T> of(ResourceType<T> type, Scope scope) {
        Followed<T> followed = new Followed<>(type, scope);
        @SuppressWarnings("unchecked") // the key's type is the value's type
        Running<T> known = (Running<T>) running.get(followed);
        if (known == null) {
            known = new Running<>(new SharedInformer<>(type.groupResource().toString()));
            running.put(followed, known);
            if (started && !closed) {
                begin(followed, known);
            }
        }
        return known.informer;
    }

    @Override
    public synchronized void stop(ResourceType<?> type, Scope scope) {
        Running<?> known = running.remove(new Followed<>(type, scope));
        if (known != null && known.subscription != null) {
            known.subscription.close();
        }
    }

    @Override
    public synchronized void start() {
        if (!started && !closed) {
            started = true;
            running.forEach(this::beginAny);
        }
    }

    @SuppressWarnings("unchecked") // the key's type is the value's type
    private <T extends HasMetadata> void beginAny(Followed<T> followed, Running<?> known) {
        begin(followed, (Running<T>) known);
    }

    private <T extends HasMetadata> void begin(Followed<T> followed, Running<T> known) {
        known.subscription = feed.follow(followed.type(), followed.scope(), known.informer);
    }

    @Override
    public boolean awaitSynced(Duration atMost) throws InterruptedException {
        long deadline = System.nanoTime() + atMost.toNanos();
        List<Running<?>> all;
        synchronized (this) {
            all = new ArrayList<>(running.values());
        }
        for (Running<?> one : all) {
            if (!one.informer.awaitSynced(Duration.ofNanos(deadline - System.nanoTime()))) {
                return false;
            }
        }
        return true;
    }

    public synchronized List<State> states() {
        List<State> states = new ArrayList<>();
        running.forEach((followed, known) -> states.add(new State(
                followed.type().groupResource().toString(),
                followed.scope().describe(),
                known.informer.lister().size(),
                known.informer.revision(),
                known.informer.synced(),
                known.subscription == null ? "" : known.subscription.source())));
        states.sort(Comparator.comparing(State::resource));
        return states;
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            running.values().forEach(known -> {
                if (known.subscription != null) {
                    known.subscription.close();
                }
            });
        }
        feed.close();
    }
}
