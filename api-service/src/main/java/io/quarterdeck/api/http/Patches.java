package io.quarterdeck.api.http;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.patch.AppliedConfiguration;
import io.quarterdeck.api.patch.FieldOwnership;
import io.quarterdeck.api.patch.Patcher;
import io.quarterdeck.api.patch.Unconverted;
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
import java.util.stream.Stream;
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
                old -> old == null
                        ? null
                        : patched(exchange, kind, old, patch, resource.gvk(), resource.custom(), request));
    }

    Written scale(
            Exchange exchange, ResourceDefinition resource, ObjectKey key, GroupVersionKind scaleKind, Scales scales)
            throws IOException {
        Kind kind = kind(exchange, resource);
        byte[] patch = exchange.body();
        exchange.audit().requested(() -> recorded(kind, patch));
        if (kind == Kind.APPLY) {
            RequestInfo request = bodies.request(exchange, resource, key, WriteOptions.Kind.APPLY);
            // Whether there is something to scale is told before what is wrong with the configuration.
            return scales.apply(
                    resource,
                    request,
                    () -> {
                        AppliedConfiguration.Read applied = AppliedConfiguration.read(patch);
                        Bodies.checkAppliedName(applied.document(), key);
                        return applied;
                    },
                    applied -> judge(exchange, request, applied),
                    exchange.query().flag("force"));
        }
        RequestInfo request = bodies.request(exchange, resource, key, WriteOptions.Kind.PATCH);
        return scales.update(
                resource, request, current -> patched(exchange, kind, current, patch, scaleKind, false, request));
    }

    /** The patch as it was sent; an applied configuration may be YAML. */
    private static @Nullable JsonNode recorded(Kind kind, byte[] patch) {
        try {
            return kind == Kind.APPLY
                    ? AppliedConfiguration.read(patch).document().tree()
                    : JsonMapper.shared().readTree(patch);
        } catch (RuntimeException unreadable) {
            return null;
        }
    }

    private Document patched(
            Exchange exchange,
            Kind kind,
            Document old,
            byte[] patch,
            GroupVersionKind gvk,
            boolean custom,
            RequestInfo request) {
        ObjectNode current = old.tree();
        Patcher.Patched patched = switch (kind) {
            case JSON -> patcher.json(current, patch);
            case MERGE -> patcher.merge(current, patch, Encoding.JSON);
            default -> patcher.strategic(current, patch, Encoding.JSON, gvk);
        };
        if (kind != Kind.STRATEGIC && !custom && isUnversioned(patched.tree())) {
            List<String> unknown = new ArrayList<>(patched.findings());
            patched.tree().propertyNames().stream()
                    .filter(field -> !field.equals("kind") && !field.equals("apiVersion"))
                    .sorted()
                    .map("unknown field \"%s\""::formatted)
                    .forEach(unknown::add);
            judge(exchange, patched, unknown, request);
            throw StatusException.badRequest(
                    "the name of the object (%s based on URL) was undeterminable: name must be provided"
                            .formatted(request.key().name()));
        }
        Decoded decoded;
        try {
            if (kind != Kind.STRATEGIC) {
                codec.requireKind(patched.tree(), gvk);
            }
            // Who refuses it shows it with what is dropped from it.
            boolean shown = custom && request.fieldValidation() == FieldValidation.STRICT;
            decoded = codec.check(shown ? patched.tree().deepCopy() : patched.tree(), gvk);
        } catch (StatusException refusal) {
            // That a custom resource is of another type is found when it is validated.
            throw custom && refusal.code() == 422 ? refusal : patched.refused(refusal.text());
        }
        List<String> findings = new ArrayList<>(patched.findings());
        Stream<String> found = decoded.findings().stream();
        (kind == Kind.STRATEGIC ? found.sorted() : found).forEach(findings::add);
        judge(exchange, patched, findings, request);
        Bodies.checkName(decoded.document(), request.key());
        return decoded.document();
    }

    /** Upstream takes what has lost its version for the form that it works with inside, whose fields have other names. */
    private static boolean isUnversioned(ObjectNode tree) {
        JsonNode version = tree.path("apiVersion");
        return version.isMissingNode()
                || version.isNull()
                || version.asString("?").isEmpty();
    }

    private static void judge(Exchange exchange, Patcher.Patched patched, List<String> findings, RequestInfo request) {
        if (findings.isEmpty()) {
            return;
        }
        if (request.fieldValidation() == FieldValidation.STRICT) {
            throw patched.refused(Bodies.strict(findings));
        }
        if (request.fieldValidation() == FieldValidation.WARN) {
            Bodies.warn(exchange, findings);
        }
    }

    /** Upstream looks for repeated keys when all else is done. */
    private static void judge(Exchange exchange, RequestInfo request, AppliedConfiguration.Read applied) {
        switch (request.fieldValidation()) {
            case STRICT -> applied.requireNoDuplicates();
            case WARN -> applied.warnings().forEach(exchange::warn);
            case IGNORE -> {}
        }
    }

    private Written apply(
            Exchange exchange, ResourceDefinition resource, ObjectKey key, RequestInfo request, byte[] patch)
            throws IOException {
        boolean force = exchange.query().flag("force");
        boolean mayCreate = request.subresource().isEmpty();
        return writes.update(resource, request, Manner.APPLY, old -> {
            if (old == null && !mayCreate) {
                return null;
            }
            AppliedConfiguration.Read read = AppliedConfiguration.read(patch);
            Document applied = read.document();
            // What does not fit the schema is told before a name that does not fit the path.
            Document merged = ownership.apply(
                    old,
                    applied,
                    writes.target(resource, request.subresource()),
                    request.fieldManager(),
                    force,
                    request.now());
            Document next;
            try {
                next = codec.checkApplied(merged.tree(), resource.gvk()).document();
            } catch (StatusException refusal) {
                throw Unconverted.applied(applied, resource.gvk(), refusal);
            }
            judge(exchange, request, read);
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
            return next;
        });
    }
}
