package io.quarterdeck.api.http;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.registry.DeleteOptions;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.registry.RequestInfo.FieldValidation;
import io.quarterdeck.api.registry.ResourceDefinition;
import io.quarterdeck.api.schema.Decoded;
import io.quarterdeck.api.schema.Encoding;
import io.quarterdeck.api.schema.ObjectCodec;
import io.quarterdeck.api.schema.SchemaCodec;
import io.quarterdeck.api.schema.YamlReader;
import io.quarterdeck.model.GroupVersionKind;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.model.StatusException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Reads what a write brings along: options and bodies. Thread-safe. */
final class Bodies {

    private static final GroupVersionKind DELETE_OPTIONS = new GroupVersionKind("", "v1", "DeleteOptions");

    private final ObjectCodec codec;

    Bodies(ObjectCodec codec) {
        this.codec = codec;
    }

    ObjectCodec codec() {
        return codec;
    }

    RequestInfo request(Exchange exchange, ResourceDefinition resource, ObjectKey key, WriteOptions.Kind kind) {
        return request(exchange, resource, key, kind, exchange.path().subresource());
    }

    RequestInfo request(
            Exchange exchange, ResourceDefinition resource, ObjectKey key, WriteOptions.Kind kind, String subresource) {
        WriteOptions options = WriteOptions.of(exchange.query(), exchange.header("User-Agent"), kind);
        return request(
                exchange,
                resource,
                key,
                subresource,
                options.dryRun(),
                options.fieldManager(),
                options.fieldValidation(),
                new RequestInfo.Given(
                        exchange.query().first("fieldManager"), exchange.query().first("fieldValidation")));
    }

    RequestInfo plainRequest(Exchange exchange, ResourceDefinition resource, ObjectKey key, boolean dryRun) {
        return request(
                exchange,
                resource,
                key,
                exchange.path().subresource(),
                dryRun,
                "",
                FieldValidation.IGNORE,
                RequestInfo.Given.NOTHING);
    }

    private static RequestInfo request(
            Exchange exchange,
            ResourceDefinition resource,
            ObjectKey key,
            String subresource,
            boolean dryRun,
            String manager,
            FieldValidation validation,
            RequestInfo.Given given) {
        return new RequestInfo(
                exchange.user(),
                exchange.path().verb(),
                resource.version(),
                key,
                subresource,
                dryRun,
                manager,
                validation,
                exchange.auditId(),
                exchange.now(),
                new RequestNotes(exchange),
                given);
    }

    /** What admission has to tell about a request. */
    private record RequestNotes(Exchange exchange) implements RequestInfo.Notes {

        @Override
        public void accept(String warning) {
            exchange.warn(warning);
        }

        @Override
        public void annotate(String key, String value) {
            exchange.audit().annotate(key, value);
        }

        @Override
        public Duration left() {
            return exchange.left();
        }
    }

    /** The body as an object of {@code expected}; findings become a refusal or warnings, as the client asked. */
    Document object(Exchange exchange, GroupVersionKind expected, RequestInfo request) throws IOException {
        Encoding encoding = Negotiation.ofBody(exchange);
        Decoded decoded = codec.decode(exchange.body(), encoding, expected);
        Document sent = decoded.document();
        exchange.audit().about(sent.name(), sent.uid(), sent.text("metadata.resourceVersion"));
        exchange.audit().requested(() -> {
            Document copy = decoded.document().copy();
            codec.applyDefaults(copy, expected);
            return copy.tree();
        });
        if (!decoded.findings().isEmpty()) {
            switch (request.fieldValidation()) {
                case STRICT -> throw SchemaCodec.strict(decoded.kind(), expected, decoded.findings());
                case WARN -> warn(exchange, decoded.findings());
                case IGNORE -> {}
            }
        }
        return decoded.document();
    }

    static void warn(Exchange exchange, List<String> findings) {
        findings.forEach(finding -> YamlReader.warnings(finding).forEach(exchange::warn));
    }

