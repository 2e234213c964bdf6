package io.quarterdeck.api.authn;

import io.quarterdeck.api.schema.GoShape;
import io.quarterdeck.api.settings.ConfigurationFile;
import io.quarterdeck.model.FieldError;
import io.quarterdeck.model.GoErrors;
import io.quarterdeck.model.GoQuote;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads an AuthenticationConfiguration: what is of another type than its field, and fields that nobody reads, are refused
 * in upstream's words.
 *
 * <p>Source: API apiserver.config.k8s.io/v1, AuthenticationConfiguration.
 */
final class AuthenticationFile {

    private static final Set<String> VERSIONS =
            Set.of("apiserver.config.k8s.io/v1", "apiserver.config.k8s.io/v1beta1", "apiserver.config.k8s.io/v1alpha1");

    private AuthenticationFile() {}

    /**
     * All who read it take over a change, or none does: what is judged here is not judged by each of them.
     *
     * @param disallowedIssuers whose tokens somebody else judges
     * @throws IllegalArgumentException for a file that cannot be meant, with all that is wrong
     */
    static ObjectNode read(Path file, Set<String> disallowedIssuers) {
        ObjectNode configuration = ConfigurationFile.read(file, "AuthenticationConfiguration", VERSIONS);
        String problem = problem(configuration);
        if (!problem.isEmpty()) {
            throw new IllegalArgumentException("failed to load authentication configuration from file %s: %s"
                    .formatted(GoQuote.quote(file.toString()), problem));
        }
        List<FieldError> findings = AuthenticationRules.check(configuration, disallowedIssuers);
        if (!findings.isEmpty()) {
            throw new IllegalArgumentException("invalid authentication configuration: "
                    + GoErrors.aggregate(
                            findings.stream().map(FieldError::toString).toList()));
        }
        return configuration;
    }

    static String problem(ObjectNode configuration) {
        String apiVersion = configuration.path("apiVersion").asString("");
        return shape(apiVersion.substring(apiVersion.lastIndexOf('/') + 1) + ".")
                .problem(configuration);
    }

    private static GoShape shape(String version) {
        GoShape prefixed = GoShape.struct(
                version + "PrefixedClaimOrExpression",
                Map.of("claim", GoShape.TEXT, "prefix", GoShape.TEXT, "expression", GoShape.TEXT));
        GoShape mappings = GoShape.struct(
                version + "ClaimMappings",
                Map.of(
                        "username",
                        prefixed,
                        "groups",
                        prefixed,
                        "uid",
                        GoShape.struct(
                                version + "ClaimOrExpression",
                                Map.of("claim", GoShape.TEXT, "expression", GoShape.TEXT)),
                        "extra",
                        GoShape.list(GoShape.struct(
                                version + "ExtraMapping",
                                Map.of("key", GoShape.TEXT, "valueExpression", GoShape.TEXT)))));
        GoShape issuer = GoShape.struct(
                version + "Issuer",
                Map.of(
                        "url",
                        GoShape.TEXT,
                        "discoveryURL",
                        GoShape.TEXT,
                        "certificateAuthority",
                        GoShape.TEXT,
                        "audiences",
                        GoShape.list(GoShape.TEXT),
                        "audienceMatchPolicy",
                        GoShape.text(version + "AudienceMatchPolicyType"),
                        "egressSelectorType",
                        GoShape.text(version + "EgressSelectorType")));
        GoShape claimRule = GoShape.struct(
                version + "ClaimValidationRule",
                Map.of(
                        "claim",
                        GoShape.TEXT,
                        "requiredValue",
                        GoShape.TEXT,
                        "expression",
                        GoShape.TEXT,
                        "message",
                        GoShape.TEXT));
        GoShape userRule = GoShape.struct(
                version + "UserValidationRule", Map.of("expression", GoShape.TEXT, "message", GoShape.TEXT));
        GoShape authenticator = GoShape.struct(
                version + "JWTAuthenticator",
                Map.of(
                        "issuer",
                        issuer,
                        "claimValidationRules",
                        GoShape.list(claimRule),
                        "claimMappings",
                        mappings,
                        "userValidationRules",
                        GoShape.list(userRule)));
        GoShape anonymous = GoShape.struct(
                version + "AnonymousAuthConfig",
                Map.of(
                        "enabled",
                        GoShape.FLAG,
                        "conditions",
                        GoShape.list(
                                GoShape.struct(version + "AnonymousAuthCondition", Map.of("path", GoShape.TEXT)))));
        return GoShape.struct(
                version + "AuthenticationConfiguration",
                Map.of(
                        "apiVersion",
                        GoShape.TEXT,
                        "kind",
                        GoShape.TEXT,
                        "jwt",
                        GoShape.list(authenticator),
                        "anonymous",
                        anonymous));
    }
}
