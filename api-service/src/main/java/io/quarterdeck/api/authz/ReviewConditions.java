package io.quarterdeck.api.authz;

import io.quarterdeck.cel.Activation;
import io.quarterdeck.cel.CelCompilationException;
import io.quarterdeck.cel.CelEnvironment;
import io.quarterdeck.cel.CelEvaluationException;
import io.quarterdeck.cel.CelProgram;
import io.quarterdeck.cel.CelValues;
import io.quarterdeck.cel.CostBudget;
import io.quarterdeck.cel.DeclType;
import io.quarterdeck.model.GoErrors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/**
 * Which requests an authorization webhook is asked about: expressions over a SubjectAccessReview's spec, all of which have to
 * hold. Immutable, thread-safe.
 *
 * <p>Source: KEP-3221, "Structured Authorization Configuration".
 */
final class ReviewConditions {

    private static final List<String> ATTRIBUTES =
            List.of("namespace", "verb", "group", "version", "resource", "subresource", "name");
    private static final DeclType TEXTS = DeclType.listOf(DeclType.STRING);
    private static final CelEnvironment ENVIRONMENT = CelEnvironment.of(Map.of("request", request()));

    private final List<CelProgram> conditions;

    private ReviewConditions(List<CelProgram> conditions) {
        this.conditions = List.copyOf(conditions);
    }

    /** It cannot be said whether all hold. */
    static final class UndecidedException extends Exception {
        UndecidedException(String message) {
            super(message, null, false, false);
        }
    }

    /** @throws IllegalArgumentException for one that {@link AuthorizationRules} would refuse */
    static ReviewConditions of(List<String> expressions) {
        List<CelProgram> compiled = new ArrayList<>();
        for (String expression : expressions) {
            try {
                compiled.add(compile(expression));
            } catch (CelCompilationException unclear) {
                throw new IllegalArgumentException(String.valueOf(unclear.getMessage()), unclear);
            }
        }
        return new ReviewConditions(compiled);
    }

    static CelProgram compile(String expression) throws CelCompilationException {
        return ENVIRONMENT.compile(expression);
    }

    private static DeclType request() {
        DeclType requirement = object(
                "SelectorRequirement", Map.of("key", DeclType.STRING, "operator", DeclType.STRING, "values", TEXTS));
        Map<String, DeclType> selector =
                Map.of("rawSelector", DeclType.STRING, "requirements", DeclType.listOf(requirement));
        Map<String, DeclType> resource = new LinkedHashMap<>();
        ATTRIBUTES.forEach(attribute -> resource.put(attribute, DeclType.STRING));
        resource.put("fieldSelector", object("FieldSelectorAttributes", selector));
        resource.put("labelSelector", object("LabelSelectorAttributes", selector));
        return object(
                "SubjectAccessReviewSpec",
                Map.of(
                        "resourceAttributes",
                        object("ResourceAttributes", resource),
                        "nonResourceAttributes",
                        object("NonResourceAttributes", Map.of("path", DeclType.STRING, "verb", DeclType.STRING)),
                        "user",
                        DeclType.STRING,
                        "groups",
                        TEXTS,
                        "extra",
                        DeclType.mapOf(TEXTS),
                        "uid",
                        DeclType.STRING));
    }

    private static DeclType object(String name, Map<String, DeclType> types) {
        Map<String, DeclType.DeclField> fields = new LinkedHashMap<>();
        types.forEach((field, type) -> fields.put(field, DeclType.field(field, type)));
        return new DeclType.ObjectOf("kubernetes." + name, fields);
    }

    /** @throws UndecidedException when an expression fails and none says no */
    boolean hold(AccessRequest request) throws UndecidedException {
        if (conditions.isEmpty()) {
            return true;
        }
        Activation values = Activation.of(Map.of("request", CelValues.of(whole(request))));
        List<String> failures = new ArrayList<>();
        for (CelProgram condition : conditions) {
            try {
                if (!Boolean.TRUE.equals(condition.evaluate(values, new CostBudget(CostBudget.PER_REQUEST)))) {
                    return false;
                }
            } catch (CelEvaluationException failed) {
                failures.add("cel evaluation error: expression '%s' resulted in error: %s"
                        .formatted(condition.expression(), failed.getMessage()));
            }
        }
        if (!failures.isEmpty()) {
            throw new UndecidedException(GoErrors.aggregate(failures));
        }
        return true;
    }

    /** Expressions see what a review leaves out when it is empty. */
    private static ObjectNode whole(AccessRequest request) {
        ObjectNode spec = WebhookAuthorizer.spec(request, "groups");
        spec.put("user", request.user().name()).put("uid", request.user().uid());
        spec.withArray("groups");
        spec.withObject("extra");
        if (spec.get("resourceAttributes") instanceof ObjectNode attributes) {
            ATTRIBUTES.stream().filter(name -> !attributes.has(name)).forEach(name -> attributes.put(name, ""));
        }
        return spec;
    }
}
