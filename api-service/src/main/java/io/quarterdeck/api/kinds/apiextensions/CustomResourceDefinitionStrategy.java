package io.quarterdeck.api.kinds.apiextensions;

import io.quarterdeck.api.customresources.Conditions;
import io.quarterdeck.api.customresources.schema.SchemaParts;
import io.quarterdeck.api.customresources.schema.StringFormats;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.validation.NameCheck;
import io.quarterdeck.model.FieldError;
import io.quarterdeck.model.Formats;
import io.quarterdeck.model.GoQuote;
import io.quarterdeck.model.GroupResource;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** CustomResourceDefinitions: kinds that are made while the server runs. */
@Component
final class CustomResourceDefinitionStrategy implements KindStrategy {

    private static final String FINALIZER = "customresourcecleanup.apiextensions.k8s.io";

    private final DefinitionRules rules;

    CustomResourceDefinitionStrategy(DefinitionRules rules) {
        this.rules = rules;
    }

    @Override
    public GroupResource resource() {
        return new GroupResource("apiextensions.k8s.io", "customresourcedefinitions");
    }

    @Override
    public boolean tabulates(String subresource) {
        return !subresource.equals("status");
    }

    @Override
    public boolean storageJudgesPreconditions() {
        return true;
    }

    @Override
    public boolean hasGeneration() {
        return true;
    }

    @Override
    public boolean allowsUnconditionalUpdate() {
        return false;
    }

    @Override
    public void applyDefaults(Document object) {
        if (object.at("spec.conversion.webhook") instanceof ObjectNode webhook
                && !webhook.hasNonNull("clientConfig")
                && !webhook.hasNonNull("conversionReviewVersions")) {
            object.remove("spec.conversion.webhook");
        }
    }

    @Override
    public void prepareForCreate(Document next, RequestInfo request) {
        next.set("status", emptyStatus());
        storageVersion(next).ifPresent(version -> store(next, version));
    }

    private static ObjectNode emptyStatus() {
        ObjectNode status = JsonNodeFactory.instance.objectNode();
        status.putNull("conditions");
        status.putObject("acceptedNames").put("plural", "").put("kind", "");
        status.putNull("storedVersions");
        return status;
    }

    @Override
    public void prepareForUpdate(Document next, Document old, RequestInfo request) {
        next.keep("status", old);
        KindStrategy.countGeneration(next, old);
        storageVersion(next).ifPresent(version -> store(next, version));
    }

    private static Optional<String> storageVersion(Document definition) {
        return definition.items("spec.versions").stream()
                .filter(version -> version.path("storage").asBoolean(false))
                .map(version -> version.path("name").asString(""))
                .findFirst();
    }

    /** Remembers that objects may lie in this version from now on. */
    private static void store(Document definition, String version) {
        ObjectNode status = definition.object("status");
        ArrayNode stored =
                status.get("storedVersions") instanceof ArrayNode known ? known : status.putArray("storedVersions");
        if (stored.valueStream().noneMatch(each -> each.asString("").equals(version))) {
            stored.add(version);
        }
    }

    // ---- the end of a definition ------------------------------------------------------------------------------------

    /** A definition is held until its objects are gone. */
    @Override
    public boolean mayVanish(Document object) {
        return object.deleting();
    }

    @Override
    public void markDeleting(Document object) {
        if (object.finalizers().contains(FINALIZER)) {
            return;
        }
        ObjectNode metadata = object.object("metadata");
        ArrayNode finalizers =
                metadata.get("finalizers") instanceof ArrayNode known ? known : metadata.putArray("finalizers");
        finalizers.add(FINALIZER);
        // Upstream marks a definition by an update of its own, which leaves these alone.
        metadata.remove("deletionGracePeriodSeconds");
        metadata.put("generation", Math.max(1, object.number("metadata.generation", 1) - 1));
        Conditions.set(
                object,
                new Conditions.Condition(
                        Conditions.TERMINATING,
                        "True",
                        "InstanceDeletionPending",
                        "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon"),
                Instant.parse(object.text("metadata.deletionTimestamp")));
    }

    // ---- validation -------------------------------------------------------------------------------------------------

    /** The name says which resource is meant; what it must be is judged with the spec. */
    @Override
    public NameCheck names() {
        return (name, prefix) -> Formats.subdomain(prefix ? Formats.maskTrailingDash(name) : name);
    }

    @Override
    public List<FieldError> validateCreate(Document next, RequestInfo request) {
        return rules.create(next);
    }

    @Override
    public List<FieldError> validateUpdate(Document next, Document old, RequestInfo request) {
        return rules.update(next, old);
    }

    @Override
    public List<FieldError> validateStatusUpdate(Document next, Document old, RequestInfo request) {
        return rules.status(next);
    }

    @Override
    public boolean repeatsMetadataFindings() {
        return true;
    }

    // ---- warnings ---------------------------------------------------------------------------------------------------

    @Override
    public List<String> warnings(Document next, Optional<Document> old, RequestInfo request) {
        if (!request.subresource().isEmpty()) {
            return List.of();
        }
        Set<String> before = new TreeSet<>();
        old.ifPresent(definition -> before.addAll(warnings(definition)));
        List<String> warnings = new ArrayList<>(warnings(next));
        warnings.removeAll(before);
        return warnings;
    }

    private static List<String> warnings(Document definition) {
        List<String> formats = new ArrayList<>();
        for (JsonNode version : definition.items("spec.versions")) {
            SchemaParts.any(version.path("schema").path("openAPIV3Schema"), schema -> {
                String format = schema.path("format").asString("");
                if (!format.isEmpty()
                        && !StringFormats.recognized(format, schema.path("type").asString(""))) {
                    String warning = "unrecognized format " + GoQuote.quote(format);
                    if (!formats.contains(warning)) {
                        formats.add(warning);
                    }
                }
                return false;
            });
        }
        return formats;
    }
}
