package io.quarterdeck.api.authz;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Who is asked beyond the built-in authorizers.
 *
 * @param configFile an AuthorizationConfiguration, which names all authorizers and their order; it stands instead of the others
 * @param webhookConfigFile a kubeconfig file that names a server for SubjectAccessReviews, asked after Node and RBAC
 * @param webhookVersion of the SubjectAccessReviews: v1 or v1beta1
 * @param webhookTimeout how long it may take
 * @param webhookKeepAllowed how long its consent counts
 * @param webhookKeepDenied how long its refusal counts
 */
@ConfigurationProperties("quarterdeck.api.authorization")
public record AuthorizationProperties(
        @Nullable Path configFile,
        @Nullable Path webhookConfigFile,
        @DefaultValue("v1beta1") String webhookVersion,
        @DefaultValue("30s") Duration webhookTimeout,
        @DefaultValue("5m") Duration webhookKeepAllowed,
        @DefaultValue("30s") Duration webhookKeepDenied) {}
