package io.quarterdeck.api.customresources;

import io.quarterdeck.api.callout.WebhookClient;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.schema.CanonicalJson;
import io.quarterdeck.api.schema.GoJson;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Labels;
import io.quarterdeck.api.validation.MetadataRules;
import io.quarterdeck.model.FieldError;
import io.quarterdeck.model.GoErrors;
import io.quarterdeck.model.StatusException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a conversion webhook is asked, and what of its answer counts: it may change labels and annotations of the metadata
 * and nothing else, whatever it says.
 *
 * <p>Source: Kubernetes documentation, "Versions in CustomResourceDefinitions"; API apiextensions.k8s.io/v1,
 * ConversionReview. The texts are upstream's.
 */
record ConversionReview(String version, String uid, String desiredApiVersion) {

    static final String GROUP = "apiextensions.k8s.io";
    static final String KIND = "ConversionReview";

    /** Why an answer is of no use; upstream counts by it. */
    enum Flaw {
        CALL,
        MALFORMED_RESPONSE,
        PARTIAL_RESPONSE,
        INVALID_CONVERTED_OBJECT;

        String label() {
            return "conversion_webhook_" + name().toLowerCase(Locale.ROOT) + "_failure";
        }
    }

    /** The objects cannot be converted. The message is the whole one that the client is told. */
    static final class Failed extends Exception {

        private static final long serialVersionUID = 1;

        private final Flaw flaw;

        Failed(Flaw flaw, String message) {
            super(message, null, false, false);
            this.flaw = flaw;
        }

        Flaw flaw() {
            return flaw;
        }

        StatusException status() {
            return new StatusException(500, "", String.valueOf(getMessage()), null);
        }
    }

    /** The first of these versions that is known. */
    static Optional<String> version(List<String> accepted) {
        return accepted.stream()
                .filter(version -> version.equals("v1") || version.equals("v1beta1"))
                .findFirst();
    }

    /** An object as webhooks get it: without what only the store knows. */
    static byte[] shown(Document object) {
        if (!object.has("metadata.resourceVersion")) {
            return CanonicalJson.bytes(object.tree());
        }
        ObjectNode shown = JsonNodeFactory.instance.objectNode();
        shown.setAll(object.tree());
        ObjectNode metadata = object.object("metadata").deepCopy();
        metadata.remove("resourceVersion");
        shown.set("metadata", metadata);
        return CanonicalJson.bytes(shown);
    }

    /** @param objects as {@link #shown} makes them */
    byte[] request(List<byte[]> objects) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ObjectNode request = JsonNodeFactory.instance.objectNode().put("uid", uid);
        request.put("desiredAPIVersion", desiredApiVersion);
        byte[] head = CanonicalJson.bytes(request);
        out.writeBytes(text("{\"kind\":\"%s\",\"apiVersion\":\"%s/%s\",\"request\":".formatted(KIND, GROUP, version)));
        out.write(head, 0, head.length - 1);
        out.writeBytes(text(",\"objects\":["));
        for (int i = 0; i < objects.size(); i++) {
            out.writeBytes(text(i == 0 ? "" : ","));
            out.writeBytes(objects.get(i));
        }
        out.writeBytes(text("]},\"response\":{\"uid\":\"\",\"convertedObjects\":null,\"result\":{\"metadata\":{}}}}"));
        return out.toByteArray();
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Judges an answer and makes the converted objects out of it.
     *
     * @param asked what was sent
     * @return one for each, in order
     */
    List<Document> answered(JsonNode answer, List<Document> asked) throws Failed {
        String about = about(asked.getFirst());
        JsonNode response = response(answer, about);
        JsonNode converted = response.path("convertedObjects");
        if (converted.size() != asked.size()) {
            throw new Failed(
                    Flaw.PARTIAL_RESPONSE,
                    "%s returned %d objects, expected %d".formatted(about, converted.size(), asked.size()));
        }
        List<Document> objects = new ArrayList<>(asked.size());
        for (int i = 0; i < asked.size(); i++) {
            objects.add(accepted(asked.get(i), converted.get(i)));
        }
        return objects;
    }

    /** {@code conversion webhook for group/version, Kind=Kind}. */
    static String about(Document object) {
        return "conversion webhook for %s, Kind=%s".formatted(object.apiVersion(), object.kind());
    }

    private JsonNode response(JsonNode answer, String about) throws Failed {
        boolean verified = version.equals("v1");
        String misnomer = verified ? WebhookClient.misnomer(answer, kind(0)) : "";
        if (!misnomer.isEmpty()) {
            throw malformed(about, misnomer);
        }
        JsonNode response = answer.path("response");
        if (!response.isObject()) {
            throw malformed(about, "no response provided");
        }
        String given = response.path("uid").asString("");
        if (verified && !given.equals(uid)) {
            throw malformed(about, "expected response.uid=\"%s\", got \"%s\"".formatted(uid, given));
        }
        JsonNode result = response.path("result");
        String status = result.path("status").asString("");
        if (!status.equals("Success")) {
            String message = result.path("message").asString("");
            throw malformed(
                    about,
                    message.isEmpty() ? "response.result.status was '%s', not 'Success'".formatted(status) : message);
        }
        return response;
    }

