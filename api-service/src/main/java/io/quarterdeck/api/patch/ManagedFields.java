package io.quarterdeck.api.patch;

import io.quarterdeck.api.document.Document;
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
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Field ownership of all kinds that have a schema.
 *
 * <p>Source: structured-merge-diff (merge.Updater) and apimachinery's managedfields, KEP-555.
 */
@Component
public final class ManagedFields implements FieldOwnership {

    private static final int MOST_UPDATE_MANAGERS = 10;
    private static final String BEFORE_FIRST_APPLY = "before-first-apply";
    private static final String ANCIENT = "ancient-changes";
    private static final String UPDATE = "Update";
    private static final String APPLY = "Apply";

    /** Fields that nobody owns: the server sets them. */
    private static final List<List<String>> UNOWNED = List.of(
            List.of("f:apiVersion"),
            List.of("f:kind"),
            List.of("f:metadata", "f:name"),
            List.of("f:metadata", "f:namespace"),
            List.of("f:metadata", "f:creationTimestamp"),
            List.of("f:metadata", "f:selfLink"),
            List.of("f:metadata", "f:uid"),
            List.of("f:metadata", "f:generation"),
            List.of("f:metadata", "f:managedFields"),
            List.of("f:metadata", "f:resourceVersion"));

    private final KindSchemas catalog;
    private final Defaults defaults;

    /** Who owns: an applier is one manager in all versions, an updater one in each. */
    private record Owner(String manager, String operation, String apiVersion, String subresource) {

        static Owner of(String manager, String operation, String apiVersion, String subresource) {
            return new Owner(manager, operation, operation.equals(APPLY) ? "" : apiVersion, subresource);
        }
    }

    /** @param encoded the fields as they were stored, as long as they are the same */
    private record Owned(
            FieldSet fields,
            String apiVersion,
            @Nullable String time,
            @Nullable JsonNode encoded) {

        Owned(FieldSet fields, String apiVersion, @Nullable String time) {
            this(fields, apiVersion, time, null);
        }

        Owned with(FieldSet replacement) {
            return replacement == fields ? this : new Owned(replacement, apiVersion, time);
        }

        JsonNode encode() {
            return encoded == null ? fields.encode() : encoded.deepCopy();
        }
    }

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
    public void recordUpdate(
            Document next,
            @Nullable Document old,
            GroupVersionKind kind,
            String manager,
            String subresource,
            Instant now) {
        ObjectSchema schema = catalog.find(kind).orElse(null);
        if (schema == null) {
            return;
        }
        JsonNode stated = next.at("metadata.managedFields");
        JsonNode live = old == null ? JsonNodeFactory.instance.arrayNode() : old.at("metadata.managedFields");
        Map<Owner, Owned> owners = readRequested(stated, live, !subresource.isEmpty());
        if (owners.isEmpty() && old != null) {
            write(next.tree(), owners);
            return;
        }
        if (!comparable(owners, next, kind)) {
            // Upstream forgets all owners rather than to keep some that may be wrong.
            next.remove("metadata.managedFields");
            return;
        }
        ObjectNode before = old == null ? SchemaCodec.emptyObject(schema) : bare(old.tree());
        ObjectNode after = bare(next.tree());
        if (catalog.custom(kind).isEmpty()) {
            after = SchemaCodec.asWritten(after, schema);
        }
        update(
                owners,
                before,
                after,
                schema,
                kind,
                Owner.of(manager.isEmpty() ? "unknown" : manager, UPDATE, kind.apiVersion(), subresource),
                now);
        write(next.tree(), owners);
    }

    /**
     * Whether the object can be compared in every version in which fields of it are owned: what another version of a custom
     * resource does not declare cannot be told apart from what is not there.
     */
    private boolean comparable(Map<Owner, Owned> owners, Document next, GroupVersionKind kind) {
        if (catalog.custom(kind).isEmpty()) {
            return true;
        }
        for (Owned owned : owners.values()) {
            GroupVersionKind other = GroupVersionKind.of(owned.apiVersion(), kind.kind());
            KindSchemas.Custom known = catalog.custom(other).orElse(null);
            if (known != null && !other.equals(kind)) {
                try {
                    new TypedTree(defaults).validate(bare(next.tree()), known.schema());
                } catch (TypedTree.Misfit misfit) {
                    return false;
                }
            }
        }
        return true;
    }

