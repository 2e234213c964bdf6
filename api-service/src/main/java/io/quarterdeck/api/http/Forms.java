package io.quarterdeck.api.http;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.registry.LiveCatalog;
import io.quarterdeck.api.registry.ResourceDefinition;
import io.quarterdeck.api.registry.StoredForm;
import io.quarterdeck.api.registry.VersionConverter;
import io.quarterdeck.api.schema.ObjectCodec;
import io.quarterdeck.api.store.Entry;
import io.quarterdeck.api.store.RevisionSlot;
import io.quarterdeck.model.GroupVersionKind;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.databind.node.ObjectNode;

/**
 * Stored entries in the forms that readers ask for. JSON in the stored version is the stored bytes; every other form is
 * made on demand. Protobuf bytes are kept under a budget that all readers share. Thread-safe.
 */
public final class Forms {

    static final GroupVersionKind PARTIAL = new GroupVersionKind("meta.k8s.io", "v1", "PartialObjectMetadata");

    private static final byte[] METADATA = bytes("\"metadata\":");

    private static final byte[] EMPTY_REVISION = bytes("\"metadata\":{\"resourceVersion\":\"\",");

    private final LiveCatalog catalog;
    private final ObjectCodec codec;
    private final Map<GroupVersionKind, VersionConverter> converters = new HashMap<>();
    private final Map<GroupVersionKind, byte[]> headers = new ConcurrentHashMap<>();
    private final Cache<Entry, byte[]> protobuf;

    public Forms(
            LiveCatalog catalog, ObjectCodec codec, Collection<VersionConverter> converters, long protobufBudgetBytes) {
        this.catalog = catalog;
        this.codec = codec;
        converters.forEach(converter -> this.converters.put(converter.version(), converter));
        // Weak keys compare by identity: an entry's bytes leave with the entry.
        this.protobuf = Caffeine.newBuilder()
                .weakKeys()
                .maximumWeight(protobufBudgetBytes)
                .weigher((Entry entry, byte[] message) -> message.length + 64)
                .build();
    }

