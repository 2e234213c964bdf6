package io.quarterdeck.api.discovery;

import io.quarterdeck.api.discovery.openapi.OpenApiDocuments;
import io.quarterdeck.api.discovery.openapi.OpenApiDocuments.OpenApiDocument;
import io.quarterdeck.api.http.Exchange;
import io.quarterdeck.api.http.PathHandler;
import java.io.IOException;
import java.lang.ref.SoftReference;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** {@code /openapi/v2} and {@code /openapi/v3}: the documents, with ETags; a document named by its hash never changes. */
public final class OpenApiHandler implements PathHandler {

    private static final String JSON = "application/json";
    private static final String PROTOBUF = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";
    private static final String V3 = "/openapi/v3";

    private final Supplier<OpenApiDocuments> documents;
    private final MergedOpenApi merged;

    private volatile SoftReference<Packed> packed = new SoftReference<>(null);

    /** @param of the hash of the document in JSON */
    private record Packed(String of, OpenApiDocument document) {}

    /** @param extra documents of others, shown beside and within our own */
    public OpenApiHandler(Supplier<OpenApiDocuments> documents, ExtraGroups extra) {
        this.documents = documents;
        this.merged = new MergedOpenApi(extra);
    }

    @Override
    public Set<String> paths() {
        return Set.of("/openapi/v2", V3, V3 + "/");
    }

    @Override
    public void handle(Exchange exchange) throws IOException {
        String path = exchange.path().path();
        OpenApiDocuments current = documents.get();
        if (path.equals("/openapi/v2")) {
            switch (chosen(exchange)) {
                case JSON -> send(exchange, merged.v2(current.v2()), JSON, false);
                case PROTOBUF -> send(exchange, protobuf(merged.v2(current.v2())), PROTOBUF, false);
                default -> exchange.start(406, "");
            }
        } else if (path.equals(V3)) {
            send(exchange, merged.index(current.v3Index()), JSON, false);
        } else if (path.equals(V3 + "/")) {
            exchange.answerText(404, "404 page not found\n");
        } else {
            group(exchange, current, path.substring(V3.length() + 1));
        }
    }

    private void group(Exchange exchange, OpenApiDocuments current, String name) throws IOException {
        Optional<OpenApiDocument> document = merged.other(name).or(() -> current.v3(name));
        if (document.isEmpty()) {
            exchange.start(404, "");
            return;
        }
        String asked = exchange.query().first("hash");
        if (!asked.isEmpty() && !asked.equals(document.get().hash())) {
            exchange.setHeader(
                    "Location", V3 + "/" + name + "?hash=" + document.get().hash());
            exchange.start(301, "");
            return;
        }
        send(exchange, document.get(), JSON, !asked.isEmpty());
    }

    /** The document in protobuf, as kubectl asks for it where v3 does not know a kind; kept while it stays the same. */
    private OpenApiDocument protobuf(OpenApiDocument document) {
        Packed known = packed.get();
        if (known == null || !known.of().equals(document.hash())) {
            known = new Packed(document.hash(), document.protobuf());
            packed = new SoftReference<>(known);
        }
        return known.document();
    }

    /** JSON or protobuf, whichever the client names first; "" when it takes neither. */
    private static String chosen(Exchange exchange) {
        List<String> accept = exchange.headers("Accept");
        if (accept.stream().allMatch(String::isBlank)) {
            return JSON;
        }
        for (String header : accept) {
            for (String clause : header.split(",")) {
                String type = clause.split(";", 2)[0].trim().toLowerCase(Locale.ROOT);
                if (type.equals(JSON) || type.equals("*/*") || type.equals("application/*")) {
                    return JSON;
                }
                if (type.equals("application/com.github.proto-openapi.spec.v2@v1.0+protobuf")
                        || type.equals(PROTOBUF)) {
                    return PROTOBUF;
                }
            }
        }
        return "";
    }

    /** Whether a list of entity tags holds this one, in its weak form too. */
    private static boolean names(Exchange exchange, String header, String etag) {
        return Arrays.stream(exchange.header(header).split(","))
                .map(String::strip)
                .anyMatch(tag -> tag.equals("*") || tag.equals(etag) || tag.equals("W/" + etag));
    }

    private static void send(Exchange exchange, OpenApiDocument document, String type, boolean immutable)
            throws IOException {
        exchange.setHeader("ETag", document.etag());
        exchange.setHeader("Vary", "Accept");
        exchange.setHeader("Cache-Control", immutable ? "public, immutable" : "no-cache, private");
        if (!exchange.header("If-Match").isEmpty() && !names(exchange, "If-Match", document.etag())) {
            exchange.start(412, type);
            return;
        }
        if (names(exchange, "If-None-Match", document.etag())) {
            exchange.start(304, "");
            return;
        }
        exchange.answer(200, type, document.bytes());
    }
}
