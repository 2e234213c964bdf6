package io.quarterdeck.api.customresources;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.quarterdeck.api.customresources.schema.Defaulting;
import io.quarterdeck.api.customresources.schema.EmbeddedObjects;
import io.quarterdeck.api.customresources.schema.JsonSchema;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.registry.StoredForm;
import io.quarterdeck.api.store.Entry;
import io.quarterdeck.api.store.HeaderReader;
import io.quarterdeck.api.store.RevisionSlot;
import io.quarterdeck.model.GroupVersionKind;
import io.quarterdeck.model.StatusException;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The objects of one definition between store and readers. What was written under the present schema, in the version that
 * is asked for, goes out as it lies; all else is converted, pruned and filled in, once for each entry and version as long as
 * there is room to remember it: who comes while somebody else converts waits for that. Thread-safe.
 */
final class CustomResourceForm implements StoredForm {

    private static final long REMEMBERED_BYTES = 8L * 1024 * 1024;

    private final CustomResourceCodec codec;
    private final Definition definition;
    private final String storedVersion;
    private final Map<String, JsonSchema> schemas;
    private final Conversion conversion;
    private final HeaderReader headers;
    private final Map<String, AsyncCache<Entry, byte[]>> made = new ConcurrentHashMap<>();
    private final Map<String, Cache<Entry, Entry>> inUse = new ConcurrentHashMap<>();
    private final Cache<Entry, Boolean> prepared =
            Caffeine.newBuilder().weakKeys().build();

    /** @param schemas by version; what has a later revision than the definition was written under them */
    CustomResourceForm(
            CustomResourceCodec codec,
            HeaderReader headers,
            Definition definition,
            Map<String, JsonSchema> schemas,
            Conversion conversion) {
        this.codec = codec;
        this.headers = headers;
        this.definition = definition;
        this.storedVersion = definition.storageVersion().name();
        this.schemas = Map.copyOf(schemas);
        this.conversion = conversion;
    }

    private GroupVersionKind kind(String version) {
        return new GroupVersionKind(
                definition.group(), version, definition.names().kind());
    }

    @Override
    public String storedVersion() {
        return storedVersion;
    }

    /** Whether the body is as its schema has it. */
    private boolean isShaped(Entry entry) {
        return entry.revision() > definition.revision() || prepared.getIfPresent(entry) != null;
    }

    @Override
    public boolean rewrites() {
        return conversion != Conversion.NONE;
    }

    @Override
    public boolean asIs(Entry entry, String version) {
        return isShaped(entry) && entry.storedVersion().equals(version);
    }

    /** In its own version, as its schema has it. */
    private Document stored(Entry entry) {
        Document object = codec.read(entry.body(), kind(entry.storedVersion()));
        if (!isShaped(entry)) {
            shape(object, entry.storedVersion(), true);
            fill(object, entry.storedVersion());
        }
        return object;
    }

    private void shape(Document object, String version, boolean tolerant) {
        JsonSchema schema = schemas.get(version);
        if (schema != null) {
            codec.shape(object.tree(), schema, tolerant, dropped -> {});
        }
    }

    private void fill(Document object, String version) {
        JsonSchema schema = schemas.get(version);
        if (schema != null) {
            Defaulting.apply(object.tree(), schema);
        }
    }

    @Override
    public Document read(Entry entry, String version) {
        if (entry.storedVersion().equals(version)) {
            return stored(entry);
        }
        return conversion == Conversion.NONE
                ? converted(List.of(entry), version).getFirst()
                : codec.read(body(entry, version), kind(version));
    }

    private List<Document> converted(List<Entry> entries, String version) {
        List<Document> objects = new ArrayList<>();
        entries.forEach(entry -> objects.add(stored(entry)));
        List<Document> converted = convert(objects, version);
        try {
            converted.forEach(object -> shape(object, version, conversion == Conversion.NONE));
        } catch (EmbeddedObjects.Misread misread) {
            throw failure(String.valueOf(misread.getMessage()));
        }
        return converted;
    }

    @Override
    public Document convert(Document object, String apiVersion) {
        requireVersion(apiVersion, "to");
        return convert(
                        List.of(object.copy()),
                        GroupVersionKind.of(apiVersion, "").version())
                .getFirst();
    }

    private List<Document> convert(List<Document> objects, String version) {
        String wanted = kind(version).apiVersion();
        List<Document> others = new ArrayList<>();
        List<Document> all = new ArrayList<>(objects);
        List<Integer> places = new ArrayList<>();
        for (int i = 0; i < objects.size(); i++) {
            String found = objects.get(i).apiVersion();
            requireVersion(found, "from");
            if (!found.equals(wanted)) {
                others.add(objects.get(i));
                places.add(i);
            }
        }
        if (!others.isEmpty()) {
            requireVersion(wanted, "to");
            List<Document> converted = conversion.convert(others, wanted);
            for (int i = 0; i < converted.size(); i++) {
                all.set(places.get(i), converted.get(i));
            }
        }
        return all;
    }

