package io.quarterdeck.api.customresources;

import io.quarterdeck.api.customresources.schema.EmbeddedObjects;
import io.quarterdeck.api.customresources.schema.ExpressionRules;
import io.quarterdeck.api.customresources.schema.JsonSchema;
import io.quarterdeck.api.customresources.schema.ListTypes;
import io.quarterdeck.api.customresources.schema.ValueRules;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.patch.SettableFields;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.registry.ResourceStrategy;
import io.quarterdeck.api.registry.SelectableField;
import io.quarterdeck.api.registry.StoredForm;
import io.quarterdeck.api.validation.Values;
import io.quarterdeck.cel.CostBudget;
import io.quarterdeck.model.FieldError;
import io.quarterdeck.model.FieldError.Reason;
import io.quarterdeck.model.Formats;
import io.quarterdeck.model.GoQuote;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.StatusException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One version of a custom resource: everything that its definition says of it. Documents are in this version.
 *
 * <p>Source: upstream's strategy of custom resources, apiextensions-apiserver/pkg/registry/customresource.
 */
final class CustomResourceStrategy implements ResourceStrategy {

    private static final SettableFields STATUS_ALONE = SettableFields.allBut("metadata", "spec");
    private static final Set<Reason> BLOCKING =
            EnumSet.of(Reason.NOT_SUPPORTED, Reason.REQUIRED, Reason.TOO_LONG, Reason.TOO_MANY, Reason.TYPE_INVALID);
    private static final Set<String> STANDARD_FINALIZERS = Set.of("orphan", "foregroundDeletion", "kubernetes");

    private final Definition definition;
    private final Definition.Version version;
    private final @Nullable JsonSchema schema;
    private final ObjectRules rules;
    private final CustomResourceForm form;
    private final Creation creation;
    private final Columns columns;
    private final List<SelectableField> selectable;
    private final Set<String> selectableHere;
    private final boolean convertible;

    /** The rules of a schema that are expressions. */
    interface ObjectRules {

        ObjectRules NONE = (next, old, warnings) -> List.of();

        /** @param warnings told what would be refused had it changed */
        List<FieldError> check(ObjectNode next, @Nullable ObjectNode old, Consumer<String> warnings);

        static ObjectRules of(JsonSchema schema) {
            return ExpressionRules.of(schema, true)
                    .<ObjectRules>map(rules -> (next, old, warnings) ->
                            rules.check("", next, old, true, new CostBudget(CostBudget.PER_REQUEST), warnings))
                    .orElse(NONE);
        }
    }

    /** Whether objects may be created now, and on which condition. */
    interface Creation {

        /** @throws io.quarterdeck.model.StatusException 403 while the definition is on its way out */
        void allow(String name);

        /** What must still hold when the object is stored. */
        Enlisted enlist(String name);
    }

    CustomResourceStrategy(
            Definition definition,
            Definition.Version version,
            @Nullable JsonSchema schema,
            ObjectRules rules,
            CustomResourceForm form,
            Creation creation) {
        this.definition = definition;
        this.version = version;
        this.schema = schema;
        this.rules = rules;
        this.form = form;
        this.creation = creation;
        this.columns = PrinterColumns.of(version);
        Set<String> all = new TreeSet<>();
        definition.versions().forEach(each -> all.addAll(each.selectableFields()));
        this.selectable = all.stream().map(SelectableField::of).toList();
        this.selectableHere = Set.copyOf(version.selectableFields());
        this.convertible = definition.convertible();
    }

    @Override
    public GroupResource resource() {
        return definition.storage();
    }

    @Override
    public Optional<StatusException> outOfService() {
        return convertible ? Optional.empty() : Optional.of(StatusException.internal("error resolving resource"));
    }

    @Override
    public Optional<StoredForm> storedForm() {
        return Optional.of(form);
    }

    @Override
    public Optional<String> listKind() {
        return Optional.of(definition.names().listKind());
    }

    @Override
    public boolean allowsUnconditionalUpdate() {
        return false;
    }

    @Override
    public SettableFields settable(String subresource, boolean statusApart) {
        return subresource.equals("status") ? STATUS_ALONE : ResourceStrategy.super.settable(subresource, statusApart);
    }

    // ---- what writes may set ----------------------------------------------------------------------------------------

