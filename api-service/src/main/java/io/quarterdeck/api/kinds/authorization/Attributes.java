package io.quarterdeck.api.kinds.authorization;

import io.quarterdeck.api.authn.User;
import io.quarterdeck.api.authz.AccessRequest;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.validation.Values;
import io.quarterdeck.model.FieldError;
import io.quarterdeck.model.FieldError.Reason;
import io.quarterdeck.model.FieldSelector;
import io.quarterdeck.model.Formats;
import io.quarterdeck.model.GoQuote;
import io.quarterdeck.model.LabelSelector;
import io.quarterdeck.model.StatusException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
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
        if (resource) {
            selector(review, "fieldSelector", findings);
            selector(review, "labelSelector", findings);
        }
        return findings;
    }

    /** Operators that this server does not know narrow nothing: somebody newer may know them. */
    private static void selector(Document review, String which, List<FieldError> findings) {
        String path = "spec.resourceAttributes." + which;
        JsonNode selector = review.at(path);
        if (!selector.isObject()) {
            return;
        }
        String raw = selector.path("rawSelector").asString("");
        JsonNode requirements = selector.path("requirements");
        if (!raw.isEmpty() && !requirements.isEmpty()) {
            findings.add(new FieldError(
                    Reason.INVALID,
                    path + ".rawSelector",
                    "Invalid value: %s: may not specified at the same time as requirements"
                            .formatted(GoQuote.quote(raw))));
        }
        if (raw.isEmpty() && requirements.isEmpty()) {
            findings.add(new FieldError(
                    Reason.REQUIRED,
                    path + ".requirements",
                    "Required value: when %s is specified, requirements or rawSelector is required".formatted(path)));
        }
        for (int i = 0; i < requirements.size(); i++) {
            requirement(
                    requirements.get(i), path + ".requirements[" + i + "]", which.equals("labelSelector"), findings);
        }
    }

    private static void requirement(JsonNode requirement, String path, boolean label, List<FieldError> findings) {
        JsonNode values = requirement.path("values");
        switch (requirement.path("operator").asString("")) {
            case "In", "NotIn" -> {
                if (values.isEmpty()) {
                    findings.add(new FieldError(
                            Reason.REQUIRED,
                            path + ".values",
                            "Required value: must be specified when `operator` is 'In' or 'NotIn'"));
                }
            }
            case "Exists", "DoesNotExist" -> {
                if (!values.isEmpty()) {
                    findings.add(new FieldError(
                            Reason.FORBIDDEN,
                            path + ".values",
                            "Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
                }
            }
            default -> {
                // Nothing is known of what it asks for.
            }
        }
        String key = requirement.path("key").asString("");
        if (label) {
            Formats.qualifiedName(key).forEach(problem -> findings.add(invalid(path + ".key", key, problem)));
            for (int i = 0; i < values.size(); i++) {
                String value = values.get(i).asString("");
                String at = path + ".values[" + i + "]";
                Formats.labelValue(value).forEach(problem -> findings.add(invalid(at, value, problem)));
            }
        } else if (key.isEmpty()) {
            findings.add(new FieldError(Reason.REQUIRED, path + ".key", "Required value: must be specified"));
        }
    }

    private static FieldError invalid(String path, String value, String problem) {
        return new FieldError(Reason.INVALID, path, "Invalid value: " + GoQuote.quote(value) + ": " + problem);
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
                review.text(at + "version").isEmpty() ? "*" : review.text(at + "version"),
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
            Optional<LabelSelector.Operator> known =
                    switch (requirement.path("operator").asString("")) {
                        case "In" -> Optional.of(LabelSelector.Operator.IN);
                        case "NotIn" -> Optional.of(LabelSelector.Operator.NOT_IN);
                        case "Exists" -> Optional.of(LabelSelector.Operator.EXISTS);
                        case "DoesNotExist" -> Optional.of(LabelSelector.Operator.DOES_NOT_EXIST);
                        default -> Optional.empty();
                    };
            known.ifPresent(operator -> requirements.add(new LabelSelector.Requirement(
                    requirement.path("key").asString(""), operator, Set.copyOf(strings(requirement.path("values"))))));
        }
        return new LabelSelector(requirements);
    }

    static List<String> strings(JsonNode values) {
        List<String> strings = new ArrayList<>();
        values.forEach(value -> strings.add(value.asString("")));
        return strings;
    }
}