    private void requireVersion(String apiVersion, String direction) {
        GroupVersionKind asked = GroupVersionKind.of(apiVersion, "");
        if (!asked.group().equals(definition.group())
                || definition.version(asked.version()).isEmpty()) {
            throw failure("request to convert CR %s an invalid group/version: %s".formatted(direction, apiVersion));
        }
    }

    private static StatusException failure(String message) {
        return new StatusException(500, "", message, null);
    }

    @Override
    public List<Entry> prepare(List<Entry> entries, String version) {
        if (conversion == Conversion.NONE
                || entries.stream().allMatch(entry -> entry.storedVersion().equals(version))) {
            return entries;
        }
        AsyncCache<Entry, byte[]> known = made(version);
        Cache<Entry, Entry> used = inUse(version);
        List<Entry> shown = new ArrayList<>(entries);
        Map<Entry, CompletableFuture<byte[]>> awaited = new IdentityHashMap<>();
        List<Entry> claimed = new ArrayList<>();
        List<CompletableFuture<byte[]>> owed = new ArrayList<>();
        for (int i = 0; i < entries.size(); i++) {
            Entry entry = entries.get(i);
            if (entry.storedVersion().equals(version)) {
                continue;
            }
            Entry ready = used.getIfPresent(entry);
            if (ready != null) {
                shown.set(i, ready);
                continue;
            }
            CompletableFuture<byte[]> own = new CompletableFuture<>();
            CompletableFuture<byte[]> others = known.asMap().putIfAbsent(entry, own);
            awaited.put(entry, others == null ? own : others);
            if (others == null) {
                claimed.add(entry);
                owed.add(own);
            }
        }
        deliver(claimed, owed, version);
        shown.replaceAll(entry -> {
            CompletableFuture<byte[]> body = awaited.get(entry);
            if (body == null) {
                return entry;
            }
            Entry ready = in(version, entry, await(body));
            used.put(entry, ready);
            return ready;
        });
        return shown;
    }

    private Entry in(String version, Entry entry, byte[] body) {
        Entry shown = new Entry(
                entry.key(),
                entry.revision(),
                entry.createdRevision(),
                version,
                body,
                headers.read(entry.key().storage(), body));
        prepared.put(shown, true);
        return shown;
    }

    /** Whatever happens, nobody is left waiting. */
    private void deliver(List<Entry> claimed, List<CompletableFuture<byte[]>> owed, String version) {
        if (claimed.isEmpty()) {
            return;
        }
        try {
            List<Document> objects = converted(claimed, version);
            for (int i = 0; i < claimed.size(); i++) {
                owed.get(i).complete(encoded(objects.get(i), version, claimed.get(i)));
            }
        } catch (RuntimeException | Error failed) {
            owed.forEach(each -> each.completeExceptionally(failed));
            throw failed;
        }
    }

    private static byte[] await(CompletableFuture<byte[]> body) {
        try {
            return body.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof StatusException failed) {
                throw failed;
            }
            throw e;
        }
    }

    private byte[] encoded(Document object, String version, Entry entry) {
        byte[] bytes = codec.canonical(object, kind(version));
        return entry.revision() == 0 ? bytes : RevisionSlot.fill(bytes, entry.revision());
    }

    private AsyncCache<Entry, byte[]> made(String version) {
        // Weak keys compare by identity: what was made of an entry leaves with it.
        return made.computeIfAbsent(
                version,
                absent -> Caffeine.newBuilder()
                        .weakKeys()
                        .maximumWeight(REMEMBERED_BYTES)
                        .weigher((Entry entry, byte[] body) -> body.length + 64)
                        .buildAsync());
    }

    /** What some reader holds: a deletion of thousands asks for each again when there is no room for all of them. */
    private Cache<Entry, Entry> inUse(String version) {
        return inUse.computeIfAbsent(
                version, absent -> Caffeine.newBuilder().weakKeys().weakValues().build());
    }

    @Override
    public byte[] body(Entry entry, String version) {
        if (conversion != Conversion.NONE && !entry.storedVersion().equals(version)) {
            // Who asked for it while the cache is making it would wait for himself.
            return prepare(List.of(entry), version).getFirst().body();
        }
        return made(version).synchronous().get(entry, absent -> encoded(read(absent, version), version, absent));
    }

    @Override
    public byte[] encode(Document object) {
        String version = GroupVersionKind.of(object.apiVersion(), "").version();
        Document next = object;
        if (!version.equals(storedVersion)) {
            next = convert(List.of(object.copy()), storedVersion).getFirst();
            try {
                shape(next, storedVersion, conversion == Conversion.NONE);
            } catch (EmbeddedObjects.Misread misread) {
                throw failure(String.valueOf(misread.getMessage()));
            }
            // Readers of the stored version see its defaults; what lies there is what they get.
            fill(next, storedVersion);
        }
        JsonSchema schema = schemas.get(storedVersion);
        if (schema != null) {
            // An applied null may pass validation where no type is asked for. Upstream stores it, and reads it no more.
            Defaulting.dropNulls(next.tree(), schema);
        }
        return codec.canonical(next, kind(storedVersion));
    }
}
