package io.quarterdeck.api.http;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.registry.Subresource;
import io.quarterdeck.model.StatusException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/**
 * What a connection asks for, as an object that admission can judge and change: PodExecOptions and its kin. Pure.
 *
 * <p>Source: API v1, the query parameters of the connect operations.
 */
final class ConnectOptions {

    private enum Type {
        FLAG,
        TEXT,
        TEXTS,
        NUMBERS
    }

    private static final Map<String, Type> STREAMS = Map.of(
            "stdin", Type.FLAG,
            "stdout", Type.FLAG,
            "stderr", Type.FLAG,
            "tty", Type.FLAG,
            "container", Type.TEXT);

    private static final String PROXY = "proxy";

    /** The fields of each subresource, besides those of {@link #STREAMS}. A log is read, not connected to. */
    private static final Map<String, Map<String, Type>> FIELDS = Map.of(
            "exec",
            Map.of("command", Type.TEXTS),
            "attach",
            Map.of(),
            "portforward",
            Map.of("ports", Type.NUMBERS),
            PROXY,
            Map.of());

    private ConnectOptions() {}

    static boolean isConnection(Subresource sub) {
        return FIELDS.containsKey(sub.name());
    }

    private static Map<String, Type> fields(Subresource sub) {
        Map<String, Type> fields = new TreeMap<>(FIELDS.getOrDefault(sub.name(), Map.of()));
        if (sub.name().equals("exec") || sub.name().equals("attach")) {
            fields.putAll(STREAMS);
        }
        return fields;
    }

    static Document of(Subresource sub, RequestPath path, Query query) {
        Document options = Document.empty();
        options.set("apiVersion", sub.kind().apiVersion())
                .set("kind", sub.kind().kind());
        if (sub.name().equals(PROXY)) {
            String below = path.rest().isEmpty() ? "" : "/" + String.join("/", path.rest());
            String all = path.raw().endsWith("/") ? below + "/" : below;
            if (!all.isEmpty()) {
                options.set("path", all);
            }
            return options;
        }
        fields(sub).forEach((field, type) -> {
            if (query.has(field)) {
                put(options, field, type, query);
            }
        });
        return options;
    }

    private static void put(Document options, String field, Type type, Query query) {
        switch (type) {
            case FLAG -> {
                if (query.flag(field)) {
                    options.set(field, true);
                }
            }
            case TEXT -> {
                if (!query.first(field).isEmpty()) {
                    options.set(field, query.first(field));
                }
            }
            case TEXTS -> query.all(field).forEach(options.tree().withArray(field)::add);
            case NUMBERS -> {
                ArrayNode numbers = options.tree().withArray(field);
                for (String values : query.all(field)) {
                    for (String value : values.split(",")) {
                        numbers.add(number(value));
                    }
                }
            }
        }
    }

    private static int number(String text) {
        try {
            return Integer.parseInt(text.strip());
        } catch (NumberFormatException e) {
            throw StatusException.badRequest(
                    "cannot convert to []int32: strconv.ParseUint: parsing \"%s\": invalid syntax".formatted(text));
        }
    }

    /**
     * What {@code options}, which admission changed, ask for.
     *
     * @throws StatusException 500 where that cannot be done
     */
    static Query query(Subresource sub, Document options) {
        if (sub.name().equals(PROXY)) {
            throw StatusException.internal("admission may not change where a proxied request goes");
        }
        List<String> pairs = new ArrayList<>();
        fields(sub).keySet().forEach(field -> {
            JsonNode value = options.at(field);
            if (value.isArray()) {
                value.forEach(each -> pairs.add(pair(field, each)));
            } else if (!value.isMissingNode()) {
                pairs.add(pair(field, value));
            }
        });
        return new Query(String.join("&", pairs));
    }

    private static String pair(String field, JsonNode value) {
        return field + "=" + URLEncoder.encode(value.asString(), StandardCharsets.UTF_8);
    }
}
