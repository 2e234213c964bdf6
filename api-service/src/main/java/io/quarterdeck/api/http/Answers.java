package io.quarterdeck.api.http;

import static io.quarterdeck.api.http.Forms.bytes;

import io.quarterdeck.api.cache.Listing;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.registry.ResourceDefinition;
import io.quarterdeck.api.schema.Encoding;
import io.quarterdeck.api.schema.GoIndent;
import io.quarterdeck.api.store.Entry;
import io.quarterdeck.model.GroupVersionKind;
import io.quarterdeck.model.StatusException;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** Writes answers in the negotiated form. JSON of stored objects is written as it lies in the cache. Thread-safe. */
public final class Answers {

    private static final GroupVersionKind STATUS = new GroupVersionKind("", "v1", "Status");
    private static final byte[] CLOSE_PARTIAL = bytes("}\n");
    private static final byte[] CLOSE = bytes("}");
    private static final byte[] CLOSE_LIST = bytes("]}\n");
    private static final byte[] NEWLINE = bytes("\n");
    private static final byte[] OPEN_ITEM = bytes("{");
    private static final byte[] NEXT_ITEM = bytes(",{");
    private static final byte[] COMMA = bytes(",");

    private final Forms forms;
    private final Tables tables;

    public Answers(Forms forms) {
        this.forms = forms;
        this.tables = new Tables(forms);
    }

    Forms forms() {
        return forms;
    }

    Tables tables() {
        return tables;
    }

    /** A tree that is no stored object: Status, Scale, a review, discovery. */
    public void tree(Exchange exchange, Negotiation form, int code, GroupVersionKind kind, ObjectNode tree)
            throws IOException {
        if (kind.equals(STATUS)) {
            exchange.audit().answeredStatus(tree);
        } else {
            exchange.audit().answered(tree::deepCopy);
        }
        exchange.answer(code, form.contentType(), encode(form, kind, tree));
    }

    /** A Scale, also as a Table or its metadata alone. */
    void scale(Exchange exchange, Negotiation form, GroupVersionKind kind, Document scale) throws IOException {
        if (!form.table().isEmpty()) {
            tree(exchange, form, 200, Tables.KIND, tables.scale(exchange, scale, form.table()));
        } else if (form.metadataOnly().isEmpty()) {
            tree(exchange, form, 200, kind, scale.tree());
        } else if (form.metadataOnly().equals("PartialObjectMetadata")) {
            GroupVersionKind partial = partial(form);
            ObjectNode shown = Document.empty().tree();
            shown.put("kind", partial.kind()).put("apiVersion", partial.apiVersion());
            shown.set("metadata", scale.at("metadata"));
            tree(exchange, form, 200, partial, shown);
        } else {
            throw noList(kind.group(), kind.kind());
        }
    }

    private static StatusException noList(String group, String kind) {
        return new StatusException(
                406,
                "NotAcceptable",
                "you requested PartialObjectMetadataList, but the requested object is not a list (*%s)"
                        .formatted(GoNames.internal(group, kind)),
                null);
    }

    private byte[] encode(Negotiation form, GroupVersionKind kind, ObjectNode tree) {
        return switch (form.encoding()) {
            case JSON ->
                form.pretty() ? GoIndent.bytes(tree) : newline(forms.codec().json(tree));
            case YAML -> forms.codec().yaml(tree);
            case PROTOBUF -> forms.codec().envelope(forms.codec().protobuf(tree, kind), kind);
        };
    }

    private static byte[] newline(byte[] json) {
        byte[] line = Arrays.copyOf(json, json.length + 1);
        line[json.length] = '\n';
        return line;
    }

    /** An answer that is always JSON, whatever was asked for. */
    public void json(Exchange exchange, int code, ObjectNode tree) throws IOException {
        exchange.answer(code, Negotiation.JSON, newline(forms.codec().json(tree)));
    }

    public void failure(Exchange exchange, StatusException error) throws IOException {
        if (exchange.committed()) {
            throw new IOException("the answer failed after its start: " + error.text());
        }
        StatusException.Details details = error.details();
        if (details != null && details.retryAfterSeconds() > 0) {
            exchange.setHeader("Retry-After", String.valueOf(details.retryAfterSeconds()));
        }
        Negotiation form;
        try {
            form = Negotiation.of(exchange, false, true);
        } catch (StatusException notAcceptable) {
            form = Negotiation.PLAIN;
        }
        ObjectNode body = StatusBody.failure(error);
        exchange.audit().answeredStatus(body);
        tree(exchange, form, error.code(), STATUS, body);
    }

