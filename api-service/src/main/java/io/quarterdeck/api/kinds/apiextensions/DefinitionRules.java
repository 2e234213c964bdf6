package io.quarterdeck.api.kinds.apiextensions;

import io.quarterdeck.api.customresources.Conditions;
import io.quarterdeck.api.customresources.schema.JsonSchema;
import io.quarterdeck.api.customresources.schema.SchemaParts;
import io.quarterdeck.api.customresources.schema.SchemaPath;
import io.quarterdeck.api.customresources.schema.StructuralRules;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.KindPart;
import io.quarterdeck.api.kinds.WebhookClients;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Values;
import io.quarterdeck.model.FieldError;
import io.quarterdeck.model.Formats;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * What holds for a CustomResourceDefinition. Judged is upstream's internal form, which has in one place what all versions
 * share; its paths are those that clients see. Pure.
 *
 * <p>Source: apiextensions, pkg/apis/apiextensions/validation.
 */
@Component
final class DefinitionRules implements KindPart {

    private static final int MOST_SELECTABLE_FIELDS = 8;
    private static final List<String> COLUMN_TYPES = List.of("boolean", "date", "integer", "number", "string");
    private static final List<String> COLUMN_FORMATS =
            List.of("byte", "date", "date-time", "double", "float", "int32", "int64", "password");
    private static final List<String> VERSION_FIELDS = List.of(
            "Name",
            "Served",
            "Storage",
            "Deprecated",
            "DeprecationWarning",
            "Schema",
            "Subresources",
            "AdditionalPrinterColumns",
            "SelectableFields");

    private final SchemaRules schemas;

    DefinitionRules(SchemaRules schemas) {
        this.schemas = schemas;
    }

    List<FieldError> create(Document next) {
        List<FieldError> findings = new ArrayList<>();
        Field root = Field.root(next, null, findings);
        Field name = root.at("metadata.name");
        if (!name.empty()
                && !name.is(root.at("spec.names.plural").text() + "."
                        + root.at("spec.group").text())) {
            name.invalid("must be spec.names.plural+\".\"+spec.group");
        }
        spec(next, null, findings);
        acceptedNames(root);
        storedVersions(next, findings);
        approval(next, null, findings);
        preserving(root, null);
        return findings;
    }

    List<FieldError> update(Document next, Document old) {
        List<FieldError> findings = new ArrayList<>();
        Field root = Field.root(next, old, findings);
        spec(next, old, findings);
        if (Conditions.isTrue(old, Conditions.ESTABLISHED)) {
            root.at("spec.scope").immutable();
            root.at("spec.names.kind").immutable();
        }
        root.at("spec.group").immutable();
        root.at("spec.names.plural").immutable();
        acceptedNames(root);
        storedVersions(next, findings);
        approval(next, old, findings);
        preserving(root, old);
        return findings;
    }

    List<FieldError> status(Document next) {
        List<FieldError> findings = new ArrayList<>();
        acceptedNames(Field.root(next, null, findings));
        return findings;
    }

    // ---- the internal form ------------------------------------------------------------------------------------------

    /** What all versions say alike is said once, beside them. */
    private static ObjectNode internal(Document definition) {
        ObjectNode spec = definition.at("spec") instanceof ObjectNode given
                ? given.deepCopy()
                : JsonNodeFactory.instance.objectNode();
        if (!(spec.get("versions") instanceof ArrayNode versions) || versions.isEmpty()) {
            return spec;
        }
        Map<String, String> shared = Map.of(
                "schema", "validation",
                "subresources", "subresources",
                "additionalPrinterColumns", "additionalPrinterColumns",
                "selectableFields", "selectableFields");
        shared.forEach((field, name) -> {
            JsonNode first = versions.get(0).path(field);
            for (JsonNode version : versions) {
                if (!version.path(field).equals(first)) {
                    return;
                }
            }
            if (!first.isMissingNode()) {
                spec.set(name, first);
            }
            versions.forEach(version -> ((ObjectNode) version).remove(field));
        });
        return spec;
    }

