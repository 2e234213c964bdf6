package io.quarterdeck.api.http;

import io.quarterdeck.api.schema.Encoding;
import io.quarterdeck.model.StatusException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the form of an answer. Pure.
 *
 * @param table the version of the Table asked for, "" for none
 * @param metadataOnly the kind asked for: PartialObjectMetadata, PartialObjectMetadataList or ""
 * @param partialVersion the version of that kind
 */
public record Negotiation(Encoding encoding, boolean pretty, String table, String metadataOnly, String partialVersion) {

    static final String JSON = "application/json";
    static final String YAML = "application/yaml";
    static final String PROTOBUF = "application/vnd.kubernetes.protobuf";
    /** A type with its parameters, as Go reads it. */
    private static final Pattern MEDIA_TYPE =
            Pattern.compile("[^;]*(;\\s*[^\\s;=\"]+=([^\\s;\"]+|\"[^\"]*\")\\s*)*;?\\s*");

    private static final String SUPPORTED = JSON + ", " + YAML + ", " + PROTOBUF;

    /** What upstream's router says an answer can be. */
    public static final List<String> REPRESENTATIONS = List.of(JSON, YAML, PROTOBUF);

    private static final List<String> STREAMS =
            List.of(JSON, YAML, PROTOBUF, JSON + ";stream=watch", PROTOBUF + ";stream=watch");
    private static final Set<String> STREAMED = Set.of("list", "watch");

    public static final Negotiation PLAIN = new Negotiation(Encoding.JSON, false, "", "", "");

    record Clause(String type, Map<String, String> parameters, double quality) {

        /** Upstream looks at the weight of nothing but of subtypes with a wildcard. */
        boolean refusesAll() {
            return quality == 0 && type.endsWith("/*") && !type.equals("*/*");
        }

        /** The one stream there is, for what has one; and no version of the server's own. */
        boolean asksTooMuch(Encoding encoding) {
            String stream = parameters.getOrDefault("stream", "");
            return !stream.isEmpty() && (encoding == Encoding.YAML || !stream.equals("watch"))
                    || !parameters.getOrDefault("sv", "").isEmpty();
        }
    }

    public String contentType() {
        return switch (encoding) {
            case JSON -> JSON;
            case YAML -> YAML;
            case PROTOBUF -> PROTOBUF;
        };
    }

    /**
     * @param transforms whether Table and PartialObjectMetadata can be had of this answer
     * @param protobuf whether the object itself can be had in protobuf; its metadata alone can always
     */
    public static Negotiation of(Exchange exchange, boolean transforms, boolean protobuf) {
        if (protobuf) {
            requireRepresentation(exchange, STREAMED.contains(exchange.path().verb()) ? STREAMS : REPRESENTATIONS);
        }
        return negotiated(exchange, transforms, protobuf);
    }

    /** Looks at Accept where the answer is text of others' making: upstream does, and refuses those who want text alone. */
    public static void judgeText(Exchange exchange) {
        requireRepresentation(exchange, List.of("text/plain", JSON, YAML, PROTOBUF));
        negotiated(exchange, false, true);
    }

    private static Negotiation negotiated(Exchange exchange, boolean transforms, boolean protobuf) {
        boolean pretty = pretty(exchange);
        List<String> accept = exchange.headers("Accept");
        if (accept.stream().allMatch(String::isBlank)) {
            return new Negotiation(Encoding.JSON, pretty, "", "", "");
        }
        for (Clause clause : clauses(accept)) {
            Encoding encoding = clause.refusesAll() ? null : encoding(clause.type());
            if (encoding == null || clause.asksTooMuch(encoding)) {
                continue;
            }
            String kind = clause.parameters().getOrDefault("as", "");
            if (kind.isEmpty()) {
                if (encoding == Encoding.PROTOBUF && !protobuf) {
                    continue;
                }
                if (clause.parameters().containsKey("g") || clause.parameters().containsKey("v")) {
                    continue;
                }
                return new Negotiation(encoding, pretty, "", "", "");
            }
            String version = clause.parameters().getOrDefault("v", "");
            if (!transforms
                    || !clause.parameters().getOrDefault("g", "").equals("meta.k8s.io")
                    || !(version.equals("v1") || version.equals("v1beta1"))) {
                continue;
            }
            if (kind.equals("Table") && (encoding == Encoding.PROTOBUF || !exchange.tables())) {
                continue;
            }
            if (kind.equals("Table")) {
                return new Negotiation(encoding, pretty, version, "", "");
            }
            if (kind.equals("PartialObjectMetadata") || kind.equals("PartialObjectMetadataList")) {
                return new Negotiation(encoding, pretty, "", kind, version);
            }
        }
        throw notAcceptable(SUPPORTED);
    }

