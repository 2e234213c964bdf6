package io.quarterdeck.api.authz;

import io.quarterdeck.api.bootstrap.DefaultRoles;
import io.quarterdeck.api.cache.WatchCache;
import io.quarterdeck.api.callout.KubeconfigWebhook;
import io.quarterdeck.api.schema.GoDuration;
import io.quarterdeck.api.settings.FileBacked;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import tools.jackson.databind.JsonNode;

/** The authorizers and their order: masters, then Node, RBAC and a webhook, or what a file names. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(AuthorizationProperties.class)
class AuthorizationConfiguration {

    private static final Duration ALLOWED_KEPT = Duration.ofMinutes(5);
    private static final Duration DENIED_KEPT = Duration.ofSeconds(30);

    @Bean
    RbacAuthorizer rbacAuthorizer(WatchCache cache) {
        return new RbacAuthorizer(cache);
    }

    @Bean
    NodeAuthorizer nodeAuthorizer(WatchCache cache) {
        return new NodeAuthorizer(cache, PolicyRule.of(DefaultRoles.clusterRole("system:node")));
    }

    @Bean
    AuthorizerChain authorizerChain(NodeAuthorizer node, RbacAuthorizer rbac, AuthorizationProperties properties) {
        Path file = properties.configFile();
        if (file != null) {
            if (properties.webhookConfigFile() != null) {
                throw new IllegalArgumentException(
                        "quarterdeck.api.authorization: config-file cannot be set beside webhook-config-file");
            }
            return new AuthorizerChain(new FileBacked<>(
                    "The authorization configuration",
                    List.of(file),
                    () -> authorizers(file, node, rbac),
                    InstantSource.system()));
        }
        List<Authorizer> inOrder = new ArrayList<>(List.of(new MastersAuthorizer(), node, rbac));
        if (properties.webhookConfigFile() != null) {
            inOrder.add(new WebhookAuthorizer(
                    KubeconfigWebhook.read(properties.webhookConfigFile(), properties.webhookTimeout()),
                    new WebhookAuthorizer.Terms(
                            properties.webhookVersion(),
                            properties.webhookKeepAllowed(),
                            properties.webhookKeepDenied(),
                            ReviewConditions.of(List.of()),
                            false)));
        }
        return new AuthorizerChain(inOrder);
    }

    private static List<Authorizer> authorizers(Path file, NodeAuthorizer node, RbacAuthorizer rbac) {
        List<Authorizer> inOrder = new ArrayList<>(List.of(new MastersAuthorizer()));
        AuthorizationFile.read(file)
                .path("authorizers")
                .forEach(configured -> inOrder.add(authorizer(configured, node, rbac)));
        return inOrder;
    }

    private static Authorizer authorizer(JsonNode configured, NodeAuthorizer node, RbacAuthorizer rbac) {
        String type = configured.path("type").asString("");
        return switch (type) {
            case "Node" -> node;
            case "RBAC" -> rbac;
            case "AlwaysAllow" -> new AlwaysAllowAuthorizer();
            case "AlwaysDeny" -> request -> new Decision.NoOpinion("Everything is forbidden.");
            case AuthorizationRules.WEBHOOK -> webhook(configured.path("webhook"));
            default ->
                throw new IllegalArgumentException(
                        "authorizer type %s is not allowed if it was not enabled at initial server startup"
                                .formatted(type));
        };
    }

    private static Authorizer webhook(JsonNode webhook) {
        List<String> conditions = new ArrayList<>();
        webhook.path("matchConditions")
                .forEach(
                        condition -> conditions.add(condition.path("expression").asString("")));
        return new WebhookAuthorizer(
                KubeconfigWebhook.read(
                        Path.of(webhook.at("/connectionInfo/kubeConfigFile").asString("")),
                        duration(webhook, "timeout", Duration.ZERO)),
                new WebhookAuthorizer.Terms(
                        webhook.path("subjectAccessReviewVersion").asString(""),
                        webhook.path("cacheAuthorizedRequests").asBoolean(true)
                                ? duration(webhook, "authorizedTTL", ALLOWED_KEPT)
                                : Duration.ZERO,
                        webhook.path("cacheUnauthorizedRequests").asBoolean(true)
                                ? duration(webhook, "unauthorizedTTL", DENIED_KEPT)
                                : Duration.ZERO,
                        ReviewConditions.of(conditions),
                        webhook.path("failurePolicy").asString("").equals("Deny")));
    }

    private static Duration duration(JsonNode webhook, String field, Duration otherwise) {
        String text = webhook.path(field).asString("");
        Duration duration = text.isEmpty() ? Duration.ZERO : GoDuration.parse(text);
        return duration.isZero() ? otherwise : duration;
    }

    @Bean
    Impersonation impersonation(AuthorizerChain authorizer) {
        return new Impersonation(authorizer);
    }

    @Bean
    Escalation escalation(AuthorizerChain authorizer, RbacAuthorizer rbac) {
        return new Escalation(authorizer, rbac);
    }
}
