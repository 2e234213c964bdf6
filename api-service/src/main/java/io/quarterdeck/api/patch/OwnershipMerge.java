package io.quarterdeck.api.patch;

import io.quarterdeck.api.patch.OwnedVersions.Seen;
import io.quarterdeck.api.patch.OwnedVersions.Unconvertible;
import io.quarterdeck.api.patch.Owners.Owned;
import io.quarterdeck.api.patch.Owners.Owner;
import io.quarterdeck.api.schema.ObjectSchema;
import io.quarterdeck.model.StatusException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a write does to those who own fields: takes from them what changed, each in the version in which they own. For one
 * request; not thread-safe.
 *
 * <p>Source: structured-merge-diff, merge.Updater.
 */
final class OwnershipMerge {

    private final OwnedVersions versions;
    private final TypedTree trees;
    private final Owners owners;

    /** Others own what an apply would change. */
    static final class Conflicted extends RuntimeException {

        private final transient Map<Owner, List<String>> fields;
        private final transient Map<Owner, FieldSet> sets;

        Conflicted(Map<Owner, FieldSet> sets) {
            super("", null, false, false);
            this.sets = sets;
            this.fields = new TreeMap<>(Owner.ORDER);
            sets.forEach((owner, set) -> fields.put(owner, set.shown()));
        }

        boolean isEmpty() {
            return sets.isEmpty();
        }

        /** Those conflicts that are about other fields; all when that is not known. */
        Conflicted without(Optional<FieldSet> allowed) {
            if (allowed.isEmpty()) {
                return this;
            }
            Map<Owner, FieldSet> rest = new LinkedHashMap<>();
            sets.forEach((owner, set) -> {
                FieldSet left = set.difference(allowed.get());
                if (!left.isEmpty()) {
                    rest.put(owner, left);
                }
            });
            return new Conflicted(rest);
        }

        StatusException refusal() {
            List<StatusException.Cause> causes = new ArrayList<>();
            List<String> lines = new ArrayList<>();
            fields.forEach((owner, paths) -> {
                lines.add("conflicts with %s:".formatted(owner.shown()));
                paths.forEach(path -> {
                    causes.add(
                            new StatusException.Cause("FieldManagerConflict", "conflict with " + owner.shown(), path));
                    lines.add("- " + path);
                });
            });
            String message = causes.size() == 1
                    ? "Apply failed with 1 conflict: %s: %s"
                            .formatted(
                                    causes.getFirst().message(),
                                    causes.getFirst().field())
                    : "Apply failed with %d conflicts: %s".formatted(causes.size(), String.join("\n", lines));
            return new StatusException(
                    409, "Conflict", message, new StatusException.Details("", "", "", "", causes, 0));
        }
    }

    OwnershipMerge(OwnedVersions versions, Owners owners) {
        this.versions = versions;
        this.trees = versions.trees();
        this.owners = owners;
    }

    /** @return what was added or changed, for whoever did it */
    FieldSet update(ObjectNode before, ObjectNode after) {
        followSchemas(before);
        TypedTree.Comparison changes = compare(before, after, null, true);
        return changes.modified().union(changes.added());
    }

    /**
     * @param owner who applies
     * @return the object with the configuration in it, and without what was applied before and no longer is
     * @throws Conflicted unless forced
     */
    ObjectNode apply(ObjectNode before, ObjectNode configuration, Owner owner, boolean force) {
        followSchemas(before);
        ObjectSchema schema = versions.schema();
        ObjectNode merged = object(trees.merge(before, configuration, schema));
        Owned last = owners.get(owner);
        FieldSet stated = versions.settable(versions.apiVersion()).of(trees.fields(configuration, schema));
        owners.put(owner, new Owned(stated, versions.apiVersion(), last == null ? null : last.time()));
        ObjectNode after = last == null || last.fields().isEmpty() ? merged : prune(merged, last);
        compare(before, after, owner, force);
        return after;
    }

    private static ObjectNode object(JsonNode node) {
        return node instanceof ObjectNode object ? object : JsonNodeFactory.instance.objectNode();
    }

    /** What became one whole since it was owned piece by piece is owned as a whole; unknown versions are forgotten. */
    private void followSchemas(ObjectNode live) {
        Map<String, Optional<Seen>> seen = new HashMap<>();
        for (Owner owner : owners.all()) {
            Owned owned = Objects.requireNonNull(owners.get(owner));
            Optional<Seen> version = seen.computeIfAbsent(owned.apiVersion(), name -> versions.in(name, live));
            if (version.isEmpty()) {
                owners.remove(owner);
            } else {
                owners.change(
                        owner,
                        fields -> TypedTree.reconcile(fields, version.get().schema()));
            }
        }
    }

