package io.quarterdeck.api.customresources;

import io.quarterdeck.api.customresources.schema.JsonSchema;
import io.quarterdeck.api.customresources.schema.StructuralRules;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.WebhookClients;
import io.quarterdeck.model.FieldError;
import io.quarterdeck.model.GoErrors;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What the status of a CustomResourceDefinition says: which names it was given, whether it is served, what is wrong with
 * it. Pure.
 *
 * <p>Source: apiextensions.k8s.io/v1 CustomResourceDefinitionConditionType; upstream's controllers under
 * {@code apiextensions-apiserver/pkg/controller}.
 */
public final class Conditions {

    public static final String NAMES_ACCEPTED = "NamesAccepted";
    public static final String ESTABLISHED = "Established";
    public static final String TERMINATING = "Terminating";
    public static final String NON_STRUCTURAL = "NonStructuralSchema";
    public static final String API_APPROVAL = "KubernetesAPIApprovalPolicyConformant";

    /** The annotation that groups of the Kubernetes community need. */
    public static final String APPROVED_ANNOTATION = "api-approved.kubernetes.io";

    private static final Pattern COMMUNITY_GROUP = Pattern.compile("(.*\\.)?(k8s\\.io|kubernetes\\.io)");

    /** One condition without its time. */
    public record Condition(String type, String status, String reason, String message) {}

    /** Whether a group of the community was approved, and what is to be said about it. */
    public enum Approval {
        APPROVED,
        BYPASSED,
        MISSING,
        INVALID
    }

    private Conditions() {}

    public static boolean isTrue(Document definition, String type) {
        return find(definition, type)
                .map(condition -> condition.path("status").asString("").equals("True"))
                .orElse(false);
    }

    static Optional<ObjectNode> find(Document definition, String type) {
        return definition.items("status.conditions").stream()
                .filter(condition -> condition.path("type").asString("").equals(type))
                .map(ObjectNode.class::cast)
                .findFirst();
    }

    /** Sets a condition; its time moves only when its status changes. */
    public static void set(Document definition, Condition condition, Instant now) {
        String time = now.truncatedTo(ChronoUnit.SECONDS).toString();
        ObjectNode node = find(definition, condition.type()).orElse(null);
        if (node == null) {
            ObjectNode status = definition.object("status");
            ArrayNode list =
                    status.get("conditions") instanceof ArrayNode known ? known : status.putArray("conditions");
            node = list.addObject();
            node.put("type", condition.type()).put("status", condition.status()).put("lastTransitionTime", time);
        } else if (!node.path("status").asString("").equals(condition.status())) {
            node.put("status", condition.status()).put("lastTransitionTime", time);
        }
        node.put("reason", condition.reason()).put("message", condition.message());
    }

    private static void remove(Document definition, String type) {
        if (definition.at("status.conditions") instanceof ArrayNode list) {
            list.removeIf(condition -> condition.path("type").asString("").equals(type));
        }
    }

    /**
     * Brings the status of a definition up to date, all but its end.
     *
     * @param definition changed in place
     * @param others every definition of the same group, this one left out
     * @param serving whether this server serves the resource under its accepted names already
     */
    static void settle(Document definition, Collection<Document> others, boolean serving, Instant now) {
        if (!definition.at("spec.names").equals(definition.at("status.acceptedNames"))) {
            acceptNames(definition, others, now);
        }
        structural(definition, now);
        approval(definition, now);
        if (serving && isTrue(definition, NAMES_ACCEPTED) && !isTrue(definition, ESTABLISHED)) {
            boolean callable = WebhookClients.isBundle(definition.at("spec.conversion.webhook.clientConfig.caBundle"));
            set(
                    definition,
                    callable
                            ? new Condition(
                                    ESTABLISHED, "True", "InitialNamesAccepted", "the initial names have been accepted")
                            : new Condition(
                                    ESTABLISHED,
                                    "False",
                                    "InvalidCABundle",
                                    "The conversion webhook CABundle is invalid"),
                    now);
        }
    }

    // ---- names ------------------------------------------------------------------------------------------------------

    private static void acceptNames(Document definition, Collection<Document> others, Instant now) {
        Set<String> resources = new TreeSet<>();
        Set<String> kinds = new TreeSet<>();
        for (Document other : others) {
            JsonNode names = other.at("status.acceptedNames");
            resources.add(names.path("plural").asString(""));
            resources.add(names.path("singular").asString(""));
            names.path("shortNames").forEach(name -> resources.add(name.asString("")));
            kinds.add(names.path("kind").asString(""));
            kinds.add(names.path("listKind").asString(""));
        }
        JsonNode requested = definition.at("spec.names");
        ObjectNode accepted = definition.object("status.acceptedNames");
        JsonNode before = accepted.deepCopy();
        Condition names = new Condition(NAMES_ACCEPTED, "True", "NoConflicts", "no conflicts found");
        for (String field : List.of("plural", "singular", "shortNames", "kind", "listKind")) {
            Set<String> taken = field.equals("kind") || field.equals("listKind") ? kinds : resources;
            String conflict = field.equals("shortNames")
                    ? shortNames(requested, before, taken)
                    : name(
                            requested.path(field).asString(""),
                            before.path(field).asString(""),
                            taken);
            if (conflict.isEmpty()) {
                take(accepted, requested, field);
            } else {
                String reason = Character.toUpperCase(field.charAt(0)) + field.substring(1) + "Conflict";
                names = new Condition(NAMES_ACCEPTED, "False", reason, conflict);
            }
        }
        take(accepted, requested, "categories");
        set(definition, names, now);
        if (find(definition, ESTABLISHED).isEmpty() || !isTrue(definition, ESTABLISHED)) {
            boolean all = names.status().equals("True");
            if (all || find(definition, ESTABLISHED).isEmpty()) {
                set(
                        definition,
                        all
                                ? new Condition(
                                        ESTABLISHED, "False", "Installing", "the initial names have been accepted")
                                : new Condition(ESTABLISHED, "False", "NotAccepted", "not all names are accepted"),
                        now);
            }
        }
    }

