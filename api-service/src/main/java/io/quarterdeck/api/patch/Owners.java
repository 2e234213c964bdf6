package io.quarterdeck.api.patch;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Who owns which fields of one object: {@code metadata.managedFields} while it is worked on. Not thread-safe.
 *
 * <p>Source: apimachinery, managedfields.
 */
final class Owners {

    static final String UPDATE = "Update";
    static final String APPLY = "Apply";

    private static final int MOST_UPDATERS = 10;
    private static final String ANCIENT = "ancient-changes";

    /** Who owns: an applier is one manager in all versions, an updater one in each. */
    record Owner(String manager, String operation, String apiVersion, String subresource) {

        /** As upstream orders what it groups by manager. */
        static final Comparator<Owner> ORDER = Comparator.comparing(Owner::manager)
                .thenComparing(Owner::operation)
                .thenComparing(Owner::apiVersion)
                .thenComparing(Owner::subresource);

        static Owner of(String manager, String operation, String apiVersion, String subresource) {
            return new Owner(manager, operation, operation.equals(APPLY) ? "" : apiVersion, subresource);
        }

        boolean updates() {
            return operation.equals(UPDATE);
        }

        /** As conflicts name it. */
        String shown() {
            StringBuilder text = new StringBuilder("\"").append(manager).append('"');
            if (!subresource.isEmpty()) {
                text.append(" with subresource \"").append(subresource).append('"');
            }
            if (updates()) {
                text.append(" using ").append(apiVersion);
            }
            return text.toString();
        }
    }

    /**
     * What someone owns.
     *
     * @param apiVersion the version whose fields these are
     * @param encoded the fields as they were stored, as long as they are the same
     */
    record Owned(
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

        Owned at(@Nullable String moment) {
            return new Owned(fields, apiVersion, moment, encoded);
        }

        private JsonNode encode() {
            return encoded == null ? fields.encode() : encoded.deepCopy();
        }
    }

    private final Map<Owner, Owned> entries = new LinkedHashMap<>();

    /** Those of an object that we wrote. */
    static Owners stored(JsonNode managedFields) {
        Owners owners = new Owners();
        for (JsonNode entry : managedFields) {
            JsonNode fields = entry.path("fieldsV1");
            owners.add(entry, FieldSet.parse(fields), fields);
        }
        return owners;
    }

    /**
     * Those that a client states.
     *
     * @throws IllegalArgumentException when they cannot be read; one bad entry spoils all
     */
    static Owners read(JsonNode managedFields) {
        Owners owners = new Owners();
        int position = 0;
        for (JsonNode entry : managedFields) {
            String operation = entry.path("operation").asString("");
            if (!operation.equals(UPDATE) && !operation.equals(APPLY)) {
                throw new IllegalArgumentException("operation must be `Apply` or `Update`");
            }
            if (entry.path("apiVersion").asString("").isEmpty()) {
                throw new IllegalArgumentException("apiVersion must not be empty");
            }
            String type = entry.path("fieldsType").asString("");
            if (type.isEmpty()) {
                throw new IllegalArgumentException("missing fieldsType in managed fields entry " + position);
            }
            if (!type.equals("FieldsV1")) {
                throw new IllegalArgumentException(
                        "invalid fieldsType \"%s\" in managed fields entry %d".formatted(type, position));
            }
            JsonNode fields = entry.path("fieldsV1");
            owners.add(entry, fields.isMissingNode() || fields.isNull() ? new FieldSet() : FieldSet.read(fields), null);
            position++;
        }
        return owners;
    }

    private void add(JsonNode entry, FieldSet fields, @Nullable JsonNode encoded) {
        String apiVersion = entry.path("apiVersion").asString("");
        JsonNode time = entry.path("time");
        entries.put(
                Owner.of(
                        entry.path("manager").asString(""),
                        entry.path("operation").asString(""),
                        apiVersion,
                        entry.path("subresource").asString("")),
                new Owned(fields, apiVersion, time.isString() ? time.stringValue() : null, encoded));
    }

    /**
     * Those that hold when an object is updated.
     *
     * @param stated what the request says of them: nothing, the same, others, or that there are none
     * @param live those of the stored object
     */
    static Owners requested(JsonNode stated, JsonNode live, boolean ignoresStated) {
        if (ignoresStated || !stated.isArray() || stated.equals(live)) {
            return stored(live);
        }
        if (stated.isEmpty() || stated.size() == 1 && saysNothing(stated.get(0))) {
            return new Owners();
        }
        try {
            return read(stated);
        } catch (IllegalArgumentException unreadable) {
            // Who does not know what these are cannot lose them.
            return stored(live);
        }
    }

