package io.quarterdeck.api.kinds.events;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.Cells;
import io.quarterdeck.api.kinds.TableColumns;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.registry.SelectableField;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.model.Formats;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** What holds for events, whichever group they come through. Objects are in the form of the core group. */
final class EventRules {

    private static final String IMMUTABLE = "field is immutable";
    private static final int MOST = 128;

    private EventRules() {}

    /** @param controllerName the name of the reporting controller's field in the request's version */
    static void common(Field event, String controllerName) {
        Field involved = event.at("involvedObject.namespace");
        String namespace = event.at("metadata.namespace").text();
        if (event.at("eventTime").empty()) {
            boolean fits =
                    involved.empty() ? namespace.isEmpty() || namespace.equals("default") : involved.is(namespace);
            if (!fits) {
                involved.invalidValue(involved.text(), "does not match event.namespace");
            }
            return;
        }
        if (involved.empty() && !namespace.equals("default") && !namespace.equals("kube-system")) {
            involved.invalidValue("", "does not match event.namespace");
        }
        Field controller = event.at("reportingComponent").as(controllerName);
        controller.require();
        controller.format(Formats::qualifiedName);
        bounded(event.at("reportingInstance"), true, MOST);
        bounded(event.at("action"), true, MOST);
        bounded(event.at("reason"), true, MOST);
        bounded(event.at("message"), false, 1024);
    }

    private static void bounded(Field field, boolean required, int limit) {
        if (field.empty() && required) {
            field.required();
        } else if (field.text().length() > limit) {
            field.invalidValue("", "can have at most %d characters".formatted(limit));
        }
    }

    /** What the newer group asks for besides: of a new event its form, of a change that it concerns the series alone. */
    static void strict(Field event) {
        if (event.updating()) {
            strictUpdate(event);
        } else {
            strictCreate(event);
        }
    }

    private static void series(Field series) {
        if (series.present()) {
            if (series.at("count").number() < 2) {
                series.at("count").invalidValue("", "should be at least 2");
            }
            if (series.at("lastObservedTime").empty()) {
                series.at("lastObservedTime").required();
            }
        }
    }

    private static void strictCreate(Field event) {
        series(event.at("series"));
        event.at("eventTime").require();
        Field type = event.at("type");
        if (!type.is("Normal") && !type.is("Warning")) {
            type.invalidValue("", "has invalid value: " + type.text());
        }
        for (String old : List.of("firstTimestamp", "lastTimestamp")) {
            if (!event.at(old).empty()) {
                event.at(old).invalidValue("", "needs to be unset");
            }
        }
        if (event.at("count").number() != 0) {
            event.at("count").invalidValue("", "needs to be unset");
        }
        if (!event.at("source.component").empty() || !event.at("source.host").empty()) {
            event.at("source").invalidValue("", "needs to be unset");
        }
    }

    /** Events of the core group may be changed here, too: what they have or lack is no reason to refuse. */
    private static void strictUpdate(Field event) {
        if (event.at("series").changed()) {
            series(event.at("series"));
        }
        event.at("involvedObject").immutable();
        unchangedText(event.at("reason"));
        unchangedText(event.at("message"));
        if (!event.at("source").empty() || !event.at("source").old().isEmpty()) {
            event.at("source").immutable();
        }
        event.at("firstTimestamp").immutable();
        event.at("lastTimestamp").immutable();
        Field count = event.at("count");
        if (count.number(0) != count.old().asLong(0)) {
            count.invalidValue(count.number(0), IMMUTABLE);
        }
        unchangedText(event.at("type"));
        event.at("eventTime").immutable();
        unchangedText(event.at("action"));
        event.at("related").immutable();
        unchangedText(event.at("reportingComponent").as("reportingController"));
        unchangedText(event.at("reportingInstance"));
    }

    /** An empty text is none. */
    private static void unchangedText(Field field) {
        if (!field.text().equals(field.old().asString(""))) {
            field.invalidValue(field.text(), IMMUTABLE);
        }
    }

    static boolean isNewName(String field) {
        return field.startsWith("regarding.") || field.equals("reportingController");
    }

    static boolean isOldName(String field) {
        return field.startsWith("involvedObject.")
                || List.of("reportingComponent", "source").contains(field);
    }

    static List<SelectableField> selectableFields() {
        List<SelectableField> fields = new ArrayList<>();
        for (String part : List.of("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath")) {
            fields.add(SelectableField.of("involvedObject." + part));
            fields.add(new SelectableField("regarding." + part, List.of("involvedObject." + part), ""));
        }
        fields.add(SelectableField.of("reason"));
        fields.add(SelectableField.of("reportingComponent"));
        fields.add(new SelectableField("reportingController", List.of("reportingComponent"), ""));
        fields.add(new SelectableField("source", List.of("source.component", "reportingComponent"), ""));
        fields.add(SelectableField.of("type"));
        return fields;
    }

    static Optional<Columns> columns() {
        return TableColumns.of("events")
                .cell("Last Seen", (event, now) -> JsonNodeFactory.instance.stringNode(lastSeen(event, now)))
                .text("Type", "type")
                .text("Reason", "reason")
                .text("Object", EventRules::object)
                .text("Subobject", "involvedObject.fieldPath")
                .text("Source", EventRules::source)
                .text("Message", event -> event.text("message").strip())
                .cell("First Seen", (event, now) -> JsonNodeFactory.instance.stringNode(firstSeen(event, now)))
                .number("Count", EventRules::count)
                .columns();
    }

    private static String firstSeen(Document event, Instant now) {
        String first = event.text("firstTimestamp");
        return Cells.since(first.isEmpty() ? event.text("eventTime") : first, now);
    }

    private static String lastSeen(Document event, Instant now) {
        if (event.has("series")) {
            return Cells.since(event.text("series.lastObservedTime"), now);
        }
        String last = event.text("lastTimestamp");
        return last.isEmpty() ? firstSeen(event, now) : Cells.since(last, now);
    }

    private static Number count(Document event) {
        if (event.has("series")) {
            return event.number("series.count", 0);
        }
        return Math.max(1, event.number("count", 0));
    }

    private static String object(Document event) {
        JsonNode involved = event.at("involvedObject");
        String kind = involved.path("kind").asString("").toLowerCase(Locale.ROOT);
        String name = involved.path("name").asString("");
        return name.isEmpty() ? kind : kind + "/" + name;
    }

    private static String source(Document event) {
        String component = event.text("source.component");
        String host = event.text("source.host");
        String who = component.isEmpty() ? event.text("reportingComponent") : component;
        String where = host.isEmpty() ? event.text("reportingInstance") : host;
        return where.isEmpty() ? who : who + ", " + where;
    }
}
