package io.quarterdeck.feed;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.quarterdeck.model.ObjectKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The informer that a {@link ChangeFeed} fills. One lock orders changes, handlers and waiting. */
final class SharedInformer<T extends HasMetadata> implements Informer<T>, ChangeSink<T> {

    private static final Logger log = LoggerFactory.getLogger(SharedInformer.class);

    private final String description;
    private final ObjectStore<T> store = new ObjectStore<>();
    private final List<ChangeHandler<? super T>> handlers = new ArrayList<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition advanced = lock.newCondition();
    private volatile long revision;
    private volatile boolean synced;

    SharedInformer(String description) {
        this.description = description;
    }

    @Override
    public Lister<T> lister() {
        return store;
    }

    @Override
    public void handle(ChangeHandler<? super T> handler) {
        lock.lock();
        try {
            handlers.add(handler);
            for (T object : store.all()) {
                tell(() -> handler.added(object));
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void index(Index<? super T> index) {
        store.index(index);
    }

    @Override
    public boolean synced() {
        return synced;
    }

    @Override
    public long revision() {
        return revision;
    }

    @Override
    public boolean awaitRevision(long wanted, Duration atMost) throws InterruptedException {
        long left = atMost.toNanos();
        lock.lockInterruptibly();
        try {
            while (revision < wanted) {
                if (left <= 0) {
                    return false;
                }
                left = advanced.awaitNanos(left);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    boolean awaitSynced(Duration atMost) throws InterruptedException {
        long left = atMost.toNanos();
        lock.lockInterruptibly();
        try {
            while (!synced) {
                if (left <= 0) {
                    return false;
                }
                left = advanced.awaitNanos(left);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void replace(long at, List<T> objects) {
        lock.lock();
        try {
            Set<ObjectKey> present = new HashSet<>();
            for (T object : objects) {
                present.add(ObjectStore.keyOf(object));
                T before = store.get(namespaceOf(object), object.getMetadata().getName())
                        .orElse(null);
                if (before == null || !sameVersion(before, object)) {
                    stored(object);
                }
            }
            for (T known : store.all()) {
                if (!present.contains(ObjectStore.keyOf(known))) {
                    dropped(known);
                }
            }
            synced = true;
            advance(at);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void put(long at, T object) {
        lock.lock();
        try {
            stored(object);
            advance(at);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void remove(long at, T last) {
        lock.lock();
        try {
            dropped(last);
            advance(at);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void reached(long at) {
        lock.lock();
        try {
            advance(at);
        } finally {
            lock.unlock();
        }
    }

    private void stored(T object) {
        @Nullable T before = store.put(object);
        boolean recreated = before != null
                && !before.getMetadata().getUid().equals(object.getMetadata().getUid());
        for (ChangeHandler<? super T> handler : handlers) {
            if (before == null) {
                tell(() -> handler.added(object));
            } else if (recreated) {
                tell(() -> handler.deleted(before));
                tell(() -> handler.added(object));
            } else {
                tell(() -> handler.updated(before, object));
            }
        }
    }

    private void dropped(T last) {
        if (store.remove(ObjectStore.keyOf(last)) != null) {
            for (ChangeHandler<? super T> handler : handlers) {
                tell(() -> handler.deleted(last));
            }
        }
    }

    private void advance(long at) {
        if (at > revision) {
            revision = at;
        }
        advanced.signalAll();
    }

    private void tell(Runnable call) {
        try {
            call.run();
        } catch (RuntimeException failure) {
            // One handler's fault must not stop the feed of all others.
            log.error("a handler of the {} informer failed", description, failure);
        }
    }

    private static boolean sameVersion(HasMetadata a, HasMetadata b) {
        return String.valueOf(a.getMetadata().getResourceVersion())
                .equals(b.getMetadata().getResourceVersion());
    }

    private static String namespaceOf(HasMetadata object) {
        String namespace = object.getMetadata().getNamespace();
        return namespace == null ? "" : namespace;
    }
}