    /**
     * Takes what differs from all who own it.
     *
     * @param applier who is left alone; null for none
     * @return what differs in the version of the request
     */
    private TypedTree.Comparison compare(ObjectNode before, ObjectNode after, @Nullable Owner applier, boolean force) {
        Map<String, TypedTree.Comparison> changes = new HashMap<>();
        TypedTree.Comparison own = trees.compare(before, after, versions.schema());
        TypedTree.Comparison counted = own.in(versions.settable(versions.apiVersion()));
        changes.put(versions.apiVersion(), counted);
        Map<Owner, FieldSet> conflicts = new LinkedHashMap<>();
        Map<Owner, FieldSet> lost = new LinkedHashMap<>();
        for (Owner other : owners.all()) {
            if (other.equals(applier)) {
                continue;
            }
            Owned owned = Objects.requireNonNull(owners.get(other));
            TypedTree.Comparison theirs =
                    changes.computeIfAbsent(owned.apiVersion(), name -> compareIn(name, before, after));
            FieldSet touched = theirs.modified().union(theirs.added());
            FieldSet conflict = owned.fields().intersection(touched);
            if (!conflict.isEmpty()) {
                conflicts.put(other, conflict);
            }
            lost.put(other, touched.union(theirs.removed()));
        }
        if (!force && !conflicts.isEmpty()) {
            throw new Conflicted(conflicts);
        }
        lost.forEach((other, fields) -> owners.change(other, has -> has.difference(fields)));
        if (applier != null) {
            owners.change(applier, has -> has);
        }
        return counted;
    }

    private TypedTree.Comparison compareIn(String apiVersion, ObjectNode before, ObjectNode after) {
        Seen old = seen("failed to convert old object: ", apiVersion, before);
        Seen next = seen("failed to convert new object: ", apiVersion, after);
        return trees.compare(old.tree(), next.tree(), old.schema()).in(versions.settable(apiVersion));
    }

    private Seen seen(String trouble, String apiVersion, ObjectNode tree) {
        try {
            return versions.in(apiVersion, tree).orElseThrow();
        } catch (Unconvertible unconvertible) {
            throw new Unconvertible(trouble + unconvertible.getMessage());
        }
    }

    /** Drops what the applier stated last time, states no more and shares with nobody. */
    private ObjectNode prune(ObjectNode merged, Owned last) {
        Seen whole = pruned("failed to convert merged object to last applied version: ", last.apiVersion(), merged)
                .orElse(null);
        if (whole == null) {
            return merged;
        }
        ObjectSchema schema = whole.schema();
        FieldSet lastFields = last.fields().withNamedFields(schema);
        ObjectNode pruned = object(trees.remove(whole.tree(), lastFields, schema));
        header(pruned, whole.tree());
        ObjectNode owned = addBackOwned(whole, pruned, last.apiVersion());
        Seen kept = pruned("failed to convert pruned object to last applied version: ", last.apiVersion(), owned)
                .orElseThrow();
        FieldSet all = named(whole);
        FieldSet dangling = all.difference(named(kept)).intersection(lastFields);
        ObjectNode result = object(trees.remove(whole.tree(), dangling, schema));
        header(result, whole.tree());
        return pruned("", versions.apiVersion(), result).orElseThrow().tree();
    }

    /** What others own, or the applier still does, is not pruned; the applier's last version is asked first. */
    private ObjectNode addBackOwned(Seen whole, ObjectNode pruned, String lastVersion) {
        Map<String, FieldSet> managed = new LinkedHashMap<>();
        managed.put(lastVersion, new FieldSet());
        for (Owned owned : owners.owned()) {
            managed.merge(owned.apiVersion(), owned.fields(), FieldSet::union);
        }
        ObjectNode left = pruned;
        for (Map.Entry<String, FieldSet> version : managed.entrySet()) {
            String trouble =
                    "failed add back owned items: failed to convert %s object at version " + version.getKey() + ": ";
            Seen all = pruned(trouble.formatted("merged"), version.getKey(), whole.tree())
                    .orElse(null);
            Seen some =
                    pruned(trouble.formatted("pruned"), version.getKey(), left).orElse(null);
            if (all == null || some == null) {
                continue;
            }
            FieldSet kept = named(some).union(version.getValue().withNamedFields(all.schema()));
            left = object(trees.remove(all.tree(), named(all).difference(kept), all.schema()));
            header(left, all.tree());
        }
        return left;
    }

    private Optional<Seen> pruned(String trouble, String apiVersion, ObjectNode tree) {
        try {
            return versions.in(apiVersion, tree);
        } catch (Unconvertible unconvertible) {
            throw new Unconvertible("failed to prune fields: " + trouble + unconvertible.getMessage());
        }
    }

    private FieldSet named(Seen seen) {
        return trees.fields(seen.tree(), seen.schema()).withNamedFields(seen.schema());
    }

    /** A tree of which much was taken must still say what it is. */
    private static void header(ObjectNode tree, ObjectNode whole) {
        for (String field : List.of("apiVersion", "kind")) {
            if (!tree.has(field) && whole.has(field)) {
                tree.set(field, whole.get(field));
            }
        }
    }
}
