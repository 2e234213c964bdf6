package io.quarterdeck.system.history;

import io.quarterdeck.api.cache.EventCursor;
import io.quarterdeck.api.cache.Freshness;
import io.quarterdeck.api.cache.ListQuery;
import io.quarterdeck.api.cache.WatchCache;
import io.quarterdeck.api.cache.WatchEvent;
import io.quarterdeck.api.cache.WatchStart;
import io.quarterdeck.api.store.ConflictException;
import io.quarterdeck.api.store.Entry;
import io.quarterdeck.api.store.EntryHeader;
import io.quarterdeck.api.store.Operation;
import io.quarterdeck.api.store.OrderedStore;
import io.quarterdeck.api.store.RevisionSlot;
import io.quarterdeck.api.store.StoreKey;
import io.quarterdeck.api.store.Transaction;
import io.quarterdeck.model.FieldSelector;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.LabelSelector;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.model.StatusException;
import io.quarterdeck.system.history.Call.Ending;
import io.quarterdeck.system.history.Call.Frame;
import io.quarterdeck.system.history.Call.FrameType;
import io.quarterdeck.system.history.Call.Kind;
import io.quarterdeck.system.history.Call.Outcome;
import io.quarterdeck.system.history.Call.Seen;
import io.quarterdeck.system.history.Call.Selection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.function.Predicate;

/** Store and cache without HTTP, so that a bug can be put between them. */
public final class InProcessApi implements Api {

    public static final GroupResource STORAGE = new GroupResource("", "configmaps");
    private static final int ATTEMPTS = 8;
    private static final Duration WAIT = Duration.ofMillis(20);
    private static final String TOKEN = "\"data\":{\"token\":\"";

    private final OrderedStore store;
    private final WatchCache cache;

    public InProcessApi(OrderedStore store, WatchCache cache) {
        this.store = store;
        this.cache = cache;
    }

    @Override
    public Answer write(Kind kind, String key, long token, String group, long expected) {
        StoreKey place = place(key);
        try {
            for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
                long revision = expected;
                if (expected < 0) {
                    Optional<Entry> now = cache.get(STORAGE, place.key(), new Freshness.Consistent());
                    if (now.isEmpty()) {
                        return Answer.REFUSED;
                    }
                    revision = now.get().revision();
                }
                try {
                    return commit(kind, place, token, group, revision);
                } catch (ConflictException conflict) {
                    if (expected >= 0) {
                        return Answer.REFUSED;
                    }
                    cache.awaitRevision(conflict.currentRevision());
                }
            }
            return Answer.REFUSED;
        } catch (StatusException refused) {
            return refused.code() == 504 ? Answer.UNKNOWN : Answer.REFUSED;
        }
    }

    private Answer commit(Kind kind, StoreKey place, long token, String group, long revision) {
        Operation operation;
        if (kind == Kind.DELETE) {
            Optional<Entry> now = cache.get(STORAGE, place.key(), new Freshness.Consistent());
            if (now.isEmpty() || now.get().revision() != revision) {
                return Answer.REFUSED;
            }
            operation = new Operation.Remove(
                    place,
                    revision,
                    "v1",
                    RevisionSlot.clear(now.get().body()),
                    now.get().header());
        } else {
            byte[] body = ("\"metadata\":{\"resourceVersion\":\"\",\"name\":\""
                            + place.key().name() + "\",\"namespace\":\""
                            + place.key().namespace() + "\",\"uid\":\"u\",\"labels\":{\"group\":\"" + group + "\"}},"
                            + TOKEN + token + "\"}}")
                    .getBytes(StandardCharsets.UTF_8);
            operation = new Operation.Put(
                    place,
                    revision,
                    "v1",
                    body,
                    new EntryHeader("u", Map.of("group", group), Map.of(), List.of(), false));
        }
        try {
            List<Entry> entries = store.commit(Transaction.of(operation, new Transaction.Attribution("client", "", "")))
                    .join();
            return new Answer(
                    Outcome.DONE, kind == Kind.DELETE ? 0 : entries.getFirst().revision());
        } catch (CompletionException failed) {
            throw failed.getCause() instanceof RuntimeException cause ? cause : failed;
        }
    }

    private static StoreKey place(String key) {
        int slash = key.indexOf('/');
        return new StoreKey(STORAGE, new ObjectKey(key.substring(0, slash), key.substring(slash + 1)));
    }

    private static Seen seen(Entry entry) {
        String body = new String(entry.body(), StandardCharsets.UTF_8);
        int start = body.indexOf(TOKEN) + TOKEN.length();
        return new Seen(
                entry.key().key().namespace() + "/" + entry.key().key().name(),
                entry.revision(),
                Long.parseLong(body.substring(start, body.indexOf('"', start))),
                entry.header().labels().getOrDefault("group", ""));
    }

    private static Freshness freshness(long freshness) {
        return freshness == Call.Get.CONSISTENT
                ? new Freshness.Consistent()
                : freshness == 0 ? new Freshness.Any() : new Freshness.NotOlderThan(freshness);
    }

    private static io.quarterdeck.api.cache.Selection selection(Selection selection) {
        LabelSelector labels = selection.group().isEmpty()
                ? LabelSelector.EVERYTHING
                : new LabelSelector(List.of(
                        new LabelSelector.Requirement("group", LabelSelector.Operator.IN, Set.of(selection.group()))));
        return new io.quarterdeck.api.cache.Selection(selection.namespace(), "", labels, FieldSelector.EVERYTHING);
    }

    @Override
    public Optional<Seen> get(String key, long freshness) throws IOException {
        try {
            return cache.get(STORAGE, place(key).key(), freshness(freshness)).map(InProcessApi::seen);
        } catch (StatusException refused) {
            throw new IOException(refused.text());
        }
    }

    @Override
    public Listed list(Selection selection, long freshness, int limit) throws IOException {
        try {
            var listing = cache.list(
                    STORAGE, new ListQuery(selection(selection), freshness(freshness), limit, Optional.empty()));
            List<Seen> items = new ArrayList<>(
                    listing.entries().stream().map(InProcessApi::seen).toList());
            var next = listing.next();
            while (next.isPresent()) {
                var page = cache.list(
                        STORAGE,
                        new ListQuery(selection(selection), new Freshness.Exact(listing.revision()), limit, next));
                page.entries().forEach(entry -> items.add(seen(entry)));
                next = page.next();
            }
            return new Listed(listing.revision(), items);
        } catch (StatusException refused) {
            throw new IOException(refused.text());
        }
    }

    @Override
    public Ending watch(Selection selection, long from, Predicate<Frame> each) throws IOException {
        try (EventCursor cursor = cache.watch(STORAGE, selection(selection), new WatchStart.Behind(from))) {
            for (int round = 1; ; round++) {
                for (WatchEvent event : cursor.next(50, WAIT)) {
                    Frame frame = new Frame(
                            System.nanoTime(), FrameType.valueOf(event.type().name()), seen(event.entry()));
                    if (!each.test(frame)) {
                        return Ending.CLOSED;
                    }
                }
                if (round % 10 == 0
                        && !each.test(new Frame(
                                System.nanoTime(), FrameType.BOOKMARK, new Seen("", cursor.progress(), 0, "")))) {
                    return Ending.CLOSED;
                }
                if (round % 100 == 0) {
                    return Ending.CLOSED;
                }
            }
        } catch (StatusException refused) {
            if (refused.code() == 410) {
                return Ending.EXPIRED;
            }
            throw new IOException(refused.text());
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return Ending.CLOSED;
        }
    }

    @Override
    public void close() {}
}
