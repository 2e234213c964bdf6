package io.quarterdeck.api.http;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.patch.AppliedConfiguration;
import io.quarterdeck.api.patch.FieldOwnership;
import io.quarterdeck.api.patch.Patcher;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.registry.RequestInfo.FieldValidation;
import io.quarterdeck.api.registry.ResourceDefinition;
import io.quarterdeck.api.registry.Scales;
import io.quarterdeck.api.registry.WritePath;
import io.quarterdeck.api.registry.WritePath.Manner;
import io.quarterdeck.api.registry.WritePath.Written;
import io.quarterdeck.api.schema.Decoded;
import io.quarterdeck.api.schema.Encoding;
import io.quarterdeck.api.schema.ObjectCodec;
import io.quarterdeck.model.GroupVersionKind;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.model.StatusException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** PATCH: works a patch into the stored object and sends the result down the write path. Thread-safe. */
final class Patches {

    private enum Kind {
        JSON,
        MERGE,
        STRATEGIC,
        APPLY
    }

    private final Bodies bodies;
    private final ObjectCodec codec;
    private final Patcher patcher;
    private final FieldOwnership ownership;
    private final WritePath writes;

    Patches(Bodies bodies, Patcher patcher, FieldOwnership ownership, WritePath writes) {
        this.bodies = bodies;
        this.codec = bodies.codec();
        this.patcher = patcher;
        this.ownership = ownership;
        this.writes = writes;
    }

    /** @throws StatusException 415 for a body that is no patch of this resource */
    static void requireKnownType(Exchange exchange, ResourceDefinition resource) {
        kind(exchange, resource);
    }

    private static Kind kind(Exchange exchange, ResourceDefinition resource) {
        return switch (exchange.contentType()) {
            case "application/json-patch+json" -> Kind.JSON;
            case "application/merge-patch+json" -> Kind.MERGE;
            case "application/strategic-merge-patch+json" -> {
                if (resource.custom()) {
                    throw unsupported(resource);
                }
                yield Kind.STRATEGIC;
            }
            case "application/apply-patch+yaml" -> Kind.APPLY;
            default -> throw unsupported(resource);
        };
    }

    private static StatusException unsupported(ResourceDefinition resource) {
        return resource.custom()
                ? Negotiation.unsupportedBody(
                        "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml")
                : new StatusException(
                        415,
                        "UnsupportedMediaType",
                        "415: Unsupported Media Type",
                        new StatusException.Details("", "", "", "", List.of(), 0));
    }

    Written object(Exchange exchange, ResourceDefinition resource, ObjectKey key) throws IOException {
        Kind kind = kind(exchange, resource);
        WriteOptions.Kind options = kind == Kind.APPLY ? WriteOptions.Kind.APPLY : WriteOptions.Kind.PATCH;
        RequestInfo request = bodies.request(exchange, resource, key, options);
        byte[] patch = exchange.body();
        exchange.audit().requested(() -> recorded(kind, patch));
        if (kind == Kind.APPLY) {
            return apply(exchange, resource, key, request, patch);
        }
        return writes.update(
                resource,
                request,
                Manner.PATCH,
                old -> old == null ? null : patched(exchange, kind, old, patch, resource.gvk(), request));
    }

    Written scale(
            Exchange exchange, ResourceDefinition resource, ObjectKey key, GroupVersionKind scaleKind, Scales scales)
            throws IOException {
        Kind kind = kind(exchange, resource);
        byte[] patch = exchange.body();
        exchange.audit().requested(() -> recorded(kind, patch));
        if (kind == Kind.APPLY) {
            RequestInfo request = bodies.request(exchange, resource, key, WriteOptions.Kind.APPLY);
            Document applied = applied(exchange, request, patch);
            Bodies.checkAppliedName(applied, key);
            return scales.apply(resource, request, applied, exchange.query().flag("force"));
        }
        RequestInfo request = bodies.request(exchange, resource, key, WriteOptions.Kind.PATCH);
        return scales.update(resource, request, current -> patched(exchange, kind, current, patch, scaleKind, request));
    }

    /** The patch as it was sent; an applied configuration may be YAML. */
    private static @Nullable JsonNode recorded(Kind kind, byte[] patch) {
        try {
            return kind == Kind.APPLY
                    ? AppliedConfiguration.read(patch, false, warning -> {}).tree()
                    : JsonMapper.shared().readTree(patch);
        } catch (RuntimeException unreadable) {
            return null;
        }
    }

    private Document patched(
            Exchange exchange, Kind kind, Document old, byte[] patch, GroupVersionKind gvk, RequestInfo request) {
        ObjectNode current = old.tree();
        Patcher.Patched patched = switch (kind) {
            case JSON -> patcher.json(current, patch);
            case MERGE -> patcher.merge(current, patch, Encoding.JSON);
            default -> patcher.strategic(current, patch, Encoding.JSON, gvk);
        };
        Decoded decoded;
        try {
            if (kind != Kind.STRATEGIC) {
                codec.requireKind(patched.tree(), gvk);
            }
            decoded = codec.check(patched.tree(), gvk);
        } catch (StatusException refusal) {
            throw patched.refused(refusal.text());
        }
        List<String> findings = new ArrayList<>(patched.findings());
        findings.addAll(decoded.findings());
        if (!findings.isEmpty()) {
            if (request.fieldValidation() == FieldValidation.STRICT) {
                throw patched.refused(Bodies.strict(findings));
            }
            if (request.fieldValidation() == FieldValidation.WARN) {
                findings.forEach(exchange::warn);
            }
        }
        Bodies.checkName(decoded.document(), request.key());
        return decoded.document();
    }

    private static Document applied(Exchange exchange, RequestInfo request, byte[] patch) {
        return AppliedConfiguration.read(patch, request.fieldValidation() == FieldValidation.STRICT, text -> {
            if (request.fieldValidation() == FieldValidation.WARN) {
                exchange.warn(text);
            }
        });
    }

    private Written apply(
            Exchange exchange, ResourceDefinition resource, ObjectKey key, RequestInfo request, byte[] patch)
            throws IOException {
        Document applied = applied(exchange, request, patch);
        boolean force = exchange.query().flag("force");
        boolean mayCreate = request.subresource().isEmpty();
        return writes.update(resource, request, Manner.APPLY, old -> {
            if (old == null && !mayCreate) {
                return null;
            }
            // What does not fit the schema is told before a name that does not fit the path.
            Document merged = ownership.apply(
                    old,
                    applied.copy(),
                    resource.gvk(),
                    request.fieldManager(),
                    request.subresource(),
                    force,
                    request.now());
            if (old != null) {
                Bodies.checkAppliedName(applied, key);
            } else {
                Bodies.checkName(applied, key);
                if (!applied.uid().isEmpty()) {
                    throw StatusException.conflict(
                            resource.resource(),
                            key.name(),
                            "uid mismatch: the provided object specified uid %s, and no existing object was found"
                                    .formatted(applied.uid()));
                }
            }
            return codec.check(merged.tree(), resource.gvk()).document();
        });
    }
}
