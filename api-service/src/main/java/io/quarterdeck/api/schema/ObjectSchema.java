package io.quarterdeck.api.schema;

import io.quarterdeck.model.GroupVersionKind;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** An object with named fields. Schemas may be recursive: an object is named first and defined once, later. */
public final class ObjectSchema implements Schema {

    private final String name;
    private final String goType;
    private final boolean atomic;
    private final boolean preservesUnknownFields;
    private final Contents contents;

    /** What is known only after all objects have been named. */
    private static final class Contents {
        private Map<String, Field> fields = Map.of();
        private Map<String, JsonNode> constants = Map.of();
        private List<GroupVersionKind> kinds = List.of();
        private WireMessage wire = WireMessage.EMPTY;
    }

    /**
     * @param name the definition's name; its last segment is the Go struct's
     * @param atomic server-side apply owns the object as a whole (x-kubernetes-map-type)
     * @param preservesUnknownFields whether fields that are not declared are kept
     */
    public ObjectSchema(String name, boolean atomic, boolean preservesUnknownFields) {
        this(name, atomic, preservesUnknownFields, new Contents());
    }

    private ObjectSchema(String name, boolean atomic, boolean preservesUnknownFields, Contents contents) {
        this.name = name;
        this.goType = GoTypes.shortName(name);
        this.atomic = atomic;
        this.preservesUnknownFields = preservesUnknownFields;
        this.contents = contents;
    }

    /** Gives the object its fields; to be called once, before the schema is shared. */
    public ObjectSchema define(List<Field> declared) {
        Map<String, Field> byName = new LinkedHashMap<>();
        declared.forEach(field -> byName.put(field.name(), field));
        contents.fields = byName;
        return this;
    }

    /** The same with the values that fields have when left out, where the schema itself says them. */
    public ObjectSchema define(List<Field> declared, Map<String, JsonNode> constants) {
        contents.constants = Map.copyOf(constants);
        return define(declared);
    }

    /** What a field is when left out; null when the schema itself says nothing. */
    @Nullable JsonNode constant(String fieldName) {
        return contents.constants.get(fieldName);
    }

    void bind(List<GroupVersionKind> served, WireMessage message) {
        contents.kinds = List.copyOf(served);
        contents.wire = message;
    }

    /** The same object, owned as a whole or field by field. */
    ObjectSchema withAtomic(boolean owned) {
        return owned == atomic ? this : new ObjectSchema(name, owned, preservesUnknownFields, contents);
    }

    public String name() {
        return name;
    }

    /** The Go struct's name, without its package. */
    public String structName() {
        return name.substring(name.lastIndexOf('.') + 1);
    }

    @Override
    public String goType() {
        return goType;
    }

    public boolean atomic() {
        return atomic;
    }

    public boolean preservesUnknownFields() {
        return preservesUnknownFields;
    }

    public Iterable<Field> fields() {
        return contents.fields.values();
    }

    public @Nullable Field field(String fieldName) {
        return contents.fields.get(fieldName);
    }

    /** The kinds that have this schema; empty for parts of kinds. */
    public List<GroupVersionKind> kinds() {
        return contents.kinds;
    }

    WireMessage wire() {
        return contents.wire;
    }

    @Override
    public String toString() {
        return name;
    }
}
