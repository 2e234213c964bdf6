package io.quarterdeck.api.authn;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.quarterdeck.api.callout.ClientTls;
import io.quarterdeck.api.settings.ConfigurationFile;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * One OpenID Connect issuer: its keys are fetched when first needed, kept, and fetched anew for an unknown key id, at most
 * every ten seconds. Redirects are not followed. Thread-safe.
 *
 * <p>Source: API apiserver.config.k8s.io/v1, AuthenticationConfiguration; OpenID Connect Discovery 1.0.
 */
final class OidcIssuer implements TokenVerifier {

    private static final Logger LOG = LoggerFactory.getLogger(OidcIssuer.class);
    private static final Duration REFETCH = Duration.ofSeconds(10);
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final int LARGEST = 1 << 20;
    private static final Set<JWSAlgorithm> ALGORITHMS = Set.of(
            JWSAlgorithm.RS256,
            JWSAlgorithm.RS384,
            JWSAlgorithm.RS512,
            JWSAlgorithm.PS256,
            JWSAlgorithm.PS384,
            JWSAlgorithm.PS512,
            JWSAlgorithm.ES256,
            JWSAlgorithm.ES384,
            JWSAlgorithm.ES512);

    private final String issuer;
    private final URI discovery;
    private final Set<String> audiences;
    private final ClaimRules rules;
    private final HttpClient client;
    private final InstantSource clock;
    private final ReentrantLock fetching = new ReentrantLock();
    private volatile JWKSet keys = new JWKSet();
    private Instant fetched = Instant.EPOCH;

    private OidcIssuer(JsonNode authenticator, String path, InstantSource clock) {
        JsonNode settings = authenticator.path("issuer");
        ConfigurationFile.requireFields(
                settings,
                path + ".issuer",
                "url",
                "discoveryURL",
                "certificateAuthority",
                "audiences",
                "audienceMatchPolicy",
                "egressSelectorType");
        this.issuer = settings.path("url").asString("");
        if (!issuer.startsWith("https://")) {
            throw new IllegalArgumentException(
                    path + ".issuer.url: Invalid value: \"" + issuer + "\": URL scheme must be https");
        }
        String documents = settings.path("discoveryURL").asString("");
        this.discovery = URI.create(
                documents.isEmpty() ? issuer.replaceAll("/+$", "") + "/.well-known/openid-configuration" : documents);
        this.audiences = new HashSet<>(ConfigurationFile.strings(settings, "audiences"));
        if (audiences.isEmpty()) {
            throw new IllegalArgumentException(path + ".issuer.audiences: Required value: at least one is required");
        }
        if (audiences.size() > 1
                && !settings.path("audienceMatchPolicy").asString("").equals("MatchAny")) {
            throw new IllegalArgumentException(
                    path
                            + ".issuer.audienceMatchPolicy: Invalid value: must be MatchAny when multiple audiences are specified");
        }
        String authority = settings.path("certificateAuthority").asString("");
        this.client = HttpClient.newBuilder()
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(TIMEOUT)
                .executor(Executors.newVirtualThreadPerTaskExecutor())
                .sslContext(ClientTls.of(authority.isEmpty() ? null : authority, null, null))
                .build();
        this.rules = new ClaimRules(authenticator, path);
        this.clock = clock;
    }

    /** @throws IllegalArgumentException for a file that cannot be meant */
    static List<TokenVerifier> read(Path file, InstantSource clock) {
        ObjectNode configuration = ConfigurationFile.read(file, "AuthenticationConfiguration", AnonymousRule.VERSIONS);
        ConfigurationFile.requireFields(configuration, "", "apiVersion", "kind", "jwt", "anonymous");
        List<TokenVerifier> issuers = new ArrayList<>();
        Set<String> urls = new HashSet<>();
        int number = 0;
        for (JsonNode authenticator : configuration.path("jwt")) {
            String path = "jwt[" + number++ + "]";
            ConfigurationFile.requireFields(
                    authenticator, path, "issuer", "claimValidationRules", "claimMappings", "userValidationRules");
            OidcIssuer issuer = new OidcIssuer(authenticator, path, clock);
            if (!urls.add(issuer.issuer)) {
                throw new IllegalArgumentException(path + ".issuer.url: Duplicate value: \"" + issuer.issuer + "\"");
            }
            issuers.add(issuer);
        }
        return issuers;
    }