    /** What a request says about owners counts only when it can be read and is no subresource's. */
    private static Map<Owner, Owned> readRequested(JsonNode stated, JsonNode live, boolean ignoreStated) {
        if (ignoreStated || !stated.isArray() || stated.isEmpty() || stated.equals(live)) {
            return readStored(live);
        }
        if (stated.size() == 1 && stated.get(0).isEmpty()) {
            return new LinkedHashMap<>();
        }
        Map<Owner, Owned> owners = read(stated);
        return owners.isEmpty() ? readStored(live) : owners;
    }

    private void update(
            Map<Owner, Owned> owners,
            ObjectNode before,
            ObjectNode after,
            ObjectSchema schema,
            GroupVersionKind kind,
            Owner owner,
            Instant now) {
        TypedTree.Comparison changes = new TypedTree(defaults)
                .compare(before, after, schema)
                .without(reset(schema, kind, owner.subresource()));
        FieldSet touched = changes.modified().union(changes.added());
        takeAway(owners, owners.keySet(), touched.union(changes.removed()));
        FieldSet gained = touched.without(UNOWNED);
        if (!gained.isEmpty()) {
            Owned previous = owners.get(owner);
            owners.put(
                    owner,
                    new Owned(
                            previous == null ? gained : previous.fields().union(gained), kind.apiVersion(), time(now)));
        }
        stripUnowned(owners);
        capUpdateManagers(owners);
    }

    private static void stripUnowned(Map<Owner, Owned> owners) {
        owners.replaceAll((owner, owned) -> owned.with(owned.fields().without(UNOWNED)));
        owners.values().removeIf(owned -> owned.fields().isEmpty());
    }

    private static void takeAway(Map<Owner, Owned> owners, Set<Owner> from, FieldSet fields) {
        for (Owner owner : List.copyOf(from)) {
            Owned owned = Objects.requireNonNull(owners.get(owner));
            FieldSet left = owned.fields().difference(fields);
            if (left.isEmpty()) {
                owners.remove(owner);
            } else {
                owners.put(owner, owned.with(left));
            }
        }
    }

    /** The fields that a request to this place cannot set, whatever it says. */
    private List<List<String>> reset(ObjectSchema schema, GroupVersionKind kind, String subresource) {
        KindSchemas.Custom custom = catalog.custom(kind).orElse(null);
        if (custom != null) {
            return switch (subresource) {
                case "" -> custom.statusApart() ? List.of(List.of("f:status")) : List.of();
                case "status" -> List.of(List.of("f:metadata"), List.of("f:spec"));
                default -> List.of();
            };
        }
        return ResetFields.of(kind.kind(), subresource, schema.field("status") != null);
    }

    /** Many updaters are summed up, the oldest first, so that the list stays short. */
    private static void capUpdateManagers(Map<Owner, Owned> owners) {
        List<Owner> updaters = new ArrayList<>(owners.keySet());
        updaters.removeIf(owner ->
                !owner.operation().equals(UPDATE) || !owner.subresource().isEmpty());
        if (updaters.size() <= MOST_UPDATE_MANAGERS) {
            return;
        }
        updaters.sort(Comparator.<Owner, String>comparing(owner -> timeOf(owners, owner))
                .thenComparing(Owner::manager));
        int left = updaters.size();
        Map<String, Owner> byVersion = new HashMap<>();
        for (Owner owner : updaters) {
            if (left <= MOST_UPDATE_MANAGERS) {
                return;
            }
            Owned owned = Objects.requireNonNull(owners.remove(owner));
            Owner bucket = Owner.of(ANCIENT, UPDATE, owned.apiVersion(), "");
            Owned known = owners.get(bucket);
            owners.put(bucket, known == null ? owned : owned.with(owned.fields().union(known.fields())));
            if (known != null || byVersion.put(owned.apiVersion(), bucket) != null) {
                left--;
            }
        }
    }

    private static String timeOf(Map<Owner, Owned> owners, Owner owner) {
        String time = Objects.requireNonNull(owners.get(owner)).time();
        return time == null ? "" : time;
    }

