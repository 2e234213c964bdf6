package io.quarterdeck.api.patch;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.patch.Owners.Owned;
import io.quarterdeck.api.patch.Owners.Owner;
import io.quarterdeck.api.schema.Defaults;
import io.quarterdeck.api.schema.GoTime;
import io.quarterdeck.api.schema.KindSchemas;
import io.quarterdeck.api.schema.LiveSchemas;
import io.quarterdeck.api.schema.ObjectSchema;
import io.quarterdeck.api.schema.SchemaCatalog;
import io.quarterdeck.api.schema.SchemaCodec;
import io.quarterdeck.model.GroupVersionKind;
import io.quarterdeck.model.StatusException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Field ownership of all kinds that have a schema.
 *
 * <p>Source: structured-merge-diff (merge.Updater) and apimachinery's managedfields, KEP-555.
 */
@Component
public final class ManagedFields implements FieldOwnership {

    private static final String BEFORE_FIRST_APPLY = "before-first-apply";

    /** The manager for whom client-side and server-side apply are one and the same. */
    private static final String KUBECTL = "kubectl";

    /** Fields that nobody comes to own: the server sets them. */
    private static final FieldSet UNOWNED = FieldSet.of(List.of(
            List.of("f:apiVersion"),
            List.of("f:kind"),
            List.of("f:metadata"),
            List.of("f:metadata", "f:name"),
            List.of("f:metadata", "f:namespace"),
            List.of("f:metadata", "f:creationTimestamp"),
            List.of("f:metadata", "f:selfLink"),
            List.of("f:metadata", "f:uid"),
            List.of("f:metadata", "f:clusterName"),
            List.of("f:metadata", "f:generation"),
            List.of("f:metadata", "f:managedFields"),
            List.of("f:metadata", "f:resourceVersion")));

    private final KindSchemas catalog;
    private final Defaults defaults;

    @Autowired
    ManagedFields(LiveSchemas schemas) {
        this(schemas, Defaults.builtin());
    }

    /** Knows the kinds of Kubernetes itself. */
    public ManagedFields() {
        this(SchemaCatalog.builtin(), Defaults.builtin());
    }

    ManagedFields(KindSchemas catalog, Defaults defaults) {
        this.catalog = catalog;
        this.defaults = defaults;
    }

    @Override
    public void recordUpdate(Document next, @Nullable Document old, Target target, String manager, Instant now) {
        ObjectSchema schema = catalog.find(target.kind()).orElse(null);
        if (schema == null) {
            return;
        }
        JsonNode live = old == null ? JsonNodeFactory.instance.arrayNode() : old.at("metadata.managedFields");
        Owners owners = Owners.requested(
                next.at("metadata.managedFields"), live, !target.subresource().isEmpty());
        if (owners.isEmpty() && old != null) {
            // Of whom nothing is known nothing will be, until somebody applies.
            next.remove("metadata.managedFields");
            return;
        }
        OwnedVersions versions = new OwnedVersions(target, catalog, new TypedTree(defaults));
        ObjectNode after = bare(next.tree());
        if (!catalog.custom(target.kind())) {
            after = SchemaCodec.asWritten(after, schema);
        }
        try {
            update(
                    owners,
                    versions,
                    old == null ? empty(target.kind(), schema) : bare(old.tree()),
                    after,
                    manager.isEmpty() ? "unknown" : manager,
                    now);
        } catch (OwnedVersions.Unconvertible unconvertible) {
            // Upstream forgets all owners rather than to keep some that may be wrong.
            next.remove("metadata.managedFields");
            return;
        }
        owners.writeTo(next.tree());
    }

    private void update(
            Owners owners, OwnedVersions versions, ObjectNode before, ObjectNode after, String manager, Instant now) {
        OwnershipMerge merge = new OwnershipMerge(versions, owners);
        FieldSet gained = merge.update(before, after).difference(UNOWNED);
        if (!gained.isEmpty()) {
            Owner owner = versions.owner(manager, Owners.UPDATE);
            Owned previous = owners.get(owner);
            owners.put(
                    owner,
                    new Owned(
                            previous == null ? gained : previous.fields().union(gained),
                            versions.apiVersion(),
                            time(now)));
        }
        owners.capUpdaters();
    }

