package io.quarterdeck.api.registry;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.store.EntryHeader;
import io.quarterdeck.api.store.HeaderReader;
import io.quarterdeck.model.GroupResource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads headers in one pass over the body, skipping what no selector names. Which fields a storage selects by is asked
 * at each read, so a changed catalogue takes effect at once. Thread-safe.
 */
public final class StreamingHeaderReader implements HeaderReader {

    private static final int INTERNED = 1 << 15;

    private final Function<GroupResource, List<SelectableField>> selectableFields;
    private final JsonFactory json = new JsonFactory();
    private final Map<GroupResource, Plan> plans = new ConcurrentHashMap<>();

    /** Recently seen words, so that equal labels of many objects are one string. Lossy, so it cannot grow. */
    private final String[] words = new String[INTERNED];

    /** @param selectableFields the fields of a storage, beyond name and namespace; empty for an unknown one */
    public StreamingHeaderReader(Function<GroupResource, List<SelectableField>> selectableFields) {
        this.selectableFields = selectableFields;
    }

    /** The paths of a storage as a tree of field names. */
    private record Plan(List<SelectableField> fields, Step root) {
        static Plan of(List<SelectableField> fields) {
            Step root = new Step(new HashMap<>(), new ArrayList<>());
            for (SelectableField field : fields) {
                for (String path : field.paths()) {
                    Step step = root;
                    for (String name : path.split("\\.")) {
                        step = step.children.computeIfAbsent(
                                name, absent -> new Step(new HashMap<>(), new ArrayList<>()));
                    }
                    step.captures.add(path);
                }
            }
            return new Plan(fields, root);
        }
    }

    private record Step(Map<String, Step> children, List<String> captures) {}

    private static final class Found {
        String uid = "";
        boolean deleting;
        final Map<String, String> labels = new LinkedHashMap<>();
        final List<String> owners = new ArrayList<>();
        final Map<String, String> values = new HashMap<>();
    }

    @Override
    public EntryHeader read(GroupResource storage, byte[] body) {
        Plan plan = plan(storage);
        byte[] object = new byte[body.length + 1];
        object[0] = '{';
        System.arraycopy(body, 0, object, 1, body.length);
        Found found = new Found();
        try (JsonParser parser = json.createParser(object)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                Step step = plan.root.children.get(name);
                parser.nextToken();
                if (name.equals("metadata")) {
                    readMetadata(parser, step, found);
                } else {
                    capture(parser, step, found);
                }
            }
        }
        return header(plan, found);
    }

    @Override
    public EntryHeader read(GroupResource storage, ObjectNode object) {
        Plan plan = plan(storage);
        Found found = new Found();
        if (object.get("metadata") instanceof ObjectNode metadata) {
            JsonNode uid = metadata.get("uid");
            found.uid = uid != null && uid.isString() ? uid.stringValue() : "";
            found.deleting = metadata.hasNonNull("deletionTimestamp");
            if (metadata.get("labels") instanceof ObjectNode labels) {
                for (Map.Entry<String, JsonNode> label : labels.properties()) {
                    if (label.getValue().isString()) {
                        found.labels.put(
                                intern(label.getKey()), intern(label.getValue().stringValue()));
                    }
                }
            }
            if (metadata.get("ownerReferences") instanceof ArrayNode owners) {
                for (JsonNode owner : owners) {
                    if (owner.get("uid") instanceof JsonNode ownerUid && ownerUid.isString()) {
                        found.owners.add(ownerUid.stringValue());
                    }
                }
            }
        }
        Document document = new Document(object);
        for (SelectableField field : plan.fields) {
            for (String path : field.paths()) {
                JsonNode value = document.at(path);
                if (value.isValueNode() && !value.isNull()) {
                    found.values.put(path, value.asString());
                }
            }
        }
        return header(plan, found);
    }

    private Plan plan(GroupResource storage) {
        List<SelectableField> wanted = selectableFields.apply(storage);
        Plan plan = plans.get(storage);
        if (plan == null || !plan.fields.equals(wanted)) {
            plan = Plan.of(wanted);
            plans.put(storage, plan);
        }
        return plan;
    }

    private EntryHeader header(Plan plan, Found found) {
        Map<String, String> fields = new HashMap<>();
        for (SelectableField field : plan.fields) {
            String value = field.whenAbsent();
            for (String path : field.paths()) {
                String there = found.values.getOrDefault(path, "");
                if (!there.isEmpty()) {
                    value = there;
                    break;
                }
            }
            if (!value.isEmpty()) {
                fields.put(field.label(), intern(value));
            }
        }
        return new EntryHeader(found.uid, found.labels, fields, found.owners, found.deleting);
    }

    private void readMetadata(JsonParser parser, @Nullable Step step, Found found) {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            return;
        }
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            JsonToken token = parser.nextToken();
            switch (name) {
                case "uid" -> found.uid = token == JsonToken.VALUE_STRING ? parser.getString() : "";
                case "deletionTimestamp" -> found.deleting = token != JsonToken.VALUE_NULL;
                case "labels" -> readLabels(parser, found);
                case "ownerReferences" -> readOwners(parser, found);
                default -> capture(parser, step == null ? null : step.children.get(name), found);
            }
        }
    }

    private void readLabels(JsonParser parser, Found found) {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            parser.skipChildren();
            return;
        }
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String key = parser.currentName();
            if (parser.nextToken() == JsonToken.VALUE_STRING) {
                found.labels.put(intern(key), intern(parser.getString()));
            } else {
                parser.skipChildren();
            }
        }
    }

    private static void readOwners(JsonParser parser, Found found) {
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            parser.skipChildren();
            return;
        }
        while (parser.nextToken() == JsonToken.START_OBJECT) {
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                if (parser.nextToken() == JsonToken.VALUE_STRING && name.equals("uid")) {
                    found.owners.add(parser.getString());
                } else {
                    parser.skipChildren();
                }
            }
        }
    }

    /** Takes what the step wants of the current value, and leaves the parser at the value's end. */
    private static void capture(JsonParser parser, @Nullable Step step, Found found) {
        JsonToken token = parser.currentToken();
        if (step == null || (token != JsonToken.START_OBJECT && !token.isScalarValue())) {
            parser.skipChildren();
        } else if (token == JsonToken.START_OBJECT) {
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                Step child = step.children.get(parser.currentName());
                parser.nextToken();
                capture(parser, child, found);
            }
        } else if (token != JsonToken.VALUE_NULL) {
            for (String path : step.captures) {
                found.values.put(path, parser.getString());
            }
        }
    }

    private String intern(String word) {
        int hash = word.hashCode();
        int slot = (hash ^ hash >>> 15) & (INTERNED - 1);
        String known = words[slot];
        if (word.equals(known)) {
            return known;
        }
        words[slot] = word;
        return word;
    }
}