    @Override
    public Document apply(
            @Nullable Document live,
            Document applied,
            GroupVersionKind kind,
            String manager,
            String subresource,
            boolean force,
            Instant now) {
        ObjectSchema schema =
                catalog.find(kind).orElseThrow(() -> new IllegalArgumentException("no schema for " + kind.kind()));
        requireType(applied, kind);
        ObjectNode configuration = applied.tree().deepCopy();
        if (configuration.path("metadata").has("managedFields")
                && !configuration.path("metadata").path("managedFields").isNull()) {
            throw StatusException.badRequest("metadata.managedFields must be nil");
        }
        TypedTree tree = new TypedTree(defaults);
        try {
            tree.validate(configuration, schema);
        } catch (TypedTree.Misfit misfit) {
            throw new StatusException(
                    500,
                    "",
                    "failed to create typed patch object (%s/%s; %s, Kind=%s): %s"
                            .formatted(
                                    applied.namespace(),
                                    applied.name(),
                                    kind.group() + "/" + kind.version(),
                                    kind.kind(),
                                    misfit.getMessage())
                            .replace("; /", kind.group().isEmpty() ? "; /" : "; "),
                    null);
        }
        ObjectNode before = live == null ? SchemaCodec.emptyObject(schema) : bare(live.tree());
        Map<Owner, Owned> owners = live == null ? new LinkedHashMap<>() : readStored(live.at("metadata.managedFields"));
        if (live != null && owners.isEmpty()) {
            update(
                    owners,
                    SchemaCodec.emptyObject(schema),
                    before,
                    schema,
                    kind,
                    Owner.of(BEFORE_FIRST_APPLY, UPDATE, kind.apiVersion(), ""),
                    now);
        }
        return new Document(merge(
                tree,
                before,
                configuration,
                schema,
                kind,
                owners,
                Owner.of(manager, APPLY, kind.apiVersion(), subresource),
                force,
                now));
    }

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

    private ObjectNode merge(
            TypedTree tree,
            ObjectNode before,
            ObjectNode configuration,
            ObjectSchema schema,
            GroupVersionKind kind,
            Map<Owner, Owned> owners,
            Owner owner,
            boolean force,
            Instant now) {
        List<List<String>> reset = reset(schema, kind, owner.subresource());
        JsonNode merged = tree.merge(before, configuration, schema);
        Owned last = owners.get(owner);
        FieldSet stated = tree.fields(configuration, schema).without(reset);
        owners.put(owner, new Owned(stated, kind.apiVersion(), last == null ? null : last.time()));
        if (last != null && !last.fields().isEmpty()) {
            merged = prune(tree, merged, schema, owners, last.fields().without(reset));
        }
        ObjectNode after = merged instanceof ObjectNode object ? object : JsonNodeFactory.instance.objectNode();
        TypedTree.Comparison changes = tree.compare(before, after, schema).without(reset);
        FieldSet touched = changes.modified().union(changes.added());
        Map<Owner, FieldSet> conflicts = new LinkedHashMap<>();
        owners.forEach((other, owned) -> {
            FieldSet conflict = owned.fields().intersection(touched);
            if (!other.equals(owner) && !conflict.isEmpty()) {
                conflicts.put(other, conflict);
            }
        });
        if (!force && !conflicts.isEmpty()) {
            throw conflict(conflicts, owners);
        }
        Set<Owner> others = new HashSet<>(owners.keySet());
        others.remove(owner);
        takeAway(owners, others, touched.union(changes.removed()));
        if (!TypedTree.same(before, after)) {
            owners.computeIfPresent(owner, (key, owned) -> new Owned(owned.fields(), owned.apiVersion(), time(now)));
        }
        stripUnowned(owners);
        write(after, owners);
        return after;
    }

    /** Drops what the applier stated last time, states no more and shares with nobody. */
    private static JsonNode prune(
            TypedTree tree, JsonNode merged, ObjectSchema schema, Map<Owner, Owned> owners, FieldSet lastFields) {
        FieldSet last = lastFields.withNamedFields(schema);
        ObjectNode whole = (ObjectNode) merged;
        FieldSet all = tree.fields(whole, schema).withNamedFields(schema);
        FieldSet pruned = fields(tree, tree.remove(whole, last, schema), schema);
        FieldSet managed = new FieldSet();
        for (Owned owned : owners.values()) {
            managed = managed.union(owned.fields());
        }
        FieldSet kept = pruned.union(managed.withNamedFields(schema));
        JsonNode owned = tree.remove(whole, all.difference(kept), schema);
        FieldSet left = fields(tree, owned, schema);
        return tree.remove(whole, all.difference(left).intersection(last), schema);
    }

    private static FieldSet fields(TypedTree tree, JsonNode node, ObjectSchema schema) {
        return (node instanceof ObjectNode object ? tree.fields(object, schema) : new FieldSet())
                .withNamedFields(schema);
    }

