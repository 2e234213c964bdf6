package io.quarterdeck.api.discovery;

import io.quarterdeck.api.http.Exchange;
import io.quarterdeck.api.http.Negotiation;
import io.quarterdeck.api.http.PathHandler;
import io.quarterdeck.api.registry.Catalog;
import io.quarterdeck.api.registry.LiveCatalog;
import io.quarterdeck.api.schema.GoIndent;
import io.quarterdeck.api.schema.ObjectCodec;
import io.quarterdeck.model.GroupVersionKind;
import io.quarterdeck.model.StatusException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.databind.node.ObjectNode;

/** {@code /api} and {@code /apis}: what is served, plain and aggregated. Answers are made once a catalogue. */
public final class DiscoveryHandler implements PathHandler {

    private static final String JSON = "application/json";
    private static final String AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

    private static final Set<String> KNOWN_TYPES =
            Set.of(JSON, "*/*", "application/yaml", "application/vnd.kubernetes.protobuf");

    private record Answer(String contentType, byte[] body, String etag) {}

    private final LiveCatalog catalog;
    private final ObjectCodec codec;
    private final String serverAddress;
    private final ExtraGroups extra;
    private volatile long extraGeneration = -1;
    private volatile Map<String, Answer> answers = new ConcurrentHashMap<>();

    /**
     * @param serverAddress host and port under which clients in the cluster reach this server
     * @param extra what is served beside the catalogue
     */
    public DiscoveryHandler(LiveCatalog catalog, ObjectCodec codec, String serverAddress, ExtraGroups extra) {
        this.extra = extra;
        this.codec = codec;
        this.catalog = catalog;
        this.serverAddress = serverAddress;
        catalog.onSwap(() -> answers = new ConcurrentHashMap<>());
    }

    @Override
    public Set<String> paths() {
        return Set.of("/api", "/apis", "/api/", "/apis/");
    }

    /** Upstream has a router for each built-in group, which answers for versions too that are not there. */
    private static boolean isThere(Catalog catalog, List<String> segments) {
        String group = segments.get(1);
        boolean builtin = catalog.all().stream()
                .anyMatch(resource -> !resource.custom() && resource.group().equals(group));
        return builtin
                || (segments.size() > 2
                        ? catalog.versions(group).contains(segments.get(2))
                        : !catalog.versions(group).isEmpty());
    }

    @Override
    public void handle(Exchange exchange) throws IOException {
        List<String> segments = new ArrayList<>(List.of(exchange.path().path().split("/")));
        segments.removeIf(String::isEmpty);
        Catalog current = catalog.current();
        boolean core = segments.getFirst().equals("api");
        long generation = extra.generation();
        if (generation != extraGeneration) {
            answers = new ConcurrentHashMap<>();
            extraGeneration = generation;
        }
        List<ExtraGroups.Group> others = core ? List.of() : extra.groups();
        if (!core
                && segments.size() > 1
                && !isThere(current, segments)
                && others.stream().noneMatch(group -> group.name().equals(segments.get(1)))) {
            exchange.answerText(404, "404 page not found\n");
            return;
        }
        boolean root = segments.size() == 1;
        boolean aggregated = root && wantsAggregated(exchange);
        Negotiation form;
        try {
            form = aggregated ? Negotiation.PLAIN : Negotiation.of(exchange, false, true);
        } catch (StatusException notAcceptable) {
            if (!root) {
                // What is not there is told before the forms that it cannot have.
                new DiscoveryDocuments(current, serverAddress, others, extra::priority).below(segments);
            }
            throw notAcceptable;
        }
        String key = String.join("/", segments)
                + (aggregated ? ";aggregated" : form.contentType() + (form.pretty() ? ";pretty" : ""));
        Answer answer = answers.get(key);
        if (answer == null) {
            DiscoveryDocuments documents = new DiscoveryDocuments(current, serverAddress, others, extra::priority);
            ObjectNode document = aggregated
                    ? documents.aggregated(core)
                    : root ? (core ? documents.coreVersions() : documents.groups()) : documents.below(segments);
            byte[] body = aggregated ? json(document) : body(document, form);
            answer = new Answer(aggregated ? AGGREGATED : form.contentType(), body, etag(body));
            answers.put(key, answer);
        }
        // The lists of groups and of one group's versions are there by any method; what is there at all is known by
        // now.
        boolean groups = !core && segments.size() < 3;
        if (!groups && !exchange.method().equals("GET")) {
            throw StatusException.methodNotAllowed();
        }
        if (aggregated) {
            exchange.setHeader("Vary", "Accept");
            exchange.setHeader("ETag", answer.etag());
            exchange.setHeader("Cache-Control", "public");
            if (exchange.header("If-None-Match").equals(answer.etag())) {
                exchange.start(304, "");
                return;
            }
        }
        exchange.answer(200, answer.contentType(), answer.body());
    }

    private byte[] body(ObjectNode document, Negotiation form) {
        return switch (form.encoding()) {
            case JSON -> form.pretty() ? GoIndent.bytes(document) : json(document);
            case YAML -> codec.yaml(document);
            case PROTOBUF -> {
                String kind = document.path("kind").asString();
                yield codec.envelope(
                        codec.protobuf(document, new GroupVersionKind("", "v1", kind)),
                        new GroupVersionKind("", document.path("apiVersion").asString(""), kind));
            }
        };
    }

    private static byte[] json(ObjectNode document) {
        return (document + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /** The first acceptable clause decides; aggregated forms that are not served are passed over. */
    private static boolean wantsAggregated(Exchange exchange) {
        for (String header : exchange.headers("Accept")) {
            for (String clause : header.split(",")) {
                String text = clause.replace(" ", "").toLowerCase(Locale.ROOT);
                String type = text.split(";", 2)[0];
                if (!KNOWN_TYPES.contains(type)) {
                    continue;
                }
                if (!text.contains(";as=")) {
                    return false;
                }
                if (type.equals(JSON)
                        && text.contains("g=apidiscovery.k8s.io")
                        && text.contains(";v=v2;")
                        && text.contains("as=apigroupdiscoverylist")) {
                    return true;
                }
            }
        }
        return false;
    }

    private static String etag(byte[] body) {
        try {
            return '"'
                    + HexFormat.of()
                            .withUpperCase()
                            .formatHex(MessageDigest.getInstance("SHA-512").digest(body))
                    + '"';
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