    @Override
    public void prepareForCreate(Document next, RequestInfo request) {
        creation.allow(next.name());
    }

    @Override
    public void prepareForUpdate(Document next, Document old, RequestInfo request) {
        long generation = old.number("metadata.generation", 0);
        next.set("metadata.generation", changed(next, old) ? generation + 1 : generation);
    }

    private static boolean changed(Document next, Document old) {
        Set<String> fields = new TreeSet<>(next.tree().propertyNames());
        fields.addAll(old.tree().propertyNames());
        fields.remove("metadata");
        return fields.stream().anyMatch(field -> !next.at(field).equals(old.at(field)));
    }

    @Override
    public void prepareForStatusUpdate(Document next, Document old, RequestInfo request) {
        JsonNode owners = next.at("metadata.managedFields").deepCopy();
        next.keep("metadata", old);
        if (owners.isMissingNode()) {
            next.remove("metadata.managedFields");
        } else {
            next.set("metadata.managedFields", owners);
        }
    }

    @Override
    public Enlisted enlist(Document next, Optional<Document> old, RequestInfo request) {
        return old.isPresent() ? Enlisted.NOTHING : creation.enlist(next.name());
    }

    // ---- validation -------------------------------------------------------------------------------------------------

    @Override
    public List<FieldError> validateCreate(Document next, RequestInfo request) {
        List<FieldError> findings = new ArrayList<>();
        if (schema != null) {
            findings.addAll(ValueRules.check("", next.tree(), null, schema));
        }
        specReplicas(next, findings);
        statusReplicas(next, findings);
        if (schema != null) {
            findings.addAll(EmbeddedObjects.check(next.tree(), schema));
            findings.addAll(ListTypes.check(next.tree(), schema));
        }
        expressions(next, null, request, findings);
        return findings;
    }

    @Override
    public List<FieldError> validateUpdate(Document next, Document old, RequestInfo request) {
        List<FieldError> findings = new ArrayList<>();
        if (schema != null) {
            findings.addAll(ValueRules.check("", next.tree(), old.tree(), schema));
        }
        specReplicas(next, findings);
        statusReplicas(next, findings);
        if (schema != null) {
            findings.addAll(EmbeddedObjects.check(next.tree(), schema));
            lists(next, old, schema, findings);
        }
        expressions(next, old, request, findings);
        return findings;
    }

    @Override
    public List<FieldError> validateStatusUpdate(Document next, Document old, RequestInfo request) {
        List<FieldError> findings = new ArrayList<>();
        JsonSchema status = schema == null ? null : schema.properties().get("status");
        JsonNode value = next.tree().get("status");
        if (status != null && value != null) {
            findings.addAll(ValueRules.check("status", value, old.tree().get("status"), status));
        }
        statusReplicas(next, findings);
        if (schema != null) {
            lists(next, old, schema, findings);
        }
        expressions(next, old, request, findings);
        return findings;
    }

    /** What was wrong before may stay so. */
    private static void lists(Document next, Document old, JsonSchema schema, List<FieldError> findings) {
        List<FieldError> found = ListTypes.check(next.tree(), schema);
        if (!found.isEmpty() && ListTypes.check(old.tree(), schema).isEmpty()) {
            findings.addAll(found);
        }
    }

    /** Rules see only objects whose values are of the types that they were compiled for. */
    private void expressions(Document next, @Nullable Document old, RequestInfo request, List<FieldError> findings) {
        if (rules == ObjectRules.NONE) {
            return;
        }
        if (findings.stream().anyMatch(finding -> BLOCKING.contains(finding.reason()))) {
            findings.add(new FieldError(
                    Reason.INVALID,
                    "<nil>",
                    "Invalid value: null: some validation rules were not checked because the object was invalid;"
                            + " correct the existing errors to complete validation"));
        } else {
            findings.addAll(rules.check(next.tree(), old == null ? null : old.tree(), request::warn));
        }
    }

    private void specReplicas(Document object, List<FieldError> findings) {
        version.scale().ifPresent(scale -> replicas(object, scale, "specReplicasPath", findings));
    }

    private void statusReplicas(Document object, List<FieldError> findings) {
        version.scale().ifPresent(scale -> {
            replicas(object, scale, "statusReplicasPath", findings);
            if (scale.path("labelSelectorPath").isString()) {
                typed(object, scale.path("labelSelectorPath").stringValue(), "string", JsonNode::isString, findings);
            }
        });
    }