    /** What is asked and answered. */
    WebhookClient.Review kind(int mostBytes) {
        return new WebhookClient.Review(GROUP, version, KIND, mostBytes);
    }

    private static Failed malformed(String about, String why) {
        return new Failed(Flaw.MALFORMED_RESPONSE, about + " failed: " + why);
    }

    private Document accepted(Document asked, JsonNode answered) throws Failed {
        if (!(answered instanceof ObjectNode tree)) {
            throw new Failed(
                    Flaw.INVALID_CONVERTED_OBJECT,
                    answered.isNull()
                            ? "unexpected end of JSON input"
                            : GoJson.misfit(answered, "map[string]interface {}"));
        }
        if (tree.path("kind").asString("").isEmpty()) {
            throw new Failed(
                    Flaw.INVALID_CONVERTED_OBJECT,
                    "Object 'Kind' is missing in '%s'"
                            .formatted(new String(CanonicalJson.bytes(answered), StandardCharsets.UTF_8)));
        }
        String about = about(asked);
        Document object = new Document(tree);
        if (!object.apiVersion().equals(desiredApiVersion)) {
            throw invalid("%s returned invalid object at index 0: invalid groupVersion (expected %s, received %s)"
                    .formatted(about, desiredApiVersion, object.apiVersion()));
        }
        if (!object.kind().equals(asked.kind())) {
            throw invalid("%s returned invalid object at index 0: invalid kind (expected %s, received %s)"
                    .formatted(about, asked.kind(), object.kind()));
        }
        same(about, "name", asked.name(), object.name());
        same(about, "namespace", asked.namespace(), object.namespace());
        same(about, "UID", asked.uid(), object.uid());
        tree.set("metadata", metadata(about, asked, tree.get("metadata")));
        return object;
    }

    private static void same(String about, String what, String expected, String found) throws Failed {
        if (!found.equals(expected)) {
            throw invalid("%s returned invalid object: must have the same %s: %s != %s"
                    .formatted(about, what, expected, found));
        }
    }

    private static Failed invalid(String message) {
        return new Failed(Flaw.INVALID_CONVERTED_OBJECT, message);
    }

    /** The metadata that was sent, with the answer's labels and annotations. */
    private static ObjectNode metadata(String about, Document asked, @Nullable JsonNode answered) throws Failed {
        String prefix = about + " returned invalid metadata: ";
        if (answered == null) {
            throw invalid(prefix + "missing metadata in converted object");
        }
        if (!(answered instanceof ObjectNode given)) {
            throw invalid("%sinvalid metadata of type %s in converted object".formatted(prefix, goType(answered)));
        }
        ObjectNode kept = asked.tree().get("metadata") instanceof ObjectNode metadata
                ? metadata.deepCopy()
                : JsonNodeFactory.instance.objectNode();
        for (String field : List.of("labels", "annotations")) {
            JsonNode value = given.get(field);
            if (value == null || value.isNull()) {
                kept.remove(field);
                continue;
            }
            if (!(value instanceof ObjectNode texts)) {
                throw invalid(
                        "%sinvalid metadata.%s of type %s in converted object".formatted(prefix, field, goType(value)));
            }
            for (Map.Entry<String, JsonNode> text : texts.properties()) {
                if (!text.getValue().isString()) {
                    throw invalid("%smetadata.%s[%s] must be a string, but is %s in converted object"
                            .formatted(prefix, field, text.getKey(), goType(text.getValue())));
                }
            }
            if (!texts.equals(kept.get(field))) {
                judge(prefix, field, texts);
            }
            kept.set(field, texts);
        }
        return kept;
    }

    private static void judge(String prefix, String field, ObjectNode texts) throws Failed {
        Document holder = Document.empty();
        holder.tree().set(field, texts);
        List<FieldError> findings = new ArrayList<>();
        Field place = Field.root(holder, null, findings).at(field);
        if (field.equals("labels")) {
            Labels.check(place.as("metadata.labels"));
        } else {
            MetadataRules.annotations(place.as("metadata.annotation"));
        }
        if (!findings.isEmpty()) {
            throw invalid(prefix
                    + GoErrors.aggregate(
                            findings.stream().map(FieldError::toString).toList()));
        }
    }

    private static String goType(JsonNode value) {
        return switch (value.getNodeType()) {
            case NULL -> "<nil>";
            case STRING -> "string";
            case BOOLEAN -> "bool";
            case OBJECT -> "map[string]interface {}";
            case ARRAY -> "[]interface {}";
            default -> value.isIntegralNumber() ? "int64" : "float64";
        };
    }
}
