package io.quarterdeck.api.authn;

import io.quarterdeck.api.cache.CachedObjects;
import io.quarterdeck.api.callout.KubeconfigWebhook;
import io.quarterdeck.api.settings.FileBacked;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Builds the authenticators that the properties ask for. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({AuthenticationProperties.class, PkiDirectory.class})
class AuthenticationConfiguration {

    private static final String CONFIGURATION = "The authentication configuration";
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
            keys = serviceAccountKeys(keyFile, verifying);
        }
        return new ServiceAccountTokens(
                keys, properties.serviceAccountIssuer(), properties.audiences(), objects, InstantSource.system());
    }

    /**
     * The former signing key goes on verifying until the files name it no more.
     *
     * @param verifying public keys, several in a file as need be; files that are not there hold none
     */
    private static Supplier<ServiceAccountKeys> serviceAccountKeys(Path signing, List<Path> verifying) {
        List<Path> files = new ArrayList<>(verifying);
        files.add(signing);
        return new FileBacked<>(
                "The keys of service-account tokens",
                files,
                () -> ServiceAccountKeys.read(
                        signing, verifying.stream().filter(Files::exists).toList()),
                InstantSource.system());
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
        List<TokenVerifier> before = new ArrayList<>();
        if (properties.tokenAuthFile() != null) {
            before.add(TokenFile.read(properties.tokenAuthFile()));
        }
        before.add(serviceAccounts);
        before.add(new BootstrapTokens(objects, InstantSource.system()));
        List<TokenVerifier> after = new ArrayList<>();
        if (properties.webhookConfigFile() != null) {
            after.add(new WebhookTokens(
                    KubeconfigWebhook.read(properties.webhookConfigFile(), properties.webhookTimeout()),
                    properties.webhookVersion(),
                    properties.audiences(),
                    properties.webhookCacheTtl()));
        }
        Path file = properties.configFile();
        if (file == null) {
            before.addAll(after);
            return new TokenVerifiers(before, properties.audiences());
        }
        Set<String> otherIssuers = Set.of(properties.serviceAccountIssuer());
        return new TokenVerifiers(
                new FileBacked<>(
                        CONFIGURATION,
                        List.of(file),
                        () -> Stream.of(before, OidcIssuer.read(file, otherIssuers, InstantSource.system()), after)
                                .flatMap(List::stream)
                                .toList(),
                        InstantSource.system()),
                properties.audiences());
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
        Path file = properties.configFile();
        AnonymousRule rule = new AnonymousRule(properties.anonymous(), List.of());
        return new Authenticators(
                inOrder,
                file == null
                        ? () -> rule
                        : new FileBacked<>(
                                CONFIGURATION,
                                List.of(file),
                                () -> AnonymousRule.read(
                                        file, Set.of(properties.serviceAccountIssuer()), properties.anonymous()),
                                clock));
    }
}
