package io.quarterdeck.api.authz;

import io.quarterdeck.api.bootstrap.DefaultRoles;
import io.quarterdeck.api.cache.WatchCache;
import io.quarterdeck.api.callout.KubeconfigWebhook;
import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The authorizers and their order: masters, Node, RBAC, then a webhook. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(AuthorizationProperties.class)
class AuthorizationConfiguration {

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
        List<Authorizer> inOrder = new ArrayList<>(List.of(new MastersAuthorizer(), node, rbac));
        if (properties.webhookConfigFile() != null) {
            inOrder.add(new WebhookAuthorizer(
                    KubeconfigWebhook.read(properties.webhookConfigFile(), properties.webhookTimeout()),
                    properties.webhookKeepAllowed(),
                    properties.webhookKeepDenied()));
        }
        return new AuthorizerChain(inOrder);
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