    /** A stored object, or one that a dry run would store. */
    public void object(Exchange exchange, Negotiation form, int code, ResourceDefinition resource, Entry kept)
            throws IOException {
        Entry entry = forms.prepare(resource, kept);
        if (!form.table().isEmpty()) {
            ObjectNode table = tables.table(
                    exchange, resource, List.of(entry), form.table(), tables.listMeta(entry.revision(), "", -1), true);
            tree(exchange, form, code, Tables.KIND, table);
            return;
        }
        if (form.metadataOnly().equals("PartialObjectMetadataList")) {
            throw noList(resource.storage().group(), resource.kind());
        }
        if (form.encoding() == Encoding.JSON && !form.pretty()) {
            exchange.audit()
                    .answered(() -> form.metadataOnly().isEmpty()
                            ? forms.document(resource, entry).tree()
                            : forms.metadataOnly(resource, entry, partial(form)));
            if (form.metadataOnly().isEmpty()) {
                exchange.answer(
                        code, Negotiation.JSON, forms.header(resource.gvk()), forms.body(resource, entry), NEWLINE);
            } else {
                exchange.answer(
                        code,
                        Negotiation.JSON,
                        forms.header(partial(form)),
                        forms.metadata(resource, entry),
                        CLOSE_PARTIAL);
            }
            return;
        }
        if (form.encoding() == Encoding.PROTOBUF && form.metadataOnly().isEmpty()) {
            exchange.audit().answered(() -> forms.document(resource, entry).tree());
            exchange.answer(
                    code, Negotiation.PROTOBUF, forms.codec().envelope(forms.message(resource, entry), resource.gvk()));
            return;
        }
        if (form.metadataOnly().isEmpty()) {
            tree(
                    exchange,
                    form,
                    code,
                    resource.gvk(),
                    forms.document(resource, entry).tree());
        } else {
            tree(exchange, form, code, partial(form), forms.metadataOnly(resource, entry, partial(form)));
        }
    }

    private static GroupVersionKind partial(Negotiation form) {
        return new GroupVersionKind("meta.k8s.io", form.partialVersion(), "PartialObjectMetadata");
    }

    /** @param remaining entries behind this page; negative when unknown */
    void list(
            Exchange exchange,
            Negotiation form,
            ResourceDefinition resource,
            Listing kept,
            String continueToken,
            long remaining)
            throws IOException {
        Listing listing = kept.showing(forms.prepare(resource, kept.entries()));
        if (!form.table().isEmpty()) {
            ObjectNode table = tables.table(
                    exchange,
                    resource,
                    listing.entries(),
                    form.table(),
                    tables.listMeta(listing.revision(), continueToken, remaining),
                    true);
            tree(exchange, form, 200, Tables.KIND, table);
            return;
        }
        if (form.metadataOnly().equals("PartialObjectMetadata")) {
            throw new StatusException(
                    406,
                    "NotAcceptable",
                    "you requested PartialObjectMetadata, but the requested object is a list (*%s)"
                            .formatted(
                                    resource.custom()
                                            ? "unstructured.UnstructuredList"
                                            : GoNames.internal(
                                                    resource.storage().group(), resource.listKind())),
                    null);
        }
        boolean metadataOnly = !form.metadataOnly().isEmpty();
        GroupVersionKind listKind = metadataOnly
                ? new GroupVersionKind("meta.k8s.io", form.partialVersion(), "PartialObjectMetadataList")
                : new GroupVersionKind(resource.group(), resource.version(), resource.listKind());
        if (form.encoding() == Encoding.YAML || (form.encoding() == Encoding.JSON && form.pretty())) {
            tree(
                    exchange,
                    form,
                    200,
                    listKind,
                    listTree(form, resource, listing, listKind, metadataOnly, continueToken, remaining));
            return;
        }
        exchange.audit()
                .answered(() -> listTree(form, resource, listing, listKind, metadataOnly, continueToken, remaining));
        if (form.encoding() == Encoding.JSON) {
            jsonList(exchange, form, resource, listing, listKind, metadataOnly, continueToken, remaining);
        } else {
            protobufList(exchange, form, resource, listing, listKind, metadataOnly, continueToken, remaining);
        }
    }

