package io.quarterdeck.api.registry;

import io.quarterdeck.api.document.Document;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * The columns of a kind's Table, in order: how each is described and how its cell is made from an object and the
 * instant of the request. Immutable.
 */
public final class Columns {

    /** @param priority 0 is always shown, 1 with {@code -o wide} */
    public record Column(
            String name,
            String type,
            String format,
            String description,
            int priority,
            BiFunction<Document, Instant, JsonNode> cell) {}

    private final List<Column> columns;
    private final Function<Document, List<JsonNode>> conditions;

    private Columns(List<Column> columns, Function<Document, List<JsonNode>> conditions) {
        this.columns = List.copyOf(columns);
        this.conditions = conditions;
    }

    public static Columns of(List<Column> columns) {
        return new Columns(columns, object -> List.of());
    }

    /** The same columns; each row carries these conditions beside its cells. */
    public Columns withConditions(Function<Document, List<JsonNode>> rowConditions) {
        return new Columns(columns, rowConditions);
    }

    /** The conditions of an object's row; mostly none. */
    public List<JsonNode> conditions(Document object) {
        return conditions.apply(object);
    }

    public static Columns none() {
        return of(List.of());
    }

    public Columns with(Column column) {
        List<Column> more = new ArrayList<>(columns);
        more.add(column);
        return new Columns(more, conditions);
    }

    public Columns text(String name, String description, Function<Document, String> cell) {
        return with(new Column(
                name,
                "string",
                "",
                description,
                0,
                (document, now) -> JsonNodeFactory.instance.stringNode(cell.apply(document))));
    }

    public List<Column> columns() {
        return columns;
    }
}