    /** Versions as Go prints the internal type: what they share is no longer there. */
    private static Values.Raw printed(JsonNode versions) {
        List<String> shown = new ArrayList<>();
        for (JsonNode version : versions) {
            List<String> fields = new ArrayList<>();
            for (String field : VERSION_FIELDS) {
                JsonNode value = version.path(field.substring(0, 1).toLowerCase(Locale.ROOT) + field.substring(1));
                String text = value.isMissingNode()
                        ? switch (field) {
                            case "Name" -> "\"\"";
                            case "Served", "Storage", "Deprecated" -> "false";
                            default -> "null";
                        }
                        : Values.json(value);
                fields.add("\"" + field + "\":" + text);
            }
            shown.add("{" + String.join(",", fields) + "}");
        }
        return new Values.Raw("[" + String.join(",", shown) + "]");
    }

    // ---- spec -------------------------------------------------------------------------------------------------------

    private void spec(Document next, @Nullable Document old, List<FieldError> findings) {
        ObjectNode internal = internal(next);
        Document judged = Document.empty();
        judged.tree().set("spec", internal);
        Field spec = Field.root(judged, null, findings).at("spec");
        SchemaRules.Options options = SchemaRules.Options.of(next, old, old == null ? null : internal(old));
        group(spec.at("group"));
        Field scope = spec.at("scope");
        if (scope.require()) {
            scope.oneOf("Cluster", "Namespaced");
        }
        schemasThere(spec, options);
        versions(spec, options);
        for (String name : List.of("plural", "singular", "kind", "listKind")) {
            spec.at("names." + name).require();
        }
        names(spec.at("names"));
        boolean anyStatus =
                hasStatus(spec) || spec.at("versions").items().stream().anyMatch(DefinitionRules::hasStatus);
        schemas.check(
                spec.at("validation"),
                anyStatus,
                options.version(spec.at("versions").index(0).at("name").text()));
        subresources(spec.at("subresources"));
        spec.at("additionalPrinterColumns").items().forEach(DefinitionRules::column);
        Field selectable = spec.at("selectableFields");
        if (!selectable.items().isEmpty()) {
            if (spec.at("validation").present()) {
                selectableFields(
                        selectable, spec.at("validation.openAPIV3Schema").node(), options.keepsTooManyFields(""));
            } else {
                selectable.invalidValue("", "may only be set when validations.schema is included");
            }
        }
        conversion(spec.at("conversion"), next, old);
    }

    private static void group(Field group) {
        if (!group.require()) {
            return;
        }
        List<String> problems = Formats.subdomain(group.text());
        if (!problems.isEmpty()) {
            group.invalid(String.join(",", problems));
        } else if (!group.text().contains(".")) {
            group.invalid("should be a domain with at least one dot");
        }
    }

    private static void schemasThere(Field spec, SchemaRules.Options options) {
        if (spec.at("validation.openAPIV3Schema").present()) {
            return;
        }
        for (Field version : spec.at("versions").items()) {
            Field schema = version.at("schema.openAPIV3Schema");
            if (schema.present()) {
                continue;
            }
            if (options.requireSchema()) {
                schema.required();
            } else if (!spec.at("preserveUnknownFields").flag()
                    && version.at("served").flag()) {
                schema.required("because otherwise all fields are pruned");
            }
        }
    }

    private void versions(Field spec, SchemaRules.Options options) {
        Field versions = spec.at("versions");
        int storage = 0;
        Set<String> seen = new HashSet<>();
        boolean unique = true;
        for (Field version : versions.items()) {
            storage += version.at("storage").flag() ? 1 : 0;
            unique &= seen.add(version.at("name").text());
            List<String> problems = Formats.dns1035Label(version.at("name").text());
            if (!problems.isEmpty()) {
                version.at("name").invalidValue(version.at("name").text(), String.join(",", problems));
            }
            version(version, spec, options);
        }
        if (!unique) {
            versions.invalidValue(printed(versions.node()), "must contain unique version names");
        }
        if (storage != 1) {
            versions.invalidValue(
                    versions.present() ? printed(versions.node()) : null,
                    "must have exactly one version marked as storage version");
        }
        // Upstream's own form names the first version a second time.
        Field first = versions.index(0).at("name");
        List<String> problems = first.empty() ? List.of() : Formats.dns1035Label(first.text());
        if (!problems.isEmpty()) {
            spec.at("version").invalidValue(first.text(), String.join(",", problems));
        }
    }

