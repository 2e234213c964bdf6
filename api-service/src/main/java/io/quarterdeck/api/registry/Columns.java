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

    private Columns(List<Column> columns) {
        this.columns = List.copyOf(columns);
    }

    public static Columns of(List<Column> columns) {
        return new Columns(columns);
    }

    public static Columns none() {
        return new Columns(List.of());
    }

    public Columns with(Column column) {
        List<Column> more = new ArrayList<>(columns);
        more.add(column);
        return new Columns(more);
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
