package io.quarterdeck.api.authz;

import io.quarterdeck.api.bootstrap.DefaultRoles;
import io.quarterdeck.api.cache.WatchCache;
import java.util.List;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The authorizers and their order: masters, Node, RBAC. */
@Configuration(proxyBeanMethods = false)
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
    AuthorizerChain authorizerChain(NodeAuthorizer node, RbacAuthorizer rbac) {
        return new AuthorizerChain(List.of(new MastersAuthorizer(), node, rbac));
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
