package io.quarterdeck.api.authz;

import io.quarterdeck.api.schema.GoShape;
import io.quarterdeck.api.settings.ConfigurationFile;
import io.quarterdeck.model.FieldError;
import io.quarterdeck.model.GoErrors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads an AuthorizationConfiguration; what is wrong with it is told in upstream's words.
 *
 * <p>Source: Kubernetes documentation, "Using Authorization Configuration"; API apiserver.config.k8s.io/v1.
 */
final class AuthorizationFile {

    private static final Set<String> VERSIONS =
            Set.of("apiserver.config.k8s.io/v1", "apiserver.config.k8s.io/v1beta1", "apiserver.config.k8s.io/v1alpha1");

    private AuthorizationFile() {}

    /** @throws IllegalArgumentException for a file that cannot be meant */
    static ObjectNode read(Path file) {
        ObjectNode configuration = ConfigurationFile.read(file, "AuthorizationConfiguration", VERSIONS);
        String problem = problem(configuration);
        if (!problem.isEmpty()) {
            throw new IllegalArgumentException("failed to load AuthorizationConfiguration from file: " + problem);
        }
        requireNone(AuthorizationRules.check(configuration, AuthorizationFile::kubeconfigProblem).stream()
                .map(FieldError::toString)
                .toList());
        requireNone(AuthorizationRules.misnamed(configuration));
        return configuration;
    }

    private static void requireNone(List<String> problems) {
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(GoErrors.aggregate(problems));
        }
    }

    private static String kubeconfigProblem(String path) {
        Path file = Path.of(path);
        if (!Files.exists(file)) {
            return "error loading file: stat %s: no such file or directory".formatted(path);
        }
        return Files.isRegularFile(file) ? "" : "must be a regular file";
    }

    static String problem(ObjectNode configuration) {
        String apiVersion = configuration.path("apiVersion").asString("");
        return shape(apiVersion.substring(apiVersion.lastIndexOf('/') + 1) + ".")
                .problem(configuration);
    }

    private static GoShape shape(String version) {
        GoShape webhook = GoShape.struct(
                version + "WebhookConfiguration",
                Map.of(
                        "authorizedTTL", GoShape.DURATION,
                        "cacheAuthorizedRequests", GoShape.FLAG,
                        "unauthorizedTTL", GoShape.DURATION,
                        "cacheUnauthorizedRequests", GoShape.FLAG,
                        "timeout", GoShape.DURATION,
                        "subjectAccessReviewVersion", GoShape.TEXT,
                        "matchConditionSubjectAccessReviewVersion", GoShape.TEXT,
                        "failurePolicy", GoShape.TEXT,
                        "connectionInfo",
                                GoShape.struct(
                                        version + "WebhookConnectionInfo",
                                        Map.of("type", GoShape.TEXT, "kubeConfigFile", GoShape.TEXT)),
                        "matchConditions",
                                GoShape.list(GoShape.struct(
                                        version + "WebhookMatchCondition", Map.of("expression", GoShape.TEXT)))));
        GoShape authorizer = GoShape.struct(
                version + "AuthorizerConfiguration",
                Map.of("type", GoShape.TEXT, "name", GoShape.TEXT, "webhook", webhook));
        return GoShape.struct(
                version + "AuthorizationConfiguration",
                Map.of("apiVersion", GoShape.TEXT, "kind", GoShape.TEXT, "authorizers", GoShape.list(authorizer)));
    }
}
