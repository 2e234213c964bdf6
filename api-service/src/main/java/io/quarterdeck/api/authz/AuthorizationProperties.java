package io.quarterdeck.api.authz;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Who is asked beyond the built-in authorizers.
 *
 * @param webhookConfigFile a kubeconfig file that names a server for SubjectAccessReviews, asked after Node and RBAC
 * @param webhookTimeout how long it may take
 * @param webhookKeepAllowed how long its consent counts
 * @param webhookKeepDenied how long its refusal counts
 */
@ConfigurationProperties("quarterdeck.api.authorization")
public record AuthorizationProperties(
        @Nullable Path webhookConfigFile,
        @DefaultValue("3s") Duration webhookTimeout,
        @DefaultValue("5m") Duration webhookKeepAllowed,
        @DefaultValue("30s") Duration webhookKeepDenied) {}