    private static StatusException conflict(Map<Owner, FieldSet> conflicts, Map<Owner, Owned> owners) {
        List<StatusException.Cause> causes = new ArrayList<>();
        Map<String, List<String>> byManager = new TreeMap<>();
        conflicts.forEach((owner, fields) -> {
            String shown = shown(owner, Objects.requireNonNull(owners.get(owner)));
            fields.forEachMember((path, step) -> {
                causes.add(new StatusException.Cause("FieldManagerConflict", "conflict with " + shown, path));
                byManager.computeIfAbsent(shown, key -> new ArrayList<>()).add(path);
            });
        });
        List<String> messages = new ArrayList<>();
        byManager.forEach((shown, paths) -> messages.add(
                paths.size() == 1
                        ? "conflict with %s: %s".formatted(shown, paths.getFirst())
                        : "conflicts with %s:\n%s"
                                .formatted(
                                        shown,
                                        String.join(
                                                "\n",
                                                paths.stream()
                                                        .map(path -> "- " + path)
                                                        .toList()))));
        int count = causes.size();
        return new StatusException(
                409,
                "Conflict",
                "Apply failed with %d conflict%s: %s"
                        .formatted(count, count == 1 ? "" : "s", String.join("\n", messages)),
                new StatusException.Details("", "", "", "", causes, 0));
    }

    private static String shown(Owner owner, Owned owned) {
        StringBuilder text = new StringBuilder("\"").append(owner.manager()).append('"');
        if (!owner.subresource().isEmpty()) {
            text.append(" with subresource \"").append(owner.subresource()).append('"');
        }
        if (owner.operation().equals(UPDATE)) {
            text.append(" using ").append(owned.apiVersion());
            if (owned.time() != null) {
                text.append(" at ").append(owned.time());
            }
        }
        return text.toString();
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

    private static Map<Owner, Owned> readStored(JsonNode entries) {
        return read(entries, true);
    }

    private static Map<Owner, Owned> read(JsonNode entries) {
        return read(entries, false);
    }

    /**
     * Entries that cannot be read make the whole list worthless, as upstream sees it.
     *
     * @param canonical whether we wrote them: what does not change need not be written anew
     */
    private static Map<Owner, Owned> read(JsonNode entries, boolean canonical) {
        Map<Owner, Owned> owners = new LinkedHashMap<>();
        for (JsonNode entry : entries) {
            String operation = entry.path("operation").asString("");
            if (!operation.equals(UPDATE) && !operation.equals(APPLY)
                    || !entry.path("fieldsType").asString("").equals("FieldsV1")) {
                return new LinkedHashMap<>();
            }
            String apiVersion = entry.path("apiVersion").asString("");
            Owner owner = Owner.of(
                    entry.path("manager").asString(""),
                    operation,
                    apiVersion,
                    entry.path("subresource").asString(""));
            JsonNode time = entry.path("time");
            owners.put(
                    owner,
                    new Owned(
                            FieldSet.parse(entry.path("fieldsV1")),
                            apiVersion,
                            time.isString() ? time.stringValue() : null,
                            canonical ? entry.path("fieldsV1") : null));
        }
        return owners;
    }

    private static void write(ObjectNode tree, Map<Owner, Owned> owners) {
        ObjectNode metadata = tree.get("metadata") instanceof ObjectNode known ? known : tree.putObject("metadata");
        metadata.remove("managedFields");
        if (owners.isEmpty()) {
            return;
        }
        List<Map.Entry<Owner, Owned>> sorted = new ArrayList<>(owners.entrySet());
        sorted.sort(Comparator.<Map.Entry<Owner, Owned>, String>comparing(
                        entry -> entry.getKey().operation())
                .thenComparing(entry -> timeOf(owners, entry.getKey()))
                .thenComparing(entry -> entry.getKey().manager())
                .thenComparing(entry -> entry.getValue().apiVersion())
                .thenComparing(entry -> entry.getKey().subresource()));
        ArrayNode entries = metadata.putArray("managedFields");
        sorted.forEach(entry -> {
            ObjectNode node = entries.addObject();
            node.put("manager", entry.getKey().manager());
            node.put("operation", entry.getKey().operation());
            node.put("apiVersion", entry.getValue().apiVersion());
            if (entry.getValue().time() != null) {
                node.put("time", entry.getValue().time());
            }
            node.put("fieldsType", "FieldsV1");
            node.set("fieldsV1", entry.getValue().encode());
            if (!entry.getKey().subresource().isEmpty()) {
                node.put("subresource", entry.getKey().subresource());
            }
        });
    }

    private static String time(Instant now) {
        return GoTime.format(LocalDateTime.ofInstant(now, ZoneOffset.UTC));
    }
}