    private static void take(ObjectNode accepted, JsonNode requested, String field) {
        JsonNode value = requested.get(field);
        if (value == null) {
            accepted.remove(field);
        } else {
            accepted.set(field, value.deepCopy());
        }
    }

    private static String name(String requested, String accepted, Set<String> taken) {
        return requested.equals(accepted) || !taken.contains(requested) ? "" : inUse(requested);
    }

    private static String inUse(String name) {
        return "\"%s\" is already in use".formatted(name);
    }

    private static String shortNames(JsonNode requested, JsonNode before, Set<String> taken) {
        Set<String> own = new TreeSet<>();
        before.path("shortNames").forEach(name -> own.add(name.asString("")));
        List<String> conflicts = new ArrayList<>();
        requested.path("shortNames").forEach(name -> {
            if (!own.contains(name.asString("")) && taken.contains(name.asString(""))) {
                conflicts.add(inUse(name.asString("")));
            }
        });
        return GoErrors.aggregate(conflicts);
    }

    // ---- schema and approval ----------------------------------------------------------------------------------------

    private static void structural(Document definition, Instant now) {
        Condition condition = nonStructural(definition);
        if (condition != null) {
            set(definition, condition, now);
        } else {
            remove(definition, NON_STRUCTURAL);
        }
    }

    private static @Nullable Condition nonStructural(Document definition) {
        List<String> findings = new ArrayList<>();
        if (definition.flag("spec.preserveUnknownFields")) {
            findings.add("spec.preserveUnknownFields: Invalid value: true: must be false");
        }
        List<JsonNode> versions = definition.items("spec.versions");
        for (int i = 0; i < versions.size(); i++) {
            if (versions.get(i).path("schema").path("openAPIV3Schema") instanceof ObjectNode schema) {
                Optional<String> unsupported = StructuralRules.unsupported(schema);
                if (unsupported.isPresent()) {
                    return new Condition(
                            NON_STRUCTURAL,
                            "Unknown",
                            "StructuralError",
                            "failed to check validation schema for version %s: %s"
                                    .formatted(versions.get(i).path("name").asString(""), unsupported.get()));
                }
                StructuralRules.check("spec.versions[%d].schema.openAPIV3Schema".formatted(i), JsonSchema.of(schema))
                        .stream()
                        .map(FieldError::toString)
                        .forEach(findings::add);
            }
        }
        return findings.isEmpty()
                ? null
                : new Condition(NON_STRUCTURAL, "True", "Violations", GoErrors.aggregate(findings));
    }

    /** Whether a group belongs to the Kubernetes community. */
    public static boolean isCommunityGroup(String group) {
        return COMMUNITY_GROUP.matcher(group).matches();
    }

    /** What the annotation of a community group's definition says. */
    public static Approval approvalOf(@Nullable String annotation) {
        if (annotation == null || annotation.isEmpty()) {
            return Approval.MISSING;
        }
        if (annotation.startsWith("unapproved")) {
            return Approval.BYPASSED;
        }
        try {
            URI uri = new URI(annotation);
            return uri.isAbsolute() && uri.getHost() != null ? Approval.APPROVED : Approval.INVALID;
        } catch (URISyntaxException e) {
            return Approval.INVALID;
        }
    }

    /** Upstream's words about an approval. */
    public static String explain(Approval approval, @Nullable String annotation) {
        String must = "protected groups must have approval annotation \"%s\"".formatted(APPROVED_ANNOTATION);
        return switch (approval) {
            case MISSING -> must + ", see https://github.com/kubernetes/enhancements/pull/1111";
            case BYPASSED -> "not approved: \"%s\"".formatted(annotation);
            case APPROVED -> "approved in " + annotation;
            case INVALID ->
                must
                        + " with either a URL or a reason starting with \"unapproved\", see"
                        + " https://github.com/kubernetes/enhancements/pull/1111";
        };
    }

    private static void approval(Document definition, Instant now) {
        if (!isCommunityGroup(definition.text("spec.group"))) {
            return;
        }
        String annotation = definition.annotation(APPROVED_ANNOTATION);
        Approval approval = approvalOf(annotation);
        set(
                definition,
                new Condition(
                        API_APPROVAL,
                        approval == Approval.APPROVED ? "True" : "False",
                        switch (approval) {
                            case APPROVED -> "ApprovedAnnotation";
                            case BYPASSED -> "UnapprovedAnnotation";
                            case MISSING -> "MissingAnnotation";
                            case INVALID -> "InvalidAnnotation";
                        },
                        explain(approval, annotation)),
                now);
    }
}
