package io.quarterdeck.api.customresources;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.WebhookClients;
import io.quarterdeck.model.GroupResource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A CustomResourceDefinition, read for those who serve it. Immutable.
 *
 * @param revision the definition's own resourceVersion
 * @param names those that were accepted
 * @param served whether its resources are served
 */
record Definition(
        String name,
        String uid,
        long revision,
        String group,
        boolean namespaced,
        Names names,
        List<Version> versions,
        ObjectNode conversion,
        boolean served,
        boolean terminating) {

    static final GroupResource RESOURCE = new GroupResource("apiextensions.k8s.io", "customresourcedefinitions");
    static final String FINALIZER = "customresourcecleanup.apiextensions.k8s.io";

    record Names(
            String plural,
            String singular,
            String kind,
            String listKind,
            List<String> shortNames,
            List<String> categories) {

        static Names of(JsonNode names) {
            return new Names(
                    names.path("plural").asString(""),
                    names.path("singular").asString(""),
                    names.path("kind").asString(""),
                    names.path("listKind").asString(""),
                    strings(names.path("shortNames")),
                    strings(names.path("categories")));
        }

        boolean complete() {
            return !plural.isEmpty() && !singular.isEmpty() && !kind.isEmpty() && !listKind.isEmpty();
        }
    }

    /** @param source the version as it was written */
    record Version(String name, boolean served, boolean storage, ObjectNode source) {

        Optional<ObjectNode> schema() {
            return source.path("schema").path("openAPIV3Schema") instanceof ObjectNode schema
                    ? Optional.of(schema)
                    : Optional.empty();
        }

        boolean hasStatus() {
            return source.path("subresources").path("status").isObject();
        }

        Optional<ObjectNode> scale() {
            return source.path("subresources").path("scale") instanceof ObjectNode scale
                    ? Optional.of(scale)
                    : Optional.empty();
        }

        List<String> selectableFields() {
            return StreamSupport.stream(source.path("selectableFields").spliterator(), false)
                    .map(field -> field.path("jsonPath").asString(""))
                    .map(path -> path.startsWith(".") ? path.substring(1) : path)
                    .toList();
        }
    }

    static Definition of(Document definition, long revision) {
        List<Version> versions = new ArrayList<>();
        for (JsonNode version : definition.items("spec.versions")) {
            versions.add(new Version(
                    version.path("name").asString(""),
                    version.path("served").asBoolean(false),
                    version.path("storage").asBoolean(false),
                    (ObjectNode) version));
        }
        Names names = Names.of(definition.at("status.acceptedNames"));
        return new Definition(
                definition.name(),
                definition.uid(),
                revision,
                definition.text("spec.group"),
                definition.text("spec.scope").equals("Namespaced"),
                names,
                List.copyOf(versions),
                definition.at("spec.conversion") instanceof ObjectNode conversion
                        ? conversion
                        : Document.empty().tree(),
                names.complete()
                        && (Conditions.isTrue(definition, Conditions.NAMES_ACCEPTED)
                                || Conditions.isTrue(definition, Conditions.ESTABLISHED)),
                definition.deleting());
    }

    private static List<String> strings(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false)
                .map(JsonNode::asString)
                .toList();
    }

    /** Whether versions can become one another: the webhook that converts them can be called. */
    boolean convertible() {
        return !conversion.path("strategy").asString("").equals("Webhook")
                || WebhookClients.isBundle(
                        conversion.path("webhook").path("clientConfig").path("caBundle"));
    }

    GroupResource storage() {
        return new GroupResource(group, names.plural());
    }

    /** The version that objects are stored in. */
    Version storageVersion() {
        return versions.stream()
                .filter(Version::storage)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(name + " has no storage version"));
    }

    Optional<Version> version(String version) {
        return versions.stream().filter(each -> each.name().equals(version)).findFirst();
    }

    /** Whether both serve the same in the same way: their status may differ. */
    boolean servesAs(Definition other) {
        return uid.equals(other.uid)
                && group.equals(other.group)
                && namespaced == other.namespaced
                && names.equals(other.names)
                && versions.equals(other.versions)
                && conversion.equals(other.conversion)
                && served == other.served;
    }
}
