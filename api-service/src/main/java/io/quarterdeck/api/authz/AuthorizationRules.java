package io.quarterdeck.api.authz;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.schema.GoDuration;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Values;
import io.quarterdeck.cel.CelCompilationException;
import io.quarterdeck.cel.CelProgram;
import io.quarterdeck.model.FieldError;
import io.quarterdeck.model.Formats;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What an AuthorizationConfiguration has to say, with findings in upstream's words. Pure.
 *
 * <p>Source: API apiserver.config.k8s.io/v1, AuthorizationConfiguration.
 */
final class AuthorizationRules {

    static final String WEBHOOK = "Webhook";

    private static final Set<String> TYPES =
            new TreeSet<>(Set.of("ABAC", "AlwaysAllow", "AlwaysDeny", "Node", "RBAC", WEBHOOK));
    private static final Duration LONGEST = Duration.ofSeconds(30);
    private static final int MOST_CONDITIONS = 64;

    private AuthorizationRules() {}

    /** @param kubeconfigProblem what is wrong with a file of that path; empty when it can be read */
    static List<FieldError> check(ObjectNode configuration, UnaryOperator<String> kubeconfigProblem) {
        List<FieldError> findings = new ArrayList<>();
        Field authorizers =
                Field.root(new Document(configuration), null, findings).at("authorizers");
        if (authorizers.items().isEmpty()) {
            authorizers.required("at least one authorization mode must be defined");
        }
        Set<String> types = new HashSet<>();
        Set<String> names = new HashSet<>();
        for (Field authorizer : authorizers.items()) {
            Field type = authorizer.at("type");
            if (type.empty()) {
                type.required();
            } else if (!TYPES.contains(type.text())) {
                type.unsupported(TYPES);
            } else if (!types.add(type.text()) && !type.is(WEBHOOK)) {
                type.duplicateValue(type.text());
            } else {
                authorizer(authorizer, names, kubeconfigProblem);
            }
        }
        return findings;
    }

    private static void authorizer(Field authorizer, Set<String> names, UnaryOperator<String> kubeconfigProblem) {
        Field name = authorizer.at("name");
        if (name.empty()) {
            name.required();
        } else if (names.contains(name.text())) {
            name.duplicateValue(name.text());
        } else {
            List<String> problems = Formats.subdomain(name.text());
            if (!problems.isEmpty()) {
                name.invalid("authorizer name is invalid: " + String.join(", ", problems));
            }
        }
        names.add(name.text());
        Field webhook = authorizer.at("webhook");
        if (!authorizer.at("type").is(WEBHOOK)) {
            if (webhook.present()) {
                webhook.invalidValue("non-null", "may only be specified when type=Webhook");
            }
        } else if (!webhook.present()) {
            webhook.required("required when type=Webhook");
        } else {
            // Upstream leaves the webhook itself out of the paths.
            webhook(webhook.as(authorizer.path()), kubeconfigProblem);
        }
    }

    private static void webhook(Field webhook, UnaryOperator<String> kubeconfigProblem) {
        Field timeout = webhook.at("timeout");
        Duration limit = duration(timeout);
        if (limit.isZero()) {
            timeout.required();
        } else if (limit.isNegative() || limit.compareTo(LONGEST) > 0) {
            timeout.invalid("must be > 0s and <= 30s");
        }
        for (String name : List.of("authorizedTTL", "unauthorizedTTL")) {
            if (duration(webhook.at(name)).isNegative()) {
                webhook.at(name).invalid("must be > 0s");
            }
        }
        oneOf(webhook.at("subjectAccessReviewVersion"), List.of("v1", "v1beta1"));
        Field conditions = webhook.at("matchConditions");
        Field version = webhook.at("matchConditionSubjectAccessReviewVersion");
        if (!version.empty()) {
            oneOf(version, List.of("v1"));
        } else if (!conditions.items().isEmpty()) {
            version.required("required if match conditions are specified");
        }
        oneOf(webhook.at("failurePolicy"), List.of("NoOpinion", "Deny"));
        connection(webhook.at("connectionInfo"), kubeconfigProblem);
        conditions(conditions);
    }

    private static void oneOf(Field field, List<String> values) {
        if (field.empty()) {
            field.required();
        } else if (!values.contains(field.text())) {
            field.unsupported(values);
        }
    }

    private static void connection(Field connection, UnaryOperator<String> kubeconfigProblem) {
        Field file = connection.at("kubeConfigFile");
        Field type = connection.at("type");
        if (type.is("InClusterConfig")) {
            if (file.present()) {
                file.invalid("can only be set when type=KubeConfigFile");
                return;
            }
            // Upstream's validation lets it pass, and then the server does not start.
            type.invalid("this server is not reached from within a cluster: name a kubeconfig file");
            return;
        }
        if (type.empty()) {
            type.required();
        } else if (!type.is("KubeConfigFile")) {
            Values.Raw shown = new Values.Raw("{\"Type\":%s,\"KubeConfigFile\":%s}"
                    .formatted(
                            Values.jsonString(type.text()), file.present() ? Values.jsonString(file.text()) : "null"));
            type.unsupportedValue(shown, List.of("InClusterConfig", "KubeConfigFile"));
        } else if (file.empty()) {
            file.required();
        } else if (!file.text().startsWith("/")) {
            file.invalid("must be an absolute path");
        } else {
            String problem = kubeconfigProblem.apply(file.text());
            if (!problem.isEmpty()) {
                file.invalid(problem);
            }
        }
    }

    private static void conditions(Field conditions) {
        List<Field> items = conditions.items();
        if (items.size() > MOST_CONDITIONS) {
            conditions.tooMany(items.size(), MOST_CONDITIONS);
            return;
        }
        Set<String> seen = new HashSet<>();
        for (Field condition : items) {
            Field expression = condition.at("expression");
            if (expression.text().isBlank()) {
                expression.required();
            } else if (!seen.add(expression.text())) {
                expression.duplicateValue(expression.text());
            } else {
                try {
                    CelProgram program = ReviewConditions.compile(expression.text());
                    if (!program.typeName().equals("bool")) {
                        expression.invalid("must evaluate to bool but got " + program.typeName());
                    }
                } catch (CelCompilationException unclear) {
                    expression.invalid(String.valueOf(unclear.getMessage()));
                }
            }
        }
    }

    /** What is called otherwise than upstream calls the authorizers of which there is one each. */
    static List<String> misnamed(ObjectNode configuration) {
        List<String> problems = new ArrayList<>();
        for (JsonNode authorizer : configuration.path("authorizers")) {
            String type = authorizer.path("type").asString("");
            String name = authorizer.path("name").asString("");
            if (!type.equals(WEBHOOK) && !name.equals(type.toLowerCase(Locale.ROOT))) {
                problems.add("expected name %s for authorizer %s instead of %s"
                        .formatted(type.toLowerCase(Locale.ROOT), type, name));
            }
        }
        return problems;
    }

    private static Duration duration(Field field) {
        return field.empty() ? Duration.ZERO : GoDuration.parse(field.text());
    }
}