    /** The form of a Status that is answered where something else was asked for. */
    Negotiation ofStatus() {
        return new Negotiation(encoding, pretty, "", "", "");
    }

    /**
     * Upstream's router looks at Accept before anything else does, and at nothing but whole types.
     *
     * @throws StatusException 406 when none of the types can be had
     */
    public static void requireRepresentation(Exchange exchange, List<String> produced) {
        List<String> accept = exchange.headers("Accept");
        String all = String.join(",", accept);
        if (all.isEmpty()) {
            return;
        }
        for (String clause : all.split(",")) {
            String type = clause.split(";", 2)[0].strip();
            if (type.equals("*/*") || produced.contains(type)) {
                return;
            }
        }
        throw new StatusException(
                406,
                "NotAcceptable",
                "406: Not Acceptable\n\nAvailable representations: " + String.join(", ", produced),
                new StatusException.Details("", "", "", "", List.of(), 0));
    }

    /** @throws StatusException 406 for a form that has no stream */
    static Negotiation ofWatch(Exchange exchange, boolean protobuf) {
        Negotiation form = of(exchange, true, protobuf);
        if (form.encoding() == Encoding.YAML) {
            throw notAcceptable(JSON + ";stream=watch, " + PROTOBUF + ";stream=watch");
        }
        return form;
    }

    private static StatusException notAcceptable(String supported) {
        return new StatusException(
                406, "NotAcceptable", "only the following media types are accepted: " + supported, null);
    }

    /** The encoding of a request body; an unnamed one is JSON. */
    static Encoding ofBody(Exchange exchange) {
        if (!MEDIA_TYPE.matcher(exchange.header("Content-Type")).matches()) {
            throw unsupportedBody(SUPPORTED);
        }
        String type = exchange.contentType();
        Encoding encoding = type.isEmpty() ? Encoding.JSON : type.equals("*/*") ? null : encoding(type);
        if (encoding == null) {
            throw unsupportedBody(SUPPORTED);
        }
        return encoding;
    }

    static StatusException unsupportedBody(String accepted) {
        return new StatusException(
                415,
                "UnsupportedMediaType",
                "the body of the request was in an unknown format - accepted media types include: " + accepted,
                null);
    }

    private static boolean pretty(Exchange exchange) {
        if (exchange.query().has("pretty")) {
            return exchange.query().flag("pretty");
        }
        String agent = exchange.header("User-Agent");
        return agent.startsWith("curl") || agent.startsWith("Wget") || agent.startsWith("Mozilla/5.0");
    }

    private static @Nullable Encoding encoding(String type) {
        return switch (type) {
            case JSON, "*/*", "application/*", "text/json" -> Encoding.JSON;
            case YAML, "application/x-yaml", "text/yaml" -> Encoding.YAML;
            case PROTOBUF -> Encoding.PROTOBUF;
            default -> null;
        };
    }

    /** The clauses of Accept headers, best first; equal ones in the order given. */
    static List<Clause> clauses(List<String> accept) {
        List<Clause> clauses = new ArrayList<>();
        for (String header : accept) {
            for (String text : header.split(",")) {
                String[] parts = text.split(";", -1);
                Map<String, String> parameters = new HashMap<>();
                double quality = 1;
                for (int i = 1; i < parts.length; i++) {
                    int equals = parts[i].indexOf('=');
                    if (equals > 0) {
                        String name = parts[i].substring(0, equals).trim().toLowerCase(Locale.ROOT);
                        String value = parts[i].substring(equals + 1).trim();
                        if (name.equals("q")) {
                            quality = quality(value);
                        } else {
                            parameters.put(name, value);
                        }
                    }
                }
                clauses.add(new Clause(parts[0].trim().toLowerCase(Locale.ROOT), parameters, quality));
            }
        }
        clauses.sort((a, b) -> Double.compare(b.quality(), a.quality()));
        return clauses;
    }

    private static double quality(String text) {
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            return 0;
        }
    }
}
