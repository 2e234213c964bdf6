package io.quarterdeck.node.server;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.quarterdeck.client.ApiClient;
import io.quarterdeck.model.StatusException;
import io.quarterdeck.pki.Pem;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Finds out who asks: by a client certificate of the cluster's authority, or by a bearer token that the API vouches for.
 * Source: "Kubelet authentication/authorization".
 */
final class CallerAuthentication {

    private static final String CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
    private static final String CERTIFICATES = "jakarta.servlet.request.X509Certificate";
    private static final Duration REMEMBERED = Duration.ofMinutes(2);
    private static final int MAX_REMEMBERED = 1000;

    private final Path clientCa;
    private final ApiClient api;

    /** By the token's digest: the token itself is not kept. */
    private final Cache<String, Optional<Caller>> tokens = Caffeine.newBuilder()
            .maximumSize(MAX_REMEMBERED)
            .expireAfterWrite(REMEMBERED)
            .build();

    /** @param clientCa read anew for each certificate, so that the authority can be replaced without a restart */
    CallerAuthentication(Path clientCa, ApiClient api) {
        this.clientCa = clientCa;
        this.api = api;
    }

    Optional<Caller> authenticate(HttpServletRequest request) {
        if (request.getAttribute(CERTIFICATES) instanceof X509Certificate[] chain && chain.length > 0) {
            return byCertificate(chain);
        }
        String authorization = request.getHeader("Authorization");
        if (authorization != null && authorization.regionMatches(true, 0, "Bearer ", 0, 7)) {
            return byToken(authorization.substring(7).strip());
        }
        return Optional.empty();
    }

    private Optional<Caller> byCertificate(X509Certificate[] chain) {
        try {
            Set<TrustAnchor> anchors = Pem.certificates(Files.readString(clientCa)).stream()
                    .map(authority -> new TrustAnchor(authority, null))
                    .collect(Collectors.toSet());
            PKIXParameters parameters = new PKIXParameters(anchors);
            parameters.setRevocationEnabled(false);
            CertPathValidator.getInstance("PKIX")
                    .validate(CertificateFactory.getInstance("X.509").generateCertPath(List.of(chain)), parameters);
            List<String> usages = chain[0].getExtendedKeyUsage();
            if (usages == null || !usages.contains(CLIENT_AUTH)) {
                return Optional.empty();
            }
            return subject(chain[0]);
        } catch (GeneralSecurityException notOurs) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Optional<Caller> subject(X509Certificate certificate) {
        String user = "";
        List<String> groups = new ArrayList<>();
        try {
            for (Rdn rdn : new LdapName(certificate.getSubjectX500Principal().getName()).getRdns()) {
                if ("CN".equalsIgnoreCase(rdn.getType())) {
                    user = String.valueOf(rdn.getValue());
                } else if ("O".equalsIgnoreCase(rdn.getType())) {
                    groups.add(String.valueOf(rdn.getValue()));
                }
            }
        } catch (InvalidNameException e) {
            return Optional.empty();
        }
        groups.add("system:authenticated");
        return user.isEmpty() ? Optional.empty() : Optional.of(new Caller(user, "", groups, Map.of()));
    }

    private Optional<Caller> byToken(String token) {
        String digest;
        try {
            digest = HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(token.getBytes()));
        } catch (GeneralSecurityException everyJdkHasIt) {
            throw new IllegalStateException(everyJdkHasIt);
        }
        return tokens.get(digest, key -> review(token));
    }

    private Optional<Caller> review(String token) {
        ObjectNode body = api.serialization().mapper().createObjectNode();
        body.put("apiVersion", "authentication.k8s.io/v1").put("kind", "TokenReview");
        body.putObject("spec").put("token", token);
        JsonNode status;
        try {
            status = api.raw("POST", "/apis/authentication.k8s.io/v1/tokenreviews", "application/json", body)
                    .path("status");
        } catch (StatusException e) {
            return Optional.empty();
        }
        if (!status.path("authenticated").asBoolean(false)) {
            return Optional.empty();
        }
        JsonNode user = status.path("user");
        List<String> groups = new ArrayList<>();
        user.path("groups").forEach(group -> groups.add(group.asString()));
        Map<String, List<String>> extra = new HashMap<>();
        user.path("extra").properties().forEach(entry -> {
            List<String> values = new ArrayList<>();
            entry.getValue().forEach(value -> values.add(value.asString()));
            extra.put(entry.getKey(), values);
        });
        return Optional.of(
                new Caller(user.path("username").asString(""), user.path("uid").asString(""), groups, extra));
    }
}
