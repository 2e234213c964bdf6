package io.quarterdeck.api.authn;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How callers are identified. File contents are read anew when they change, the token file excepted.
 *
 * @param clientCaFile authorities whose client certificates are believed; without it none are
 * @param tokenAuthFile static tokens, lines of {@code token,user,uid,"group1,group2"}; read at start
 * @param anonymous whether requests without credentials are let through as system:anonymous
 * @param serviceAccountKeyFile the private key that signs service-account tokens
 * @param serviceAccountVerificationKeyFiles further keys whose tokens are believed, for rotation
 * @param serviceAccountIssuer the tokens' issuer and default audience
 * @param apiAudiences audiences that are this API; the issuer when empty
 * @param serviceAccountMaxLifetime the longest life a token request can get
 * @param requestHeaderCaFile authority of front proxies, whose word about the user is taken
 * @param requestHeaderAllowedNames common names of those proxies; any when empty
 * @param configFile an AuthenticationConfiguration: OpenID Connect issuers, and for which paths anonymous is let through
 * @param webhookConfigFile a kubeconfig file that names a server for TokenReviews
 * @param webhookVersion of the TokenReviews: v1 or v1beta1
 * @param webhookTimeout how long it may take
 * @param webhookCacheTtl how long its answers count
 */
@ConfigurationProperties("quarterdeck.api.authentication")
public record AuthenticationProperties(
        @Nullable Path clientCaFile,
        @Nullable Path tokenAuthFile,
        @DefaultValue("true") boolean anonymous,
        @Nullable Path serviceAccountKeyFile,
        @DefaultValue List<Path> serviceAccountVerificationKeyFiles,

        @DefaultValue("https://kubernetes.default.svc.cluster.local")
        String serviceAccountIssuer,

        @DefaultValue List<String> apiAudiences,
        @DefaultValue("365d") Duration serviceAccountMaxLifetime,
        @Nullable Path requestHeaderCaFile,
        @DefaultValue("front-proxy-client") List<String> requestHeaderAllowedNames,
        @Nullable Path configFile,
        @Nullable Path webhookConfigFile,
        @DefaultValue("v1beta1") String webhookVersion,
        @DefaultValue("30s") Duration webhookTimeout,
        @DefaultValue("2m") Duration webhookCacheTtl) {

    /** The audiences under which this API accepts tokens. */
    public List<String> audiences() {
        return apiAudiences.isEmpty() ? List.of(serviceAccountIssuer) : apiAudiences;
    }
}
