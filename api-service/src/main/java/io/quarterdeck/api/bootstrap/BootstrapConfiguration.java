package io.quarterdeck.api.bootstrap;

import io.quarterdeck.api.authn.AuthenticationProperties;
import io.quarterdeck.api.authn.PkiDirectory;
import io.quarterdeck.api.cache.WatchCache;
import io.quarterdeck.api.discovery.HealthCheck;
import io.quarterdeck.api.patch.FieldOwnership;
import io.quarterdeck.api.registry.ResourceCatalog;
import io.quarterdeck.api.registry.WritePath;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** Looks after the server's own objects while the service runs. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnBooleanProperty(name = "quarterdeck.api.bootstrap.enabled", matchIfMissing = true)
@EnableConfigurationProperties(BootstrapProperties.class)
class BootstrapConfiguration {

    private static final int DEFAULT_PORT = 6443;

    @Bean
    BootstrapRunner bootstrapRunner(
            WritePath writes,
            FieldOwnership ownership,
            WatchCache cache,
            ResourceCatalog catalog,
            BootstrapProperties properties,
            AuthenticationProperties authentication,
            PkiDirectory pki,
            Environment environment) {
        InstantSource clock = InstantSource.system();
        ServerObjects objects = new WritePathObjects(writes, ownership, cache, catalog, clock);
        String advertised = properties.advertiseAddress();
        int port = environment.getProperty("server.port", Integer.class, DEFAULT_PORT);
        ClusterObjects.Endpoint endpoint =
                new ClusterObjects.Endpoint(List.of(advertised == null ? MachineAddress.first() : advertised), port);
        Bootstrap bootstrap = new Bootstrap(objects, cache, catalog, properties, authentication, pki, endpoint, clock);
        String hostname = MachineAddress.hostname();
        return new BootstrapRunner(
                bootstrap,
                new IdentityLease(identity(hostname + ":" + port)),
                objects,
                hostname,
                properties.reconcileInterval(),
                clock);
    }

    @Bean
    ConditionKeeper conditionKeeper(
            WritePath writes, FieldOwnership ownership, WatchCache cache, ResourceCatalog catalog) {
        InstantSource clock = InstantSource.system();
        return new ConditionKeeper(new WritePathObjects(writes, ownership, cache, catalog, clock), cache, clock);
    }

    @Bean
    HealthCheck defaultRolesHealth(BootstrapRunner runner) {
        return HealthCheck.of("poststarthook/rbac/bootstrap-roles", false, runner::rolesThere);
    }

    /** As upstream's: a digest of what tells this server from others, fit for a name. */
    private static String identity(String place) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(place.getBytes(StandardCharsets.UTF_8));
            return "apiserver-"
                    + Base64.getUrlEncoder()
                            .withoutPadding()
                            .encodeToString(digest)
                            .toLowerCase(Locale.ROOT)
                            .replaceAll("[^a-z0-9]", "")
                            .substring(0, 26);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("SHA-256 is part of every Java runtime", impossible);
        }
    }
}