    private static void replicas(Document object, ObjectNode scale, String field, List<FieldError> findings) {
        String path = scale.path(field).asString("");
        if (typed(object, path, "int64", JsonNode::isIntegralNumber, findings)) {
            long replicas = object.number(dotted(path), 0);
            if (replicas < 0) {
                findings.add(new FieldError(
                        Reason.INVALID,
                        path,
                        "Invalid value: %d: should be a non-negative integer".formatted(replicas)));
            } else if (replicas > Integer.MAX_VALUE) {
                findings.add(new FieldError(
                        Reason.INVALID,
                        path,
                        "Invalid value: %d: should be less than or equal to %d"
                                .formatted(replicas, Integer.MAX_VALUE)));
            }
        }
    }

    /** Whether what stands at a path, if anything, is of a type; upstream finds it by accessors of its own. */
    private static boolean typed(
            Document object, String path, String type, Predicate<JsonNode> is, List<FieldError> findings) {
        JsonNode value = object.at(dotted(path));
        if (value.isMissingNode() || is.test(value)) {
            return true;
        }
        String found = value.isNull()
                ? "<nil>"
                : value.isString()
                        ? "string"
                        : value.isBoolean()
                                ? "bool"
                                : value.isObject()
                                        ? "map[string]interface {}"
                                        : value.isArray()
                                                ? "[]interface {}"
                                                : value.isIntegralNumber() ? "int64" : "float64";
        String shown = value.isContainer() ? Values.json(value) : value.isNull() ? "<nil>" : value.asString();
        findings.add(new FieldError(
                Reason.INVALID,
                path,
                "Invalid value: %s: %s accessor error: %s is of the type %s, expected %s"
                        .formatted(type.equals("string") ? "\"\"" : "0", path, shown, found, type)));
        return false;
    }

    private static String dotted(String path) {
        return path.startsWith(".") ? path.substring(1) : path;
    }

    // ---- what readers see -------------------------------------------------------------------------------------------

    @Override
    public List<String> warnings(Document next, Optional<Document> old, RequestInfo request) {
        if (!request.subresource().isEmpty()) {
            return List.of();
        }
        Set<String> added = new TreeSet<>(next.finalizers());
        old.ifPresent(before -> added.removeAll(before.finalizers()));
        List<String> warnings = new ArrayList<>();
        for (String name : added) {
            String where = "metadata.finalizers: " + GoQuote.quote(name) + ": ";
            Formats.qualifiedName(name).forEach(problem -> warnings.add(where + problem));
            if (!name.contains("/") && !STANDARD_FINALIZERS.contains(name)) {
                warnings.add(
                        where
                                + (name.contains(".")
                                        ? "prefer a domain-qualified finalizer name including a path (/) to avoid accidental conflicts with other finalizer writers"
                                        : "prefer a domain-qualified finalizer name to avoid accidental conflicts with other finalizer writers"));
            }
        }
        return warnings;
    }

    /** Of all versions: they are read from the body as it is stored, whichever version selects. */
    @Override
    public List<SelectableField> selectableFields() {
        return selectable;
    }

    @Override
    public boolean selects(String label) {
        return selectableHere.contains(label);
    }

    @Override
    public String unsupportedField(String label) {
        return "field label not supported: " + label;
    }

    @Override
    public Optional<Columns> columns() {
        return Optional.of(columns);
    }

    @Override
    public Optional<ScalePaths> scale() {
        return version.scale()
                .map(scale -> new ScalePaths(
                        dotted(scale.path("specReplicasPath").asString("")),
                        dotted(scale.path("statusReplicasPath").asString("")),
                        dotted(scale.path("labelSelectorPath").asString("")),
                        true,
                        scaleElsewhere()));
    }

    private Map<String, String> scaleElsewhere() {
        Map<String, String> elsewhere = new HashMap<>();
        for (Definition.Version other : definition.versions()) {
            elsewhere.put(
                    definition.group() + "/" + other.name(),
                    other.scale()
                            .map(scale -> dotted(scale.path("specReplicasPath").asString("")))
                            .orElse(""));
        }
        return elsewhere;
    }
}