    private void version(Field version, Field spec, SchemaRules.Options options) {
        String name = version.at("name").text();
        deprecationWarning(version);
        boolean perVersion = spec.at("versions").items().stream()
                .anyMatch(each -> each.at("subresources").present());
        schemas.check(version.at("schema"), hasStatus(perVersion ? version : spec), options.version(name));
        subresources(version.at("subresources"));
        version.at("additionalPrinterColumns").items().forEach(DefinitionRules::column);
        Field selectable = version.at("selectableFields");
        if (!selectable.items().isEmpty()) {
            if (version.at("schema.openAPIV3Schema").present()) {
                selectableFields(
                        selectable, version.at("schema.openAPIV3Schema").node(), options.keepsTooManyFields(name));
            } else {
                selectable.invalidValue("", "may only be set when `version.schema.openAPIV3Schema` is not included");
            }
        }
    }

    private static boolean hasStatus(Field version) {
        return version.at("subresources.status").present();
    }

    private static void deprecationWarning(Field version) {
        Field warning = version.at("deprecationWarning");
        if (!warning.present()) {
            return;
        }
        if (!version.at("deprecated").flag()) {
            warning.invalid("can only be set for deprecated versions");
            return;
        }
        String text = warning.text();
        if (Formats.bytes(text) > 256) {
            warning.invalid("must be <= 256 characters long");
        }
        if (text.isEmpty()) {
            warning.invalid("must not be an empty string");
        }
        for (int i = 0; i < text.length(); i++) {
            if (!isPrintable(text.codePointAt(i))) {
                warning.invalidValue(
                        new Values.Raw(Values.json(warning.node())),
                        "must only contain printable UTF-8 characters; non-printable character found at index "
                                + Formats.bytes(text.substring(0, i)));
                return;
            }
        }
    }

    private static boolean isPrintable(int c) {
        return c == ' '
                || switch (Character.getType(c)) {
                    case Character.CONTROL,
                            Character.FORMAT,
                            Character.SURROGATE,
                            Character.PRIVATE_USE,
                            Character.UNASSIGNED,
                            Character.SPACE_SEPARATOR,
                            Character.LINE_SEPARATOR,
                            Character.PARAGRAPH_SEPARATOR -> false;
                    default -> true;
                };
    }

    // ---- names ------------------------------------------------------------------------------------------------------

    private static void acceptedNames(Field root) {
        names(root.at("status.acceptedNames"));
    }

    private static void names(Field names) {
        for (String name : List.of("plural", "singular")) {
            label(names.at(name), names.at(name).text(), "");
        }
        for (String name : List.of("kind", "listKind")) {
            label(
                    names.at(name),
                    names.at(name).text().toLowerCase(Locale.ROOT),
                    "may have mixed case, but should otherwise match: ");
        }
        names.at("shortNames").items().forEach(DefinitionRules::shortName);
        Field list = names.at("listKind");
        if (!names.at("kind").empty() && names.at("kind").is(list.text())) {
            list.invalid("kind and listKind may not be the same");
        }
        names.at("categories").items().forEach(DefinitionRules::shortName);
    }

    private static void shortName(Field name) {
        List<String> problems = Formats.dns1035Label(name.text());
        if (!problems.isEmpty()) {
            name.invalid(String.join(",", problems));
        }
    }

    private static void label(Field name, String judged, String before) {
        List<String> problems = Formats.dns1035Label(judged);
        if (!name.empty() && !problems.isEmpty()) {
            name.invalid(before + String.join(",", problems));
        }
    }

    // ---- what versions bring along ----------------------------------------------------------------------------------

