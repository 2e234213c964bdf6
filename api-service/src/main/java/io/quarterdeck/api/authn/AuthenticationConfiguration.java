package io.quarterdeck.api.authn;

import io.quarterdeck.api.cache.CachedObjects;
import io.quarterdeck.api.callout.KubeconfigWebhook;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Builds the authenticators that the properties ask for. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({AuthenticationProperties.class, PkiDirectory.class})
class AuthenticationConfiguration {

    private static final Logger LOG = LoggerFactory.getLogger(AuthenticationConfiguration.class);

    @Bean
    ServiceAccountTokens serviceAccountTokens(
            AuthenticationProperties properties, PkiDirectory pki, CachedObjects objects) {
        Supplier<ServiceAccountKeys> keys;
        Path keyFile = pki.or(properties.serviceAccountKeyFile(), "sa.key");
        if (keyFile == null) {
            LOG.warn("No quarterdeck.api.authentication.service-account-key-file: tokens end with this process");
            ServiceAccountKeys ownForNow = ServiceAccountKeys.of(throwAwayKey());
            keys = () -> ownForNow;
        } else {
            List<Path> verifying = new ArrayList<>(properties.serviceAccountVerificationKeyFiles());
            Path kept = pki.or(null, "sa.pub");
            if (verifying.isEmpty() && kept != null) {
                verifying.add(kept);
            }
            keys = new ServiceAccountKeyFiles(keyFile, verifying, InstantSource.system());
        }
        return new ServiceAccountTokens(
                keys, properties.serviceAccountIssuer(), properties.audiences(), objects, InstantSource.system());
    }

    private static KeyPair throwAwayKey() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            return generator.generateKeyPair();
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("RSA is part of every Java runtime", impossible);
        }
    }

    @Bean
    TokenVerifiers tokenVerifiers(
            AuthenticationProperties properties, ServiceAccountTokens serviceAccounts, CachedObjects objects) {
        List<TokenVerifier> verifiers = new ArrayList<>();
        if (properties.tokenAuthFile() != null) {
            verifiers.add(TokenFile.read(properties.tokenAuthFile()));
        }
        verifiers.add(serviceAccounts);
        verifiers.add(new BootstrapTokens(objects, InstantSource.system()));
        if (properties.configFile() != null) {
            verifiers.addAll(OidcIssuer.read(
                    properties.configFile(), Set.of(properties.serviceAccountIssuer()), InstantSource.system()));
        }
        if (properties.webhookConfigFile() != null) {
            verifiers.add(new WebhookTokens(
                    KubeconfigWebhook.read(properties.webhookConfigFile(), properties.webhookTimeout()),
                    properties.webhookVersion(),
                    properties.audiences(),
                    properties.webhookCacheTtl()));
        }
        return new TokenVerifiers(verifiers, properties.audiences());
    }

    @Bean
    Authenticators authenticators(AuthenticationProperties properties, PkiDirectory pki, TokenVerifiers tokens) {
        InstantSource clock = InstantSource.system();
        List<Authenticator> inOrder = new ArrayList<>();
        Path requestHeaderCa = pki.or(properties.requestHeaderCaFile(), "front-proxy-ca.crt");
        if (requestHeaderCa != null) {
            inOrder.add(new RequestHeaderAuthenticator(
                    new CertificateBundle(requestHeaderCa, clock), properties.requestHeaderAllowedNames(), clock));
        }
        Path clientCa = pki.or(properties.clientCaFile(), "ca.crt");
        if (clientCa != null) {
            inOrder.add(new X509Authenticator(new CertificateBundle(clientCa, clock), clock));
        }
        inOrder.add(new TokenAuthenticator(tokens, properties.audiences()));
        return new Authenticators(
                inOrder,
                properties.configFile() == null
                        ? new AnonymousRule(properties.anonymous(), List.of())
                        : AnonymousRule.read(properties.configFile(), properties.anonymous()));
    }
}