    static String strict(List<String> findings) {
        return "strict decoding error: " + String.join(", ", findings);
    }

    /** An applied configuration may leave out the name of an object that is there. */
    static void checkAppliedName(Document applied, ObjectKey key) {
        if (applied.name().isEmpty()) {
            applied.set("metadata.name", key.name());
        }
        checkName(applied, key);
    }

    static void checkNamespace(Document body, ResourceDefinition resource, ObjectKey key) {
        if (resource.namespaced()
                && !body.namespace().isEmpty()
                && !body.namespace().equals(key.namespace())) {
            throw StatusException.badRequest(
                    "the namespace of the provided object does not match the namespace sent on the request");
        }
    }

    static void checkName(Document body, ObjectKey key) {
        String name = body.name();
        if (name.isEmpty()) {
            throw StatusException.badRequest(
                    "the name of the object (%s based on URL) was undeterminable: name must be provided"
                            .formatted(key.name()));
        }
        if (!name.equals(key.name())) {
            throw StatusException.badRequest(
                    "the name of the object (%s) does not match the name on the URL (%s)".formatted(name, key.name()));
        }
    }

    /** DeleteOptions of the body, else of the query. */
    DeleteOptions deleteOptions(Exchange exchange) throws IOException {
        byte[] body = exchange.body();
        Document options;
        if (body.length > 0) {
            Encoding encoding = Negotiation.ofBody(exchange);
            if (encoding == Encoding.JSON) {
                body = requireOptions(body);
            }
            Decoded decoded = codec.decode(body, encoding, DELETE_OPTIONS);
            options = decoded.document();
            exchange.audit().requested(() -> decoded.document().copy().tree());
        } else {
            options = queryOptions(exchange.query());
        }
        return DeleteOptions.of(options);
    }

    /** Upstream looks the kind up among options alone, where others do not exist, and asks for no version of it. */
    private static byte[] requireOptions(byte[] body) {
        JsonNode tree;
        try {
            tree = JsonMapper.shared().readTree(body);
        } catch (JacksonException unreadable) {
            return body;
        }
        if (tree.isObject()) {
            SchemaCodec.headerMisfit(body).ifPresent(misfit -> {
                throw StatusException.badRequest(misfit);
            });
        }
        String kind = tree.path("kind").asString("");
        if (!kind.isEmpty() && !kind.equals(DELETE_OPTIONS.kind())) {
            String version = tree.path("apiVersion").asString("");
            throw StatusException.badRequest(
                    SchemaCodec.noOptions(kind, version.isEmpty() ? "meta.k8s.io/v1" : version));
        }
        if (tree instanceof ObjectNode options && !kind.isEmpty() && options.has("apiVersion")) {
            options.put("apiVersion", DELETE_OPTIONS.apiVersion());
            return JsonMapper.shared().writeValueAsBytes(options);
        }
        return body;
    }

    private static Document queryOptions(Query query) {
        Document options = Document.empty();
        if (query.has("gracePeriodSeconds")) {
            String text = query.first("gracePeriodSeconds");
            try {
                options.set("gracePeriodSeconds", Long.parseLong(text));
            } catch (NumberFormatException e) {
                throw StatusException.badRequest("strconv.ParseInt: parsing \"%s\": invalid syntax".formatted(text));
            }
        }
        for (String precondition : List.of("uid", "resourceVersion")) {
            if (!query.first(precondition).isEmpty()) {
                options.set("preconditions." + precondition, query.first(precondition));
            }
        }
        if (query.has("propagationPolicy")) {
            options.set("propagationPolicy", query.first("propagationPolicy"));
        }
        if (query.has("orphanDependents")) {
            options.set("orphanDependents", query.flag("orphanDependents"));
        }
        if (query.has("dryRun")) {
            var dryRun = options.tree().putArray("dryRun");
            query.all("dryRun").forEach(dryRun::add);
        }
        return options;
    }
}