    @Override
    public Document apply(
            @Nullable Document live, Document applied, Target target, String manager, boolean force, Instant now) {
        GroupVersionKind kind = target.kind();
        ObjectSchema schema =
                catalog.find(kind).orElseThrow(() -> new IllegalArgumentException("no schema for " + kind.kind()));
        requireType(applied, kind);
        if (applied.at("metadata.managedFields").isArray()) {
            throw StatusException.badRequest("metadata.managedFields must be nil");
        }
        TypedTree tree = new TypedTree(defaults);
        judge(tree, applied, kind, schema);
        OwnedVersions versions = new OwnedVersions(target, catalog, tree);
        ObjectNode before = live == null ? empty(kind, schema) : bare(live.tree());
        JsonNode known = live == null ? JsonNodeFactory.instance.arrayNode() : live.at("metadata.managedFields");
        try {
            return new Document(merge(known, versions, before, applied.tree(), manager, force, now));
        } catch (OwnershipMerge.Conflicted conflicted) {
            if (!manager.equals(KUBECTL) || live == null) {
                throw conflicted.refusal();
            }
            // What client-side apply stated and nobody changed since, server-side apply may change.
            OwnershipMerge.Conflicted rest =
                    conflicted.without(LastApplied.owned(tree, before, schema, versions.apiVersion()));
            if (!rest.isEmpty()) {
                throw rest.refusal();
            }
            return new Document(merge(known, versions, before, applied.tree(), manager, true, now));
        } catch (OwnedVersions.Unconvertible unconvertible) {
            throw new StatusException(500, "", String.valueOf(unconvertible.getMessage()), null);
        }
    }

    /** An applied configuration must say its kind, as no other body must. */
    private static void requireType(Document applied, GroupVersionKind kind) {
        GroupVersionKind named = GroupVersionKind.of(applied.apiVersion(), applied.kind());
        if (!named.equals(kind)) {
            throw StatusException.badRequest("invalid object type: "
                    + (named.group().isEmpty() && named.version().isEmpty()
                            ? "/"
                            : named.group() + "/" + named.version())
                    + ", Kind="
                    + named.kind());
        }
    }

    private static void judge(TypedTree tree, Document applied, GroupVersionKind kind, ObjectSchema schema) {
        try {
            tree.validate(applied.tree(), schema);
        } catch (TypedTree.Misfit misfit) {
            throw new StatusException(
                    500,
                    "",
                    "failed to create typed patch object (%s/%s; %s/%s, Kind=%s): %s"
                            .formatted(
                                    applied.namespace(),
                                    applied.name(),
                                    kind.group(),
                                    kind.version(),
                                    kind.kind(),
                                    misfit.getMessage()),
                    null);
        }
    }

    private ObjectNode merge(
            JsonNode known,
            OwnedVersions versions,
            ObjectNode before,
            ObjectNode configuration,
            String manager,
            boolean force,
            Instant now) {
        Owners owners = Owners.stored(known);
        if (owners.isEmpty()) {
            ObjectSchema schema = versions.schema();
            update(owners, versions, empty(versions.kind(), schema), before, BEFORE_FIRST_APPLY, now);
        }
        Owner owner = versions.owner(manager, Owners.APPLY);
        ObjectNode after = new OwnershipMerge(versions, owners).apply(before, configuration, owner, force);
        owners.change(owner, fields -> fields.difference(UNOWNED));
        Owned stated = owners.get(owner);
        if (stated != null && !TypedTree.same(before, after)) {
            owners.put(owner, stated.at(time(now)));
        }
        owners.writeTo(after);
        if (manager.equals(KUBECTL)) {
            LastApplied.follow(after, configuration);
        }
        return after;
    }

    @Override
    public Optional<String> flaw(JsonNode managedFields) {
        try {
            Owners.read(managedFields);
            return Optional.empty();
        } catch (IllegalArgumentException unreadable) {
            return Optional.of(String.valueOf(unreadable.getMessage()));
        }
    }

    private static ObjectNode empty(GroupVersionKind kind, ObjectSchema schema) {
        ObjectNode empty = SchemaCodec.emptyObject(schema);
        empty.put("apiVersion", kind.apiVersion()).put("kind", kind.kind());
        return empty;
    }

    /** The object without the owners' list, which is no part of what is owned; shares all else, so only for reading. */
    private static ObjectNode bare(ObjectNode tree) {
        if (!(tree.get("metadata") instanceof ObjectNode metadata) || !metadata.has("managedFields")) {
            return tree;
        }
        ObjectNode shown = JsonNodeFactory.instance.objectNode();
        shown.setAll(tree);
        ObjectNode rest = JsonNodeFactory.instance.objectNode();
        rest.setAll(metadata);
        rest.remove("managedFields");
        shown.set("metadata", rest);
        return shown;
    }

    private static String time(Instant now) {
        return GoTime.format(LocalDateTime.ofInstant(now, ZoneOffset.UTC));
    }
}
