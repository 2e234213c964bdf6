package io.quarterdeck.system.fuzz;

import io.quarterdeck.system.fuzz.Shape.Entry;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** Makes objects from the schemas that the server publishes: mostly right, then wrong in a place or three. */
final class Objects {
    private static final int DEPTH = 7;
    private static final Set<String> SYSTEM = Set.of(
            "managedFields", "resourceVersion", "uid", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink");

    private final JsonNode definitions;

    /** @param document {@code /openapi/v2} */
    Objects(JsonNode document) {
        this.definitions = document.path("definitions");
    }

    /**
     * An object of a kind.
     *
     * @param definition the schema's name
     * @param name of the object
     */
    Shape object(Chance chance, String definition, String apiVersion, String kind, String name) {
        List<Entry> entries = new ArrayList<>();
        entries.add(new Entry("apiVersion", Shape.string(apiVersion)));
        entries.add(new Entry("kind", Shape.string(kind)));
        entries.add(new Entry(
                "metadata",
                Shape.fields("name", Shape.string(name), "labels", Shape.fields("fuzz", Shape.string("yes")))));
        Shape made = ofSchema(chance, definitions.path(definition), "", 0);
        if (made instanceof Shape.Fields(var fields)) {
            for (Entry field : fields) {
                if (field.name().equals("metadata") ? chance.once(4) : !isType(field.name())) {
                    entries.add(field);
                }
            }
        }
        Shape whole = new Shape.Fields(entries);
        for (int wrong = chance.once(3) ? 0 : 1 + chance.below(3); wrong > 0; wrong--) {
            whole = spoil(chance, whole);
        }
        return whole;
    }

    private static boolean isType(String name) {
        return name.equals("apiVersion") || name.equals("kind");
    }

    private Shape ofSchema(Chance chance, JsonNode schema, String name, int depth) {
        String ref = schema.path("$ref").asString("");
        if (!ref.isEmpty()) {
            return ofSchema(chance, definitions.path(ref.substring("#/definitions/".length())), name, depth);
        }
        return switch (schema.path("type").asString("")) {
            case "object" -> fields(chance, schema, depth);
            case "array" -> {
                List<Shape> items = new ArrayList<>();
                for (int i = depth > DEPTH ? 0 : chance.below(3); i > 0; i--) {
                    items.add(ofSchema(chance, schema.path("items"), name, depth + 1));
                }
                yield new Shape.Items(items);
            }
            case "integer", "number" -> new Shape.Literal(Integer.toString(chance.below(9)));
            case "boolean" -> new Shape.Literal(Boolean.toString(chance.once(2)));
            case "string" -> string(chance, schema, name);
            default -> Shape.fields();
        };
    }

    private Shape fields(Chance chance, JsonNode schema, int depth) {
        List<Entry> entries = new ArrayList<>();
        if (depth <= DEPTH) {
            List<String> required = new ArrayList<>();
            schema.path("required").forEach(field -> required.add(field.asString("")));
            int rarity = 2 + depth;
            schema.path("properties").properties().forEach(property -> {
                boolean wanted = required.contains(property.getKey())
                        || property.getKey().equals("spec")
                        || chance.once(rarity);
                if (wanted && (!SYSTEM.contains(property.getKey()) || chance.once(8))) {
                    entries.add(new Entry(
                            property.getKey(), ofSchema(chance, property.getValue(), property.getKey(), depth + 1)));
                }
            });
            JsonNode values = schema.get("additionalProperties");
            if (values != null && values.isObject()) {
                entries.add(new Entry(word(chance), ofSchema(chance, values, "", depth + 1)));
            }
        }
        return new Shape.Fields(entries);
    }

    private static Shape string(Chance chance, JsonNode schema, String name) {
        return switch (schema.path("format").asString("")) {
            case "byte" -> Shape.string(chance.once(6) ? "?" : "AAEC");
            case "date-time" -> Shape.string(chance.once(6) ? "yesterday" : "2026-01-02T03:04:05Z");
            case "int-or-string" -> chance.once(2) ? Shape.string("50%") : new Shape.Literal("80");
            default -> {
                JsonNode values = schema.path("enum");
                if (!values.isEmpty() && !chance.once(8)) {
                    yield Shape.string(values.get(chance.below(values.size())).asString(""));
                }
                yield Shape.string(name.endsWith("mage") ? "busybox" : word(chance));
            }
        };
    }

    static String word(Chance chance) {
        return chance.of(
                List.of("a", "b", "c", "app", "tcp", "80", "1", "1Gi", "100m", "Always", "None", "true", "a.b/c"));
    }

    /** The same with one thing wrong somewhere in it. */
    static Shape spoil(Chance chance, Shape shape) {
        if (chance.once(6)) {
            return BadValues.shape(chance);
        }
        return switch (shape) {
            case Shape.Literal literal -> BadValues.shape(chance);
            case Shape.Items(var items) -> {
                List<Shape> spoiled = new ArrayList<>(items);
                if (items.isEmpty() || chance.once(4)) {
                    spoiled.add(BadValues.shape(chance));
                } else {
                    int at = chance.below(items.size());
                    spoiled.set(at, spoil(chance, items.get(at)));
                    if (chance.once(4)) {
                        spoiled.add(items.get(at));
                    }
                }
                yield new Shape.Items(spoiled);
            }
            case Shape.Fields(var entries) -> {
                List<Entry> spoiled = new ArrayList<>(entries);
                if (entries.isEmpty() || chance.once(6)) {
                    spoiled.add(new Entry(chance.of(BadValues.STRINGS), BadValues.shape(chance)));
                } else {
                    int at = chance.below(entries.size());
                    Entry entry = entries.get(at);
                    spoiled.set(at, new Entry(entry.name(), spoil(chance, entry.value())));
                    if (chance.once(6)) {
                        spoiled.add(entry);
                    }
                }
                yield new Shape.Fields(spoiled);
            }
        };
    }
}
