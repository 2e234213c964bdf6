package io.quarterdeck.api.http;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.registry.ResourceDefinition;
import io.quarterdeck.api.store.Entry;
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

    private static final Columns DEFAULT = Columns.of(List.of(
            new Columns.Column(
                    "Name",
                    "string",
                    "name",
                    "Name must be unique within a namespace. Is required when creating resources, although some resources"
                            + " may allow a client to request the generation of an appropriate name automatically. Name is"
                            + " primarily intended for creation idempotence and configuration definition. Cannot be"
                            + " updated. More info:"
                            + " https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names",
                    0,
                    (object, now) -> object.at("metadata.name")),
            new Columns.Column(
                    "Created At",
                    "date",
                    "",
                    "CreationTimestamp is a timestamp representing the server time when this object was created. It is not"
                            + " guaranteed to be set in happens-before order across separate operations. Clients may not"
                            + " set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the"
                            + " system. Read-only. Null for lists. More info:"
                            + " https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata",
                    0,
                    (object, now) -> object.at("metadata.creationTimestamp"))));

    private final Forms forms;

    Tables(Forms forms) {
        this.forms = forms;
    }

    ObjectNode listMeta(long revision, String continueToken, long remaining) {
        ObjectNode meta = JsonNodeFactory.instance.objectNode();
        meta.put("resourceVersion", Long.toString(revision));
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
        String include = exchange.query().first("includeObject");
        if (!List.of("", "Metadata", "Object", "None").contains(include)) {
            throw StatusException.badRequest("unrecognized includeObject value: \"" + include + "\"");
        }
        ObjectNode table = JsonNodeFactory.instance.objectNode();
        table.put("kind", "Table").put("apiVersion", "meta.k8s.io/" + version);
        table.set("metadata", meta);
        Columns columns = resource.strategy().columns().orElse(DEFAULT);
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

    private ObjectNode row(
            ResourceDefinition resource, Entry entry, Columns columns, String include, String version, Instant now) {
        ObjectNode row = JsonNodeFactory.instance.objectNode();
        // As upstream's printers, the columns of built-in kinds see the object as it is kept, whatever version is asked
        // for; a custom resource's columns belong to its version.
        Document object = resource.custom() ? forms.document(resource, entry) : forms.stored(resource, entry);
        ArrayNode cells = row.putArray("cells");
        for (Columns.Column column : columns.columns()) {
            JsonNode cell = column.cell().apply(object, now);
            cells.add(cell == null || cell.isMissingNode() ? JsonNodeFactory.instance.nullNode() : cell);
        }
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