    /** Its tokens are meant for the configured audiences; towards the API these are the API's own. */
    @Override
    public Optional<Verified> verify(String token, List<String> asked) {
        try {
            SignedJWT jwt = SignedJWT.parse(token);
            JWTClaimsSet claims = jwt.getJWTClaimsSet();
            Instant now = clock.instant();
            if (!issuer.equals(claims.getIssuer())
                    || claims.getExpirationTime() == null
                    || !now.isBefore(claims.getExpirationTime().toInstant())
                    || (claims.getNotBeforeTime() != null
                            && now.isBefore(claims.getNotBeforeTime().toInstant()))
                    || claims.getAudience().stream().noneMatch(audiences::contains)
                    || !ALGORITHMS.contains(jwt.getHeader().getAlgorithm())
                    || !signed(jwt)) {
                return Optional.empty();
            }
            ObjectNode tree =
                    (ObjectNode) JsonMapper.shared().readTree(jwt.getPayload().toString());
            return rules.user(tree).map(user -> new Verified(user, asked));
        } catch (ParseException | JOSEException | RuntimeException malformed) {
            return Optional.empty();
        }
    }

    private boolean signed(SignedJWT jwt) throws JOSEException {
        String id = jwt.getHeader().getKeyID();
        if (verifiedBy(keys, id, jwt)) {
            return true;
        }
        return fetch() && verifiedBy(keys, id, jwt);
    }

    private static boolean verifiedBy(JWKSet set, String id, SignedJWT jwt) throws JOSEException {
        for (JWK key : set.getKeys()) {
            if (id == null || id.isEmpty() || id.equals(key.getKeyID())) {
                JWSVerifier verifier = switch (key) {
                    case RSAKey rsa -> new RSASSAVerifier(rsa);
                    case ECKey ec -> new ECDSAVerifier(ec);
                    default -> null;
                };
                if (verifier != null
                        && verifier.supportedJWSAlgorithms()
                                .contains(jwt.getHeader().getAlgorithm())
                        && jwt.verify(verifier)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Answers whether there may be other keys now. */
    private boolean fetch() {
        fetching.lock();
        try {
            Instant now = clock.instant();
            if (fetched.plus(REFETCH).isAfter(now)) {
                return true;
            }
            fetched = now;
            JsonNode document = JsonMapper.shared().readTree(get(discovery));
            if (!issuer.equals(document.path("issuer").asString(""))) {
                LOG.warn("The discovery document of {} names another issuer", issuer);
                return false;
            }
            URI location = URI.create(document.path("jwks_uri").asString(""));
            if (!"https".equals(location.getScheme())) {
                LOG.warn("The keys of {} are not served by https", issuer);
                return false;
            }
            keys = JWKSet.parse(get(location));
            return true;
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            return false;
        } catch (IOException | ParseException | RuntimeException failed) {
            LOG.warn("The keys of {} could not be fetched: {}", issuer, failed.getMessage());
            return false;
        } finally {
            fetching.unlock();
        }
    }

    private String get(URI location) throws IOException, InterruptedException {
        HttpResponse<java.io.InputStream> response = client.send(
                HttpRequest.newBuilder(location).timeout(TIMEOUT).build(), HttpResponse.BodyHandlers.ofInputStream());
        try (java.io.InputStream body = response.body()) {
            byte[] bytes = body.readNBytes(LARGEST + 1);
            if (response.statusCode() != 200 || bytes.length > LARGEST) {
                throw new IOException(location + " answered " + response.statusCode());
            }
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }
}
