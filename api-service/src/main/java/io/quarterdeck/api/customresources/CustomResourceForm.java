package io.quarterdeck.api.customresources;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.quarterdeck.api.customresources.schema.Defaulting;
import io.quarterdeck.api.customresources.schema.EmbeddedObjects;
import io.quarterdeck.api.customresources.schema.JsonSchema;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.registry.StoredForm;
import io.quarterdeck.api.store.Entry;
import io.quarterdeck.api.store.RevisionSlot;
import io.quarterdeck.model.GroupVersionKind;
import io.quarterdeck.model.StatusException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The objects of one definition between store and readers. What was written under the present schema, in the version that
 * is asked for, goes out as it lies; all else is converted, pruned and filled in, once for each entry as long as there is
 * room to remember it. Thread-safe.
 */
final class CustomResourceForm implements StoredForm {

    private static final long REMEMBERED_BYTES = 8L * 1024 * 1024;

    private final CustomResourceCodec codec;
    private final String group;
    private final String kind;
    private final String storedVersion;
    private final Map<String, JsonSchema> schemas;
    private final Conversion conversion;
    private final long writtenSince;
    private final Cache<Entry, Made> made = Caffeine.newBuilder()
            .weakKeys()
            .maximumWeight(REMEMBERED_BYTES)
            .weigher((Entry entry, Made body) -> body.bytes.length + 64)
            .build();

    /** A body in some version. */
    private record Made(String version, byte[] bytes) {}

    /** @param writtenSince what has a later revision was written under these schemas */
    CustomResourceForm(
            CustomResourceCodec codec,
            String group,
            String kind,
            String storedVersion,
            Map<String, JsonSchema> schemas,
            Conversion conversion,
            long writtenSince) {
        this.codec = codec;
        this.group = group;
        this.kind = kind;
        this.storedVersion = storedVersion;
        this.schemas = Map.copyOf(schemas);
        this.conversion = conversion;
        this.writtenSince = writtenSince;
    }

    private GroupVersionKind kind(String version) {
        return new GroupVersionKind(group, version, kind);
    }

    @Override
    public String storedVersion() {
        return storedVersion;
    }

    @Override
    public boolean asIs(Entry entry, String version) {
        return entry.revision() > writtenSince && entry.storedVersion().equals(version);
    }

    /** In its own version, as its schema has it. */
    private Document stored(Entry entry) {
        Document object = codec.read(entry.body(), kind(entry.storedVersion()));
        if (entry.revision() <= writtenSince) {
            shape(object, entry.storedVersion());
            JsonSchema schema = schemas.get(entry.storedVersion());
            if (schema != null) {
                Defaulting.apply(object.tree(), schema);
            }
        }
        return object;
    }

    private void shape(Document object, String version) {
        JsonSchema schema = schemas.get(version);
        if (schema != null) {
            codec.shape(object.tree(), schema, true, dropped -> {});
        }
    }

    @Override
    public Document read(Entry entry, String version) {
        Made known = made.getIfPresent(entry);
        if (known != null && known.version.equals(version)) {
            return codec.read(known.bytes, kind(version));
        }
        return entry.storedVersion().equals(version)
                ? stored(entry)
                : converted(List.of(entry), version).getFirst();
    }

    private List<Document> converted(List<Entry> entries, String version) {
        List<Document> objects = new ArrayList<>();
        entries.forEach(entry -> objects.add(stored(entry)));
        return convert(objects, version);
    }

    private List<Document> convert(List<Document> objects, String version) {
        List<Document> converted = conversion.convert(objects, kind(version).apiVersion());
        try {
            converted.forEach(object -> shape(object, version));
        } catch (EmbeddedObjects.Misread misread) {
            throw StatusException.internal(String.valueOf(misread.getMessage()));
        }
        return converted;
    }

    @Override
    public void prepare(List<Entry> entries, String version) {
        if (conversion == Conversion.NONE) {
            return;
        }
        List<Entry> wanted = entries.stream()
                .filter(entry -> !entry.storedVersion().equals(version) && known(entry, version) == null)
                .toList();
        if (wanted.isEmpty()) {
            return;
        }
        List<Document> objects = converted(wanted, version);
        for (int i = 0; i < wanted.size(); i++) {
            remember(wanted.get(i), version, objects.get(i));
        }
    }

    private @Nullable Made known(Entry entry, String version) {
        Made known = made.getIfPresent(entry);
        return known == null || !known.version.equals(version) ? null : known;
    }

    private Made remember(Entry entry, String version, Document object) {
        byte[] bytes = RevisionSlot.fill(codec.canonical(object, kind(version)), entry.revision());
        Made body = new Made(version, bytes);
        made.put(entry, body);
        return body;
    }

    @Override
    public byte[] body(Entry entry, String version) {
        Made known = known(entry, version);
        return (known == null ? remember(entry, version, read(entry, version)) : known).bytes;
    }

    @Override
    public byte[] encode(Document object) {
        String version = GroupVersionKind.of(object.apiVersion(), "").version();
        Document next = object;
        if (!version.equals(storedVersion)) {
            next = convert(List.of(object.copy()), storedVersion).getFirst();
            JsonSchema schema = schemas.get(storedVersion);
            if (schema != null) {
                // Readers of the stored version see its defaults; what lies there is what they get.
                Defaulting.apply(next.tree(), schema);
            }
        }
        return codec.canonical(next, kind(storedVersion));
    }
}
