package io.quarterdeck.api.http;

import io.quarterdeck.api.schema.Encoding;
import io.quarterdeck.model.StatusException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Chooses the form of an answer. Pure.
 *
 * @param table the version of the Table asked for, "" for none
 * @param metadataOnly the kind asked for: PartialObjectMetadata, PartialObjectMetadataList or ""
 * @param partialVersion the version of that kind
 */
record Negotiation(Encoding encoding, boolean pretty, String table, String metadataOnly, String partialVersion) {

    static final String JSON = "application/json";
    static final String YAML = "application/yaml";
    static final String PROTOBUF = "application/vnd.kubernetes.protobuf";
    private static final String SUPPORTED = JSON + ", " + YAML + ", " + PROTOBUF;

    static final Negotiation PLAIN = new Negotiation(Encoding.JSON, false, "", "", "");

    record Clause(String type, Map<String, String> parameters, double quality) {

        /** Upstream looks at the weight of nothing but of types with a wildcard. */
        boolean refusesAll() {
            return quality == 0 && type.endsWith("/*");
        }
    }

    String contentType() {
        return switch (encoding) {
            case JSON -> JSON;
            case YAML -> YAML;
            case PROTOBUF -> PROTOBUF;
        };
    }

    /** @param transforms whether Table and PartialObjectMetadata can be had of this answer */
    static Negotiation of(Exchange exchange, boolean transforms, boolean protobuf) {
        boolean pretty = pretty(exchange);
        List<String> accept = exchange.headers("Accept");
        if (accept.stream().allMatch(String::isBlank)) {
            return new Negotiation(Encoding.JSON, pretty, "", "", "");
        }
        for (Clause clause : clauses(accept)) {
            Encoding encoding = clause.refusesAll() ? null : encoding(clause.type());
            if (encoding == null || (encoding == Encoding.PROTOBUF && !protobuf)) {
                continue;
            }
            String kind = clause.parameters().getOrDefault("as", "");
            if (kind.isEmpty()) {
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
            if (kind.equals("Table") && encoding == Encoding.PROTOBUF) {
                continue;
            }
            if (kind.equals("Table")) {
                return new Negotiation(encoding, pretty, version, "", "");
            }
            if (kind.equals("PartialObjectMetadata") || kind.equals("PartialObjectMetadataList")) {
                return new Negotiation(encoding, pretty, "", kind, version);
            }
        }
        throw notAcceptable();
    }

    static StatusException notAcceptable() {
        return new StatusException(
                406, "NotAcceptable", "only the following media types are accepted: " + SUPPORTED, null);
    }

    /** The encoding of a request body; an unnamed one is JSON. */
    static Encoding ofBody(Exchange exchange) {
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

    private static @org.jspecify.annotations.Nullable Encoding encoding(String type) {
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