    private static void column(Field column) {
        column.at("name").require();
        Field type = column.at("type");
        String types = "must be one of " + String.join(",", COLUMN_TYPES);
        if (type.empty()) {
            type.required(types);
        } else if (!COLUMN_TYPES.contains(type.text())) {
            type.invalid(types);
        }
        Field format = column.at("format");
        if (!format.empty() && !COLUMN_FORMATS.contains(format.text())) {
            format.invalid("must be one of " + String.join(",", COLUMN_FORMATS));
        }
        Field path = column.at("jsonPath").as(column.path() + ".JSONPath");
        if (path.require()) {
            simplePath(path);
        }
    }

    private static boolean simplePath(Field path) {
        if (path.text().startsWith(".")) {
            return true;
        }
        path.invalid("must be a simple json path starting with .");
        return false;
    }

    private static void subresources(Field subresources) {
        Field scale = subresources.at("scale");
        if (!scale.present()) {
            return;
        }
        Field spec = scale.at("specReplicasPath");
        if (spec.require() && simplePath(spec) && !spec.text().startsWith(".spec.")) {
            spec.invalid("should be a json path under .spec");
        }
        Field status = scale.at("statusReplicasPath");
        if (status.require() && simplePath(status) && !status.text().startsWith(".status.")) {
            status.invalid("should be a json path under .status");
        }
        Field selector = scale.at("labelSelectorPath");
        if (!selector.empty()
                && simplePath(selector)
                && !selector.text().startsWith(".spec.")
                && !selector.text().startsWith(".status.")) {
            selector.invalid("should be a json path under either .spec or .status");
        }
    }

    private static void selectableFields(Field fields, JsonNode schema, boolean mayBeMany) {
        Set<String> seen = new HashSet<>();
        for (Field field : fields.items()) {
            Field path = field.at("jsonPath");
            if (!path.require()) {
                continue;
            }
            SchemaPath found = SchemaPath.find(path.text(), schema, false);
            if (!found.error().isEmpty()) {
                path.invalid("is an invalid path: " + found.error());
                continue;
            }
            if (found.path().startsWith("metadata")) {
                path.invalid("must not point to fields in metadata");
            }
            if (!List.of("string", "boolean", "integer")
                    .contains(found.schema().path("type").asString(""))) {
                path.invalid(
                        "must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.");
            }
            if (!seen.add(found.path())) {
                path.duplicate();
            }
        }
        if (seen.size() > MOST_SELECTABLE_FIELDS && !mayBeMany) {
            fields.tooMany(seen.size(), MOST_SELECTABLE_FIELDS);
        }
    }

    // ---- conversion -------------------------------------------------------------------------------------------------

    private static void conversion(Field conversion, Document next, @Nullable Document old) {
        if (!conversion.present()) {
            return;
        }
        Field strategy = conversion.at("strategy");
        if (strategy.require()) {
            strategy.oneOf("None", "Webhook");
        }
        if (!strategy.is("None") && next.flag("spec.preserveUnknownFields")) {
            strategy.invalid("must be None if spec.preserveUnknownFields is true");
        }
        Field client = conversion.at("webhook.clientConfig").as(conversion.path() + ".webhookClientConfig");
        Field reviews =
                conversion.at("webhook.conversionReviewVersions").as(conversion.path() + ".conversionReviewVersions");
        if (!strategy.is("Webhook")) {
            if (client.present()) {
                client.forbidden("should not be set when strategy is not set to Webhook");
            }
            if (!reviews.items().isEmpty()) {
                reviews.forbidden("should not be set when strategy is not set to Webhook");
            }
            return;
        }
        if (client.present()) {
            WebhookClients.check(client);
            if (old != null
                    && Conditions.isTrue(old, Conditions.ESTABLISHED)
                    && WebhookClients.isBundle(old.at("spec.conversion.webhook.clientConfig.caBundle"))) {
                WebhookClients.checkBundle(client.at("caBundle"));
            }
        } else {
            client.required("required when strategy is set to Webhook");
        }
        reviewVersions(
                reviews, old == null || recognized(old.items("spec.conversion.webhook.conversionReviewVersions")));
    }