    private ObjectNode listTree(
            Negotiation form,
            ResourceDefinition resource,
            Listing listing,
            GroupVersionKind listKind,
            boolean metadataOnly,
            String continueToken,
            long remaining) {
        ObjectNode tree = Document.empty().tree();
        tree.put("kind", listKind.kind()).put("apiVersion", listKind.apiVersion());
        tree.set("metadata", listMeta(resource, metadataOnly, listing, continueToken, remaining));
        var items = tree.putArray("items");
        for (Entry entry : listing.entries()) {
            if (metadataOnly) {
                items.add(forms.metadataOnly(resource, entry, partial(form)));
            } else {
                Document document = forms.document(resource, entry);
                if (!resource.custom()) {
                    document.tree().remove(List.of("kind", "apiVersion"));
                }
                items.add(document.tree());
            }
        }
        return tree;
    }

    /** Lists of custom resources name their continuation also where there is none. */
    private ObjectNode listMeta(
            ResourceDefinition resource, boolean metadataOnly, Listing listing, String continueToken, long remaining) {
        ObjectNode meta = tables.listMeta(listing.revision(), continueToken, remaining);
        if (resource.custom() && !metadataOnly && !meta.has("continue")) {
            meta.put("continue", "");
        }
        return meta;
    }

    private void jsonList(
            Exchange exchange,
            Negotiation form,
            ResourceDefinition resource,
            Listing listing,
            GroupVersionKind listKind,
            boolean metadataOnly,
            String continueToken,
            long remaining)
            throws IOException {
        byte[] head = bytes(
                "\"metadata\":" + listMeta(resource, metadataOnly, listing, continueToken, remaining) + ",\"items\":");
        List<Entry> entries = listing.entries();
        if (metadataOnly && entries.isEmpty()) {
            // Upstream answers null here and [] everywhere else; clients of this form are built for it.
            exchange.answer(200, Negotiation.JSON, forms.header(listKind), head, bytes("null}\n"));
            return;
        }
        long size = head.length;
        List<byte[]> parts = new ArrayList<>(entries.size() * (resource.custom() || metadataOnly ? 4 : 2) + 3);
        parts.add(forms.header(listKind));
        parts.add(head);
        parts.add(bytes("["));
        byte[] itemHeader = metadataOnly
                ? forms.header(partial(form))
                : resource.custom() ? forms.header(resource.gvk()) : OPEN_ITEM;
        boolean first = true;
        for (Entry entry : entries) {
            if (itemHeader == OPEN_ITEM) {
                parts.add(first ? OPEN_ITEM : NEXT_ITEM);
            } else {
                if (!first) {
                    parts.add(COMMA);
                }
                parts.add(itemHeader);
            }
            first = false;
            byte[] shown = metadataOnly ? forms.metadata(resource, entry) : forms.body(resource, entry);
            parts.add(shown);
            if (metadataOnly) {
                parts.add(CLOSE);
            }
            size += shown.length;
        }
        parts.add(CLOSE_LIST);
        exchange.start(200, Negotiation.JSON);
        if (size > Exchange.GZIP_THRESHOLD) {
            exchange.expectLarge();
        }
        boolean packed = size > Exchange.GZIP_THRESHOLD && exchange.acceptsGzip();
        OutputStream out = packed ? exchange.gzip() : exchange.output();
        for (byte[] part : parts) {
            out.write(part);
        }
        if (packed) {
            out.close();
        }
    }

    private void protobufList(
            Exchange exchange,
            Negotiation form,
            ResourceDefinition resource,
            Listing listing,
            GroupVersionKind listKind,
            boolean metadataOnly,
            String continueToken,
            long remaining)
            throws IOException {
        GroupVersionKind partial = partial(form);
        List<byte[]> items = new ArrayList<>(listing.entries().size());
        for (Entry entry : listing.entries()) {
            items.add(
                    metadataOnly
                            ? forms.codec().protobuf(forms.metadataOnly(resource, entry, partial), partial)
                            : forms.message(resource, entry));
        }
        exchange.answer(
                200,
                Negotiation.PROTOBUF,
                forms.codec()
                        .protobufList(tables.listMeta(listing.revision(), continueToken, remaining), items, listKind)
                        .toArray(byte[][]::new));
    }
}
