package io.quarterdeck.api.kinds;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.registry.Columns;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * A kind's Table columns: their names, types and descriptions come from {@code columns.json}, their cells from code. Name
 * and Age are known.
 */
public final class TableColumns {

    private static final JsonNode TABLES = read();
    private static final String NAME =
            "Name must be unique within a namespace. Is required when creating resources, although some resources may allow a"
                    + " client to request the generation of an appropriate name automatically. Name is primarily intended for"
                    + " creation idempotence and configuration definition. Cannot be updated. More info:"
                    + " https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names";
    private static final String AGE =
            "CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed"
                    + " to be set in happens-before order across separate operations. Clients may not set this value. It is"
                    + " represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More"
                    + " info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata";

    private final JsonNode table;
    private final Map<String, BiFunction<Document, Instant, JsonNode>> cells = new HashMap<>();

    private TableColumns(JsonNode table) {
        this.table = table;
        cells.put("Name", (object, now) -> JsonNodeFactory.instance.stringNode(object.name()));
        cells.put("Age", (object, now) -> JsonNodeFactory.instance.stringNode(Cells.age(object, now)));
    }

    /** @param resource as in errors: {@code pods}, {@code deployments.apps} */
    public static TableColumns of(String resource) {
        JsonNode table = TABLES.get(resource);
        if (table == null) {
            throw new IllegalArgumentException("no columns for " + resource);
        }
        return new TableColumns(table);
    }

    public TableColumns cell(String name, BiFunction<Document, Instant, JsonNode> cell) {
        cells.put(name, cell);
        return this;
    }

    public TableColumns text(String name, Function<Document, String> cell) {
        return cell(name, (object, now) -> JsonNodeFactory.instance.stringNode(cell.apply(object)));
    }

    /** The string at a path, or "". */
    public TableColumns text(String name, String path) {
        return text(name, object -> object.text(path));
    }

    public TableColumns number(String name, Function<Document, Number> cell) {
        return cell(
                name,
                (object, now) ->
                        JsonNodeFactory.instance.numberNode(cell.apply(object).longValue()));
    }

    /** The number at a path, or 0. */
    public TableColumns number(String name, String path) {
        return number(name, object -> object.number(path, 0));
    }

    public TableColumns flag(String name, Function<Document, Boolean> cell) {
        return cell(name, (object, now) -> JsonNodeFactory.instance.booleanNode(cell.apply(object)));
    }

    public Optional<Columns> columns() {
        List<Columns.Column> columns = new ArrayList<>();
        for (JsonNode column : table) {
            String name = column.get("name").asString();
            BiFunction<Document, Instant, JsonNode> cell = cells.remove(name);
            if (cell == null) {
                throw new IllegalStateException("no cell for column " + name);
            }
            columns.add(new Columns.Column(
                    name,
                    column.path("type").asString("string"),
                    column.path("format").asString(name.equals("Name") ? "name" : ""),
                    column.path("description").asString(name.equals("Name") ? NAME : AGE),
                    column.path("priority").asInt(0),
                    cell));
        }
        cells.keySet().removeAll(List.of("Name", "Age"));
        if (!cells.isEmpty()) {
            throw new IllegalStateException("no column for the cells " + cells.keySet());
        }
        return Optional.of(Columns.of(columns));
    }

    private static JsonNode read() {
        try (InputStream in = TableColumns.class.getResourceAsStream("columns.json")) {
            return JsonMapper.shared().readTree(Objects.requireNonNull(in));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
