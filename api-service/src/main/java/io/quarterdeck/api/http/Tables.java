package io.quarterdeck.api.http;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.Cells;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.registry.ResourceDefinition;
import io.quarterdeck.api.store.Entry;
import io.quarterdeck.model.GoQuote;
import io.quarterdeck.model.GroupVersionKind;
import io.quarterdeck.model.StatusException;
import java.time.Instant;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Objects as rows for people. Source: meta.k8s.io/v1 Table, KEP-2334. */
final class Tables {

    static final GroupVersionKind KIND = new GroupVersionKind("meta.k8s.io", "v1", "Table");

    private static final String NAME =
            "Name must be unique within a namespace. Is required when creating resources, although some resources"
                    + " may allow a client to request the generation of an appropriate name automatically. Name is"
                    + " primarily intended for creation idempotence and configuration definition. Cannot be"
                    + " updated. More info:"
                    + " https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names";
    private static final String CREATED =
            "CreationTimestamp is a timestamp representing the server time when this object was created. It is not"
                    + " guaranteed to be set in happens-before order across separate operations. Clients may not"
                    + " set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the"
                    + " system. Read-only. Null for lists. More info:"
                    + " https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata";

    private static final Columns DEFAULT = Columns.of(List.of(
            new Columns.Column("Name", "string", "name", NAME, 0, (object, now) -> object.at("metadata.name")),
            new Columns.Column(
                    "Created At", "date", "", CREATED, 0, (object, now) -> object.at("metadata.creationTimestamp"))));

    private static final Columns SCALE = Columns.of(List.of(
            new Columns.Column("Name", "string", "", NAME, 0, (scale, now) -> scale.at("metadata.name")),
            new Columns.Column(
                    "Desired",
                    "integer",
                    "",
                    "replicas is the desired number of instances for the scaled object.",
                    0,
                    (scale, now) -> JsonNodeFactory.instance.numberNode(scale.number("spec.replicas", 0))),
            new Columns.Column(
                    "Available",
                    "integer",
                    "",
                    "replicas is the actual number of observed instances of the scaled object.",
                    0,
                    (scale, now) -> scale.at("status.replicas")),
            new Columns.Column(
                    "Age",
                    "string",
                    "",
                    CREATED,
                    0,
                    (scale, now) -> JsonNodeFactory.instance.stringNode(Cells.age(scale, now)))));

    private final Forms forms;

    Tables(Forms forms) {
        this.forms = forms;
    }

    ObjectNode listMeta(long revision, String continueToken, long remaining) {
        ObjectNode meta = JsonNodeFactory.instance.objectNode();
        if (revision > 0) {
            meta.put("resourceVersion", Long.toString(revision));
        }
        if (!continueToken.isEmpty()) {
            meta.put("continue", continueToken);
            if (remaining >= 0) {
                meta.put("remainingItemCount", remaining);
            }
        }
        return meta;
    }

    /** @param definitions whether to send the column definitions: in a watch only the first frame has them */
    ObjectNode table(
            Exchange exchange,
            ResourceDefinition resource,
            List<Entry> entries,
            String version,
            ObjectNode meta,
            boolean definitions) {
        String include = include(exchange);
        Columns columns = resource.strategy().columns().orElse(DEFAULT);
        ObjectNode table = head(columns, version, meta, definitions);
        if (entries.isEmpty() && columns == DEFAULT) {
            // What upstream's default columns make of nothing.
            table.putNull("rows");
            return table;
        }
        ArrayNode rows = table.putArray("rows");
        for (Entry entry : entries) {
            rows.add(row(resource, entry, columns, include, version, exchange.time()));
        }
        return table;
    }