    private static boolean saysNothing(JsonNode entry) {
        return entry.isEmpty()
                || entry.valueStream()
                        .allMatch(value -> value.isNull()
                                || value.isString() && value.stringValue().isEmpty());
    }

    boolean isEmpty() {
        return entries.isEmpty();
    }

    @Nullable Owned get(Owner owner) {
        return entries.get(owner);
    }

    void put(Owner owner, Owned owned) {
        entries.put(owner, owned);
    }

    List<Owner> all() {
        return List.copyOf(entries.keySet());
    }

    Collection<Owned> owned() {
        return entries.values();
    }

    void remove(Owner owner) {
        entries.remove(owner);
    }

    /** Changes what someone owns; who owns nothing any more is none. */
    void change(Owner owner, UnaryOperator<FieldSet> change) {
        Owned owned = entries.get(owner);
        if (owned != null) {
            FieldSet next = change.apply(owned.fields());
            if (next.isEmpty()) {
                entries.remove(owner);
            } else {
                entries.put(owner, owned.with(next));
            }
        }
    }

    /** Sums up the oldest updaters of a version as one, so that the list stays short. */
    void capUpdaters() {
        List<Owner> updaters = new ArrayList<>(entries.keySet());
        updaters.removeIf(owner -> !owner.updates());
        int left = updaters.size();
        if (left <= MOST_UPDATERS) {
            return;
        }
        updaters.sort(Comparator.<Owner, String>comparing(owner -> timeOf(require(owner)))
                .thenComparing(Owner.ORDER));
        Map<String, Owner> firsts = new HashMap<>();
        for (Owner owner : updaters) {
            if (left <= MOST_UPDATERS) {
                return;
            }
            Owned owned = require(owner);
            Owner first = firsts.putIfAbsent(owned.apiVersion(), owner);
            if (first == null) {
                continue;
            }
            Owner sum = Owner.of(ANCIENT, UPDATE, owned.apiVersion(), "");
            if (!entries.containsKey(sum)) {
                entries.put(sum, require(first));
                entries.remove(first);
            }
            FieldSet fields = owned.fields().union(require(sum).fields());
            entries.remove(owner);
            entries.put(sum, new Owned(fields, owned.apiVersion(), owned.time()));
            left--;
        }
    }

    private Owned require(Owner owner) {
        return Objects.requireNonNull(entries.get(owner));
    }

    private static String timeOf(Owned owned) {
        return owned.time() == null ? "" : owned.time();
    }

    /** Appliers first, then by time, as upstream lists them. */
    ArrayNode encode() {
        List<Map.Entry<Owner, Owned>> sorted = new ArrayList<>(entries.entrySet());
        sorted.sort(Comparator.<Map.Entry<Owner, Owned>, String>comparing(
                        entry -> entry.getKey().operation())
                .thenComparing(entry -> timeOf(entry.getValue()))
                .thenComparing(entry -> entry.getKey().manager())
                .thenComparing(entry -> entry.getValue().apiVersion())
                .thenComparing(entry -> entry.getKey().subresource()));
        ArrayNode list = JsonNodeFactory.instance.arrayNode();
        sorted.forEach(entry -> {
            Owner owner = entry.getKey();
            Owned owned = entry.getValue();
            ObjectNode node = list.addObject();
            node.put("manager", owner.manager());
            node.put("operation", owner.operation());
            node.put("apiVersion", owned.apiVersion());
            if (owned.time() != null) {
                node.put("time", owned.time());
            }
            node.put("fieldsType", "FieldsV1");
            node.set("fieldsV1", owned.encode());
            if (!owner.subresource().isEmpty()) {
                node.put("subresource", owner.subresource());
            }
        });
        return list;
    }

    /** Writes these into an object, or takes the list away where there are none. */
    void writeTo(ObjectNode tree) {
        ObjectNode metadata = tree.get("metadata") instanceof ObjectNode known ? known : tree.putObject("metadata");
        metadata.remove("managedFields");
        if (!entries.isEmpty()) {
            metadata.set("managedFields", encode());
        }
    }
}
