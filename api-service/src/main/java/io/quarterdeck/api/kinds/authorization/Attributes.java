package io.quarterdeck.api.kinds.authorization;

import io.quarterdeck.api.authn.User;
import io.quarterdeck.api.authz.AccessRequest;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.validation.Values;
import io.quarterdeck.model.FieldError;
import io.quarterdeck.model.FieldError.Reason;
import io.quarterdeck.model.FieldSelector;
import io.quarterdeck.model.LabelSelector;
import io.quarterdeck.model.StatusException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** What the access reviews have in common: reading who asks for what, and writing the verdict. */
final class Attributes {

    static final String GROUP = "authorization.k8s.io";

    private Attributes() {}

    /** Findings about {@code spec}; reviews of others must name a user or a group. */
    static List<FieldError> findings(Document review, boolean self) {
        List<FieldError> findings = new ArrayList<>();
        boolean resource = review.has("spec.resourceAttributes");
        boolean path = review.has("spec.nonResourceAttributes");
        if (resource && path) {
            findings.add(new FieldError(
                    Reason.INVALID,
                    "spec.nonResourceAttributes",
                    "Invalid value: " + path(review) + ": cannot be specified in combination with resourceAttributes"));
        }
        if (!resource && !path) {
            findings.add(
                    new FieldError(
                            Reason.INVALID,
                            "spec.resourceAttributes",
                            "Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified"));
        }
        if (!self
                && review.text("spec.user").isEmpty()
                && review.items("spec.groups").isEmpty()) {
            findings.add(new FieldError(
                    Reason.INVALID,
                    "spec.user",
                    "Invalid value: \"\": at least one of user or group must be specified"));
        }
        return findings;
    }

    /** A review is no object: it has no metadata, but for the namespace of one that is asked of a namespace. */
    static List<FieldError> metadata(Document review, boolean inNamespace) {
        ObjectNode metadata = review.object("metadata").deepCopy();
        metadata.remove("managedFields");
        if (inNamespace) {
            metadata.remove("namespace");
        }
        if (metadata.isEmpty()) {
            return List.of();
        }
        return List.of(new FieldError(
                Reason.INVALID,
                "metadata",
                "Invalid value: %s: must be empty%s"
                        .formatted(
                                Values.json(review.object("metadata")), inNamespace ? " except for namespace" : "")));
    }

    /** The path attributes as upstream prints them. */
    static String path(Document review) {
        return "{\"Path\":%s,\"Verb\":%s}"
                .formatted(
                        JsonNodeFactory.instance.stringNode(review.text("spec.nonResourceAttributes.path")),
                        JsonNodeFactory.instance.stringNode(review.text("spec.nonResourceAttributes.verb")));
    }

    /** Reviews name no kind in their errors, as upstream. */
    static void refuse(List<FieldError> findings) {
        if (!findings.isEmpty()) {
            throw StatusException.invalid(GROUP, "", "", findings);
        }
    }

    static User subject(Document review) {
        Map<String, List<String>> extra = new LinkedHashMap<>();
        review.at("spec.extra")
                .properties()
                .forEach(entry -> extra.put(entry.getKey().toLowerCase(Locale.ROOT), strings(entry.getValue())));
        return new User(review.text("spec.user"), review.text("spec.uid"), strings(review.at("spec.groups")), extra);
    }

    static AccessRequest request(Document review, User user) {
        if (review.has("spec.nonResourceAttributes")) {
            return AccessRequest.path(
                    user,
                    review.text("spec.nonResourceAttributes.verb"),
                    review.text("spec.nonResourceAttributes.path"));
        }
        String at = "spec.resourceAttributes.";
        return new AccessRequest(
                user,
                review.text(at + "verb"),
                review.text(at + "group"),
                review.text(at + "version"),
                review.text(at + "resource"),
                review.text(at + "subresource"),
                review.text(at + "namespace"),
                review.text(at + "name"),
                "",
                fields(review),
                labels(review));
    }

    /** Only requirements that narrow to one value count; others say nothing that a rule could use. */
    private static FieldSelector fields(Document review) {
        List<FieldSelector.Requirement> requirements = new ArrayList<>();
        for (JsonNode requirement : review.items("spec.resourceAttributes.fieldSelector.requirements")) {
            List<String> values = strings(requirement.path("values"));
            String operator = requirement.path("operator").asString("");
            if (values.size() == 1 && (operator.equals("In") || operator.equals("NotIn"))) {
                requirements.add(new FieldSelector.Requirement(
                        requirement.path("key").asString(""), operator.equals("In"), values.getFirst()));
            }
        }
        return new FieldSelector(requirements);
    }

    private static LabelSelector labels(Document review) {
        List<LabelSelector.Requirement> requirements = new ArrayList<>();
        for (JsonNode requirement : review.items("spec.resourceAttributes.labelSelector.requirements")) {
            LabelSelector.Operator operator =
                    switch (requirement.path("operator").asString("")) {
                        case "In" -> LabelSelector.Operator.IN;
                        case "NotIn" -> LabelSelector.Operator.NOT_IN;
                        case "Exists" -> LabelSelector.Operator.EXISTS;
                        default -> LabelSelector.Operator.DOES_NOT_EXIST;
                    };
            requirements.add(new LabelSelector.Requirement(
                    requirement.path("key").asString(""), operator, Set.copyOf(strings(requirement.path("values")))));
        }
        return new LabelSelector(requirements);
    }

    static List<String> strings(JsonNode values) {
        List<String> strings = new ArrayList<>();
        values.forEach(value -> strings.add(value.asString("")));
        return strings;
    }
}