    /** A bookmark, which upstream shows as a row, too: that the initial events are over is said there. */
    ObjectNode bookmark(
            Exchange exchange,
            ResourceDefinition resource,
            Document bookmark,
            String version,
            ObjectNode meta,
            boolean definitions) {
        String include = include(exchange);
        Columns columns = resource.strategy().columns().orElse(DEFAULT);
        ObjectNode table = head(columns, version, meta, definitions);
        ObjectNode row = table.putArray("rows").addObject();
        cells(row, bookmark, columns, exchange.time());
        if (include.equals("None") && !bookmark.has("metadata.annotations")) {
            row.putNull("object");
        } else {
            ObjectNode shown = row.putObject("object");
            boolean whole = include.equals("Object");
            shown.put("kind", whole ? resource.kind() : "PartialObjectMetadata");
            shown.put("apiVersion", whole ? resource.gvk().apiVersion() : "meta.k8s.io/" + version);
            shown.set("metadata", bookmark.at("metadata"));
        }
        return table;
    }

    /** A Scale in a row. */
    ObjectNode scale(Exchange exchange, Document scale, String version) {
        String include = include(exchange);
        ObjectNode meta = JsonNodeFactory.instance.objectNode();
        meta.set("resourceVersion", scale.at("metadata.resourceVersion"));
        ObjectNode table = head(SCALE, version, meta, true);
        ObjectNode row = table.putArray("rows").addObject();
        cells(row, scale, SCALE, exchange.time());
        switch (include) {
            case "None" -> row.putNull("object");
            case "Object" -> row.set("object", scale.tree());
            default ->
                row.putObject("object")
                        .put("kind", "PartialObjectMetadata")
                        .put("apiVersion", "meta.k8s.io/" + version)
                        .set("metadata", scale.at("metadata"));
        }
        return table;
    }

    private static String include(Exchange exchange) {
        String include = exchange.query().first("includeObject");
        if (!List.of("", "Metadata", "Object", "None").contains(include)) {
            throw StatusException.badRequest(
                    "Unable to convert to Table as requested: includeObject: Invalid value: %s: must be 'Metadata', 'Object', 'None', or empty"
                            .formatted(GoQuote.quote(include)));
        }
        return include;
    }

    private static ObjectNode head(Columns columns, String version, ObjectNode meta, boolean definitions) {
        ObjectNode table = JsonNodeFactory.instance.objectNode();
        table.put("kind", "Table").put("apiVersion", "meta.k8s.io/" + version);
        table.set("metadata", meta);
        if (definitions) {
            ArrayNode described = table.putArray("columnDefinitions");
            for (Columns.Column column : columns.columns()) {
                described
                        .addObject()
                        .put("name", column.name())
                        .put("type", column.type())
                        .put("format", column.format())
                        .put("description", column.description())
                        .put("priority", column.priority());
            }
        } else {
            table.putNull("columnDefinitions");
        }
        return table;
    }

    private static void cells(ObjectNode row, Document object, Columns columns, Instant now) {
        ArrayNode cells = row.putArray("cells");
        for (Columns.Column column : columns.columns()) {
            JsonNode cell = column.cell().apply(object, now);
            cells.add(cell == null || cell.isMissingNode() ? JsonNodeFactory.instance.nullNode() : cell);
        }
    }

    private ObjectNode row(
            ResourceDefinition resource, Entry entry, Columns columns, String include, String version, Instant now) {
        ObjectNode row = JsonNodeFactory.instance.objectNode();
        // As upstream's printers, the columns of built-in kinds see the object as it is kept, whatever version is asked
        // for; a custom resource's columns belong to its version.
        Document object = resource.custom() ? forms.document(resource, entry) : forms.stored(resource, entry);
        cells(row, object, columns, now);
        List<JsonNode> conditions = columns.conditions(object);
        if (!conditions.isEmpty()) {
            row.putArray("conditions").addAll(conditions);
        }
        switch (include) {
            case "None" -> row.putNull("object");
            case "Object" -> row.set("object", forms.document(resource, entry).tree());
            default ->
                row.set(
                        "object",
                        forms.metadataOnly(
                                resource,
                                entry,
                                new GroupVersionKind("meta.k8s.io", version, "PartialObjectMetadata")));
        }
        return row;
    }
}
