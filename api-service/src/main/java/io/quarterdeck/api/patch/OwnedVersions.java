package io.quarterdeck.api.patch;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.patch.Owners.Owner;
import io.quarterdeck.api.schema.KindSchemas;
import io.quarterdeck.api.schema.ObjectSchema;
import io.quarterdeck.api.schema.SchemaCodec;
import io.quarterdeck.model.GroupVersionKind;
import io.quarterdeck.model.StatusException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * An object seen in the versions in which its fields are owned, for one request. Not thread-safe.
 *
 * <p>Source: apimachinery's versionConverter, which structured-merge-diff asks.
 */
final class OwnedVersions {

    private final FieldOwnership.Target target;
    private final KindSchemas catalog;
    private final TypedTree trees;

    /** A tree with what is known of its version. */
    record Seen(ObjectNode tree, ObjectSchema schema) {}

    /** An object cannot be made one of another version, or is none that its schema allows. */
    static final class Unconvertible extends RuntimeException {
        Unconvertible(String why) {
            super(why, null, false, false);
        }
    }

    OwnedVersions(FieldOwnership.Target target, KindSchemas catalog, TypedTree trees) {
        this.target = target;
        this.catalog = catalog;
        this.trees = trees;
    }

    TypedTree trees() {
        return trees;
    }

    GroupVersionKind kind() {
        return target.kind();
    }

    String apiVersion() {
        return target.kind().apiVersion();
    }

    ObjectSchema schema() {
        return catalog.find(target.kind()).orElseThrow();
    }

    Owner owner(String manager, String operation) {
        return Owner.of(manager, operation, apiVersion(), target.subresource());
    }

    SettableFields settable(String apiVersion) {
        return target.settable(apiVersion);
    }

    /**
     * @param tree in any version, as its type header says
     * @return empty when there is no such version
     * @throws Unconvertible when it cannot be converted
     */
    Optional<Seen> in(String apiVersion, ObjectNode tree) {
        GroupVersionKind kind = GroupVersionKind.of(apiVersion, target.kind().kind());
        ObjectSchema schema = catalog.find(kind).orElse(null);
        if (apiVersion.equals(tree.path("apiVersion").asString(""))) {
            return schema == null ? Optional.empty() : Optional.of(new Seen(tree, schema));
        }
        Document converted = convert(apiVersion, tree);
        if (converted == null || schema == null) {
            return Optional.empty();
        }
        if (!catalog.custom(kind)) {
            return Optional.of(new Seen(SchemaCodec.asWritten(converted.tree(), schema), schema));
        }
        try {
            trees.validate(converted.tree(), schema);
        } catch (TypedTree.Misfit misfit) {
            throw new Unconvertible(String.valueOf(misfit.getMessage()));
        }
        return Optional.of(new Seen(converted.tree(), schema));
    }

    private @Nullable Document convert(String apiVersion, ObjectNode tree) {
        try {
            return target.in(apiVersion, new Document(tree)).orElse(null);
        } catch (StatusException failed) {
            throw new Unconvertible(failed.text());
        }
    }
}