    ObjectCodec codec() {
        return codec;
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** An opening brace and the type header, up to and with the comma before the body. */
    byte[] header(GroupVersionKind kind) {
        byte[] header = headers.get(kind);
        if (header == null) {
            header = bytes("{\"kind\":\"" + kind.kind() + "\",\"apiVersion\":\"" + kind.apiVersion() + "\",");
            headers.put(kind, header);
        }
        return header;
    }

    /** The body of {@code entry} in the version of {@code resource}, without type header and opening brace. */
    byte[] body(ResourceDefinition resource, Entry entry) {
        StoredForm form = resource.strategy().storedForm().orElse(null);
        if (form != null) {
            byte[] body = form.asIs(entry, resource.version()) ? entry.body() : form.body(entry, resource.version());
            return entry.revision() == 0 ? withoutRevision(body) : body;
        }
        VersionConverter converter = converters.get(resource.gvk());
        if (converter == null) {
            return entry.revision() == 0 ? withoutRevision(entry.body()) : entry.body();
        }
        byte[] converted = codec.canonical(converter.fromStored(stored(resource, entry)), resource.gvk());
        return entry.revision() == 0 ? withoutRevision(converted) : RevisionSlot.fill(converted, entry.revision());
    }

    /** What a dry run would create has no resourceVersion yet. */
    private static byte[] withoutRevision(byte[] body) {
        byte[] rest = Arrays.copyOfRange(body, EMPTY_REVISION.length, body.length);
        byte[] shown = new byte[METADATA.length + 1 + rest.length];
        System.arraycopy(METADATA, 0, shown, 0, METADATA.length);
        shown[METADATA.length] = '{';
        System.arraycopy(rest, 0, shown, METADATA.length + 1, rest.length);
        return shown;
    }

    /**
     * Makes ready what will be asked for one by one, where making it takes somebody else: conversion webhooks.
     *
     * @return what to ask for in place of these
     */
    List<Entry> prepare(ResourceDefinition resource, List<Entry> entries) {
        return resource.strategy()
                .storedForm()
                .map(form -> form.prepare(entries, resource.version()))
                .orElse(entries);
    }

    Entry prepare(ResourceDefinition resource, Entry entry) {
        return prepare(resource, List.of(entry)).getFirst();
    }

    /** What is served in the place of a resource now: mostly itself; nothing when its definition went. */
    Optional<ResourceDefinition> served(ResourceDefinition resource) {
        return resource.custom()
                ? catalog.find(resource.group(), resource.version(), resource.plural())
                : Optional.of(resource);
    }

    /** The object as a tree of its own, in the version of {@code resource}. */
    public Document document(ResourceDefinition resource, Entry entry) {
        StoredForm form = resource.strategy().storedForm().orElse(null);
        if (form != null && !form.asIs(entry, resource.version())) {
            return form.read(entry, resource.version());
        }
        VersionConverter converter = converters.get(resource.gvk());
        return converter == null ? read(entry, resource.gvk()) : converter.fromStored(stored(resource, entry));
    }

    private Document read(Entry entry, GroupVersionKind kind) {
        Document document = codec.read(entry.body(), kind);
        if (entry.revision() == 0) {
            document.remove("metadata.resourceVersion");
        }
        return document;
    }

    /** The object as a tree of its own, in the version that is kept. */
    Document stored(ResourceDefinition resource, Entry entry) {
        return read(entry, catalog.stored(resource.storage()).orElse(resource).gvk());
    }

    /** The protobuf message of an entry, without envelope. */
    byte[] message(ResourceDefinition resource, Entry entry) {
        if (converters.containsKey(resource.gvk())) {
            return codec.protobuf(document(resource, entry).tree(), resource.gvk());
        }
        return protobuf.get(
                entry,
                absent ->
                        codec.protobuf(codec.read(absent.body(), resource.gvk()).tree(), resource.gvk()));
    }

    /** The metadata field of a body, name and value. */
    private static byte[] metadata(byte[] body) {
        int depth = 0;
        boolean quoted = false;
        for (int i = METADATA.length; i < body.length; i++) {
            byte c = body[i];
            if (quoted) {
                if (c == '\\') {
                    i++;
                } else if (c == '"') {
                    quoted = false;
                }
            } else if (c == '"') {
                quoted = true;
            } else if (c == '{') {
                depth++;
            } else if (c == '}' && --depth == 0) {
                byte[] metadata = new byte[i + 1];
                System.arraycopy(body, 0, metadata, 0, i + 1);
                return metadata;
            }
        }
        throw new IllegalArgumentException("the body has no metadata");
    }

    /** The object's metadata alone, as a tree of that kind. */
    ObjectNode metadataOnly(ResourceDefinition resource, Entry entry, GroupVersionKind kind) {
        ObjectNode partial = Document.empty().tree();
        partial.put("kind", kind.kind()).put("apiVersion", kind.apiVersion());
        ObjectNode metadata = (ObjectNode) stored(resource, entry).at("metadata");
        if (metadata.get("annotations") instanceof ObjectNode annotations) {
            annotations.remove(resource.strategy().versionedAnnotations());
            if (annotations.isEmpty()) {
                metadata.remove("annotations");
            }
        }
        partial.set("metadata", metadata);
        return partial;
    }

    /** The metadata field of an entry, name and value, as {@link #metadataOnly} shows it. */
    byte[] metadata(ResourceDefinition resource, Entry entry) {
        byte[] body = entry.revision() == 0 ? withoutRevision(entry.body()) : entry.body();
        if (resource.strategy().versionedAnnotations().isEmpty()) {
            return metadata(body);
        }
        byte[] whole = codec.json(metadataOnly(resource, entry, PARTIAL));
        return metadata(Arrays.copyOfRange(whole, header(PARTIAL).length, whole.length));
    }
}
