package io.quarterdeck.api.registry;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.registry.ResourceStrategy.Enlisted;
import io.quarterdeck.api.schema.ObjectCodec;
import io.quarterdeck.api.store.ConflictException;
import io.quarterdeck.api.store.Entry;
import io.quarterdeck.api.store.EntryHeader;
import io.quarterdeck.api.store.HeaderReader;
import io.quarterdeck.api.store.Operation;
import io.quarterdeck.api.store.OrderedStore;
import io.quarterdeck.api.store.RevisionSlot;
import io.quarterdeck.api.store.StoreKey;
import io.quarterdeck.api.store.Transaction;
import io.quarterdeck.model.GroupVersionKind;
import io.quarterdeck.model.StatusException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Between documents and what the store keeps of them: versions, bytes, transactions. Thread-safe. */
final class StoredObjects {

    private static final int MAX_OBJECT_BYTES = 1536 * 1024;
    private static final long COMMIT_DEADLINE_SECONDS = 60;

    private final LiveCatalog catalog;
    private final ObjectCodec codec;
    private final OrderedStore store;
    private final HeaderReader headers;
    private final Map<GroupVersionKind, VersionConverter> converters = new HashMap<>();

    StoredObjects(
            LiveCatalog catalog,
            ObjectCodec codec,
            OrderedStore store,
            HeaderReader headers,
            Collection<VersionConverter> converters) {
        this.catalog = catalog;
        this.codec = codec;
        this.store = store;
        this.headers = headers;
        converters.forEach(converter -> this.converters.put(converter.version(), converter));
    }

    /** The definition in whose version the object is judged: mostly the stored one. */
    ResourceDefinition stored(ResourceDefinition resource) {
        return resource.strategy().storedForm().isPresent()
                ? resource
                : catalog.stored(resource.storage()).orElse(resource);
    }

    Document read(ResourceDefinition stored, Entry entry) {
        return stored.strategy()
                .storedForm()
                .map(form -> form.read(entry, stored.version()))
                .orElseGet(() -> codec.read(entry.body(), stored.gvk()));
    }

    /** The version of the bytes that {@link #encode} makes. */
    static String storedVersion(ResourceDefinition stored) {
        return stored.strategy().storedForm().map(StoredForm::storedVersion).orElse(stored.version());
    }

    Document toStored(ResourceDefinition resource, Document object) {
        VersionConverter converter = converters.get(resource.gvk());
        return converter == null ? object : converter.toStored(object);
    }

    /** The object as its version shows it once it was stored: without what no other version can keep. */
    Document asKept(ResourceDefinition resource, Document object) {
        VersionConverter converter = converters.get(resource.gvk());
        return converter == null ? object : converter.fromStored(converter.toStored(object));
    }

    /** The stored object in the version of {@code resource}; the argument itself when that is the stored one. */
    Document fromStored(ResourceDefinition resource, Document stored) {
        VersionConverter converter = converters.get(resource.gvk());
        if (converter != null) {
            return converter.fromStored(stored);
        }
        if (stored.apiVersion().equals(resource.gvk().apiVersion())
                && stored.kind().equals(resource.kind())) {
            return stored;
        }
        Document seen = stored.copy();
        seen.set("apiVersion", resource.gvk().apiVersion()).set("kind", resource.kind());
        return seen;
    }

    /**
     * An object of this resource, in any of its versions, in another one.
     *
     * @return empty when that version is not served
     * @throws StatusException 500 when it cannot be converted
     */
    Optional<Document> in(ResourceDefinition resource, String apiVersion, Document object) {
        Optional<StoredForm> form = resource.strategy().storedForm();
        if (form.isPresent()) {
            return Optional.of(form.get().convert(object, apiVersion));
        }
        return version(resource, apiVersion)
                .flatMap(wanted -> version(resource, object.apiVersion())
                        .map(present -> fromStored(wanted, toStored(present, object))));
    }

    private Optional<ResourceDefinition> version(ResourceDefinition resource, String apiVersion) {
        GroupVersionKind kind = GroupVersionKind.of(apiVersion, resource.kind());
        if (resource.group().isEmpty() && !kind.group().isEmpty()) {
            // Where upstream serves the core group it knows no models of other groups.
            return Optional.empty();
        }
        return catalog.byKind(kind.group(), kind.version(), kind.kind())
                .filter(found -> found.storage().equals(resource.storage()));
    }

    byte[] encode(Document next, ResourceDefinition stored) {
        byte[] bytes = stored.strategy()
                .storedForm()
                .map(form -> form.encode(next))
                .orElseGet(() -> codec.canonical(next, stored.gvk()));
        if (bytes.length > MAX_OBJECT_BYTES) {
            throw StatusException.tooLarge("Request entity too large: limit is " + MAX_OBJECT_BYTES);
        }
        return bytes;
    }

    Entry entry(StoreKey key, long revision, ResourceDefinition stored, byte[] bytes) {
        return new Entry(
                key,
                revision,
                revision,
                storedVersion(stored),
                revision == 0 ? bytes : RevisionSlot.fill(bytes, revision),
                headers.read(key.storage(), bytes));
    }

    /** @param object what the bytes were written from */
    Operation put(StoreKey key, long expected, ResourceDefinition stored, Document object, byte[] bytes) {
        EntryHeader header = stored.strategy().storedForm().isPresent()
                ? headers.read(key.storage(), bytes)
                : headers.read(key.storage(), object.tree());
        return new Operation.Put(key, expected, storedVersion(stored), bytes, header);
    }

    /** The end of an object as it was stored last. */
    static Operation remove(Entry current) {
        return new Operation.Remove(
                current.key(),
                current.revision(),
                current.storedVersion(),
                RevisionSlot.clear(current.body()),
                current.header());
    }

    Operation remove(StoreKey key, long expected, String version, byte[] bytes) {
        return new Operation.Remove(key, expected, version, bytes, headers.read(key.storage(), bytes));
    }

    /** @throws ConflictException when an expectation failed */
    Entry commit(Operation own, Enlisted more, RequestInfo request) {
        List<Operation> operations = new ArrayList<>();
        operations.add(own);
        operations.addAll(more.operations());
        Transaction transaction = new Transaction(
                operations,
                more.guards(),
                new Transaction.Attribution(request.user().name(), request.auditId(), ""));
        try {
            return store.commit(transaction)
                    .get(COMMIT_DEADLINE_SECONDS, TimeUnit.SECONDS)
                    .getFirst();
        } catch (ExecutionException | CompletionException e) {
            if (e.getCause() instanceof ConflictException conflict) {
                throw conflict;
            }
            if (e.getCause() instanceof StatusException status) {
                throw status;
            }
            throw new IllegalStateException("the commit failed", e.getCause());
        } catch (TimeoutException e) {
            throw StatusException.timeout("request did not complete within the allotted timeout", 0, List.of());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw StatusException.unavailable("the server is shutting down");
        }
    }
}