    private static boolean recognized(List<JsonNode> versions) {
        return versions.isEmpty()
                || versions.stream()
                        .anyMatch(version -> List.of("v1", "v1beta1").contains(version.asString("")));
    }

    private static void reviewVersions(Field versions, boolean mustBeKnown) {
        if (versions.items().isEmpty()) {
            versions.required();
            return;
        }
        Set<String> seen = new TreeSet<>();
        for (Field version : versions.items()) {
            if (seen.add(version.text())) {
                version.format(Formats::dns1035Label);
            } else {
                version.invalid("duplicate version");
            }
        }
        if (mustBeKnown && !seen.contains("v1") && !seen.contains("v1beta1")) {
            versions.invalid("must include at least one of v1, v1beta1");
        }
    }

    // ---- status, annotations ----------------------------------------------------------------------------------------

    private static void storedVersions(Document next, List<FieldError> findings) {
        Field stored = Field.root(next, null, findings).at("status.storedVersions");
        List<String> versions = stored.texts();
        if (versions.isEmpty()) {
            stored.invalidValue(stored.present() ? stored.node() : null, "must have at least one stored version");
            return;
        }
        Map<String, Integer> missing = new HashMap<>();
        for (int i = 0; i < versions.size(); i++) {
            missing.put(versions.get(i), i);
        }
        for (JsonNode version : next.items("spec.versions")) {
            String name = version.path("name").asString("");
            if (missing.remove(name) == null && version.path("storage").asBoolean(false)) {
                stored.invalid("must have the storage version " + name);
            }
        }
        missing.forEach((name, i) -> stored.index(i)
                .invalid(
                        "missing from spec.versions; %1$s was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in %1$s and removes %1$s from status.storedVersions"
                                .formatted(name)));
    }

    private static void approval(Document next, @Nullable Document old, List<FieldError> findings) {
        if (!Conditions.isCommunityGroup(next.text("spec.group"))) {
            return;
        }
        String annotation = next.annotation(Conditions.APPROVED_ANNOTATION);
        Conditions.Approval approval = Conditions.approvalOf(annotation);
        if (old != null && Conditions.approvalOf(old.annotation(Conditions.APPROVED_ANNOTATION)) == approval) {
            return;
        }
        Field field =
                Field.root(next, null, findings).at("metadata.annotations").key(Conditions.APPROVED_ANNOTATION);
        switch (approval) {
            case MISSING -> field.required(Conditions.explain(approval, annotation));
            case INVALID -> field.invalid(Conditions.explain(approval, annotation));
            case APPROVED, BYPASSED -> {}
        }
    }

    private static void preserving(Field root, @Nullable Document old) {
        Field preserving = root.at("spec.preserveUnknownFields");
        if ((old == null || !old.flag("spec.preserveUnknownFields")) && preserving.flag()) {
            preserving.invalid(
                    "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead");
        }
    }

    /** Whether any schema of a definition is such. */
    static boolean anySchema(@Nullable ObjectNode internal, Predicate<ObjectNode> such) {
        if (internal == null) {
            return false;
        }
        if (SchemaParts.any(internal.path("validation").path("openAPIV3Schema"), such)) {
            return true;
        }
        for (JsonNode version : internal.path("versions")) {
            if (SchemaParts.any(version.path("schema").path("openAPIV3Schema"), such)) {
                return true;
            }
        }
        return false;
    }

    /** Whether any schema, as a whole, is such that it is not structural. */
    static boolean anyNonStructural(ObjectNode internal) {
        List<JsonNode> schemas = new ArrayList<>();
        schemas.add(internal.path("validation").path("openAPIV3Schema"));
        internal.path("versions")
                .forEach(version -> schemas.add(version.path("schema").path("openAPIV3Schema")));
        return schemas.stream()
                .filter(ObjectNode.class::isInstance)
                .map(ObjectNode.class::cast)
                .anyMatch(schema -> StructuralRules.unsupported(schema).isPresent()
                        || !StructuralRules.check("", JsonSchema.of(schema)).isEmpty());
    }
}
