package io.quarterdeck.api.kinds;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.validation.Values;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;

/** How cells of a Table read. */
public final class Cells {

    public static final String NONE = "<none>";
    public static final String UNKNOWN = "<unknown>";
    public static final String UNSET = "<unset>";

    private Cells() {}

    public static String age(Document object, Instant now) {
        return since(object.text("metadata.creationTimestamp"), now);
    }

    /** How long ago {@code timestamp} was. */
    public static String since(String timestamp, Instant now) {
        return instant(timestamp)
                .map(then -> duration(Duration.between(then, now)))
                .orElse(UNKNOWN);
    }

    public static Optional<Instant> instant(String timestamp) {
        try {
            return timestamp.isEmpty()
                    ? Optional.empty()
                    : Optional.of(OffsetDateTime.parse(timestamp).toInstant());
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    /** A duration in the two largest units that matter, as kubectl shows ages. */
    public static String duration(Duration duration) {
        long seconds = duration.toSeconds();
        if (seconds < -1) {
            return "<invalid>";
        }
        if (seconds < 0) {
            return "0s";
        }
        if (seconds < 120) {
            return seconds + "s";
        }
        long minutes = seconds / 60;
        if (minutes < 10) {
            return two(minutes, "m", seconds % 60, "s");
        }
        if (minutes < 180) {
            return minutes + "m";
        }
        long hours = minutes / 60;
        if (hours < 8) {
            return two(hours, "h", minutes % 60, "m");
        }
        if (hours < 48) {
            return hours + "h";
        }
        long days = hours / 24;
        if (hours < 192) {
            return two(days, "d", hours % 24, "h");
        }
        if (days < 730) {
            return days + "d";
        }
        return days < 2920 ? two(days / 365, "y", days % 365, "d") : days / 365 + "y";
    }

    private static String two(long large, String largeUnit, long small, String smallUnit) {
        return large + largeUnit + (small == 0 ? "" : small + smallUnit);
    }

    /** A map of labels as {@code a=b,c=d}. */
    public static String labels(JsonNode labels) {
        return labels.isObject() && !labels.isEmpty()
                ? new TreeSet<>(labels.propertyNames())
                        .stream()
                                .map(key -> key + "=" + labels.get(key).asString())
                                .collect(Collectors.joining(","))
                : NONE;
    }

    /** A label selector as kubectl's {@code -l} would say it. */
    public static String selector(JsonNode selector) {
        if (!selector.isObject()) {
            return NONE;
        }
        List<String[]> terms = new ArrayList<>();
        selector.path("matchLabels")
                .properties()
                .forEach(entry -> terms.add(new String[] {
                    entry.getKey(), entry.getKey() + "=" + entry.getValue().asString()
                }));
        for (JsonNode requirement : selector.path("matchExpressions")) {
            String key = requirement.path("key").asString("");
            String values = StreamSupport.stream(requirement.path("values").spliterator(), false)
                    .map(JsonNode::asString)
                    .sorted()
                    .collect(Collectors.joining(",", "(", ")"));
            terms.add(new String[] {
                key,
                switch (requirement.path("operator").asString("")) {
                    case "In" -> key + " in " + values;
                    case "NotIn" -> key + " notin " + values;
                    case "Exists" -> key;
                    default -> "!" + key;
                }
            });
        }
        terms.sort(Comparator.comparing(term -> term[0]));
        return terms.isEmpty() ? NONE : terms.stream().map(term -> term[1]).collect(Collectors.joining(","));
    }

    /** One text of each item, joined by commas. */
    public static String join(JsonNode items, Function<JsonNode, String> text) {
        return StreamSupport.stream(items.spliterator(), false).map(text).collect(Collectors.joining(","));
    }

    /** {@code field} of each item, joined by commas. */
    public static String join(JsonNode items, String field) {
        return join(items, item -> item.path(field).asString(""));
    }

    /** The texts joined, after {@code limit} of them {@code + N more...}. */
    public static String limited(Collection<String> texts, int limit, String separator) {
        String shown = texts.stream().limit(limit).collect(Collectors.joining(separator));
        return texts.size() > limit ? "%s + %d more...".formatted(shown, texts.size() - limit) : shown;
    }

    public static String orNone(String text) {
        return text.isEmpty() ? NONE : text;
    }

    public static String orUnset(String text) {
        return text.isEmpty() ? UNSET : text;
    }

    public static String orUnknown(String text) {
        return text.isEmpty() ? UNKNOWN : text;
    }

    /** A value of the IntOrString kind, or something else when absent. */
    public static String intOrString(JsonNode value, String whenAbsent) {
        return value.isMissingNode() || value.isNull()
                ? whenAbsent
                : value.isString() ? value.stringValue() : Values.print(value);
    }

    /** {@code ReadWriteOnce} as {@code RWO}, each mode once. */
    public static String accessModes(JsonNode modes) {
        List<String> present = StreamSupport.stream(modes.spliterator(), false)
                .map(JsonNode::asString)
                .toList();
        List<String> shown = new ArrayList<>();
        String[][] known = {
            {"ReadWriteOnce", "RWO"}, {"ReadOnlyMany", "ROX"}, {"ReadWriteMany", "RWX"}, {"ReadWriteOncePod", "RWOP"}
        };
        for (String[] mode : known) {
            if (present.contains(mode[0])) {
                shown.add(mode[1]);
            }
        }
        return String.join(",", shown);
    }
}
