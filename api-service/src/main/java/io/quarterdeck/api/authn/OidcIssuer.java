package io.quarterdeck.api.authn;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.SignedJWT;
import io.quarterdeck.api.callout.ClientTls;
import io.quarterdeck.api.settings.ConfigurationFile;
import io.quarterdeck.model.GoQuote;
import java.io.IOException;
import java.io.InputStream;
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
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
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
    private static final Set<String> ALGORITHMS =
            Set.of("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512");

    private static final String UNSIGNED = "failed to verify signature: failed to verify id token signature";

    /** How far a token may lie ahead of this machine's clock. */
    private static final Duration LEEWAY = Duration.ofMinutes(1);

    private static final DateTimeFormatter GO_TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss xx 'UTC'").withZone(ZoneOffset.UTC);

    private final String issuer;
    private final URI discovery;
    private final List<String> audiences;
    private final ClaimRules rules;
    private final HttpClient client;
    private final InstantSource clock;
    private final ReentrantLock fetching = new ReentrantLock();
    private volatile JWKSet keys = new JWKSet();
    private Instant fetched = Instant.EPOCH;

    /** Whether it has told once where its keys are. */
    private volatile boolean introduced;

    private OidcIssuer(JsonNode authenticator, InstantSource clock) {
        JsonNode settings = authenticator.path("issuer");
        this.issuer = settings.path("url").asString("");
        String documents = settings.path("discoveryURL").asString("");
        this.discovery = URI.create(
                documents.isEmpty() ? issuer.replaceAll("/+$", "") + "/.well-known/openid-configuration" : documents);
        this.audiences = ConfigurationFile.strings(settings, "audiences");
        String authority = settings.path("certificateAuthority").asString("");
        this.client = HttpClient.newBuilder()
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(TIMEOUT)
                .executor(Executors.newVirtualThreadPerTaskExecutor())
                .sslContext(ClientTls.of(authority.isEmpty() ? null : authority, null, null))
                .build();
        this.rules = new ClaimRules(authenticator);
        this.clock = clock;
    }

    /**
     * @param disallowedIssuers whose tokens somebody else judges
     * @throws IllegalArgumentException for a file that cannot be meant, with all that is wrong in upstream's words
     */
    static List<TokenVerifier> read(Path file, Set<String> disallowedIssuers, InstantSource clock) {
        ObjectNode configuration = AuthenticationFile.read(file, disallowedIssuers);
        List<TokenVerifier> issuers = new ArrayList<>();
        configuration.path("jwt").forEach(authenticator -> issuers.add(new OidcIssuer(authenticator, clock)));
        return issuers;
    }

    /** Its tokens are meant for the configured audiences; towards the API these are the API's own. */
    @Override
    public Optional<Verified> judge(String token, List<String> asked) throws RefusedTokenException {
        return believed(token).map(user -> new Verified(user, asked));
    }

    /** Empty for another one's token. */
    private Optional<User> believed(String token) throws RefusedTokenException {
        String[] parts = token.split("\\.", -1);
        if (parts.length != 3 || !(part(parts[1]) instanceof ObjectNode claims)) {
            return Optional.empty();
        }
        if (!claims.path("iss").isString() || !claims.path("iss").stringValue().equals(issuer)) {
            return Optional.empty();
        }
        requireTypes(claims);
        requireMeantForNow(claims);
        JsonNode header = part(parts[0]);
        String algorithm = header == null ? "" : header.path("alg").asString("");
        if (!ALGORITHMS.contains(algorithm)) {
            throw unverified("oidc: id token signed with unsupported algorithm, expected %s got \"%s\""
                    .formatted(GoQuote.listed(ALGORITHMS.stream().sorted().toList()), algorithm));
        }
        int illegal = illegal(parts[2]);
        if (illegal >= 0) {
            throw unverified("oidc: malformed jwt: illegal base64 data at input byte " + illegal);
        }
        try {
            if (!signed(SignedJWT.parse(token))) {
                throw unverified(UNSIGNED);
            }
        } catch (ParseException | JOSEException | RuntimeException damaged) {
            throw unverified(UNSIGNED);
        }
        return Optional.of(rules.user(claims));
    }

    private static @Nullable JsonNode part(String encoded) {
        try {
            return JsonMapper.shared().readTree(Base64.getUrlDecoder().decode(encoded));
        } catch (IllegalArgumentException | JacksonException unreadable) {
            return null;
        }
    }

    private static int illegal(String encoded) {
        for (int i = 0; i < encoded.length(); i++) {
            char c = encoded.charAt(i);
            if (c > 127 || (!Character.isLetterOrDigit(c) && c != '-' && c != '_')) {
                return i;
            }
        }
        return -1;
    }

    /** What Go reads the registered claims into. */
    private static void requireTypes(ObjectNode claims) throws RefusedTokenException {
        JsonNode subject = claims.path("sub");
        if (!subject.isMissingNode() && !subject.isString() && !subject.isNull()) {
            throw unreadable(ClaimRules.misfit(subject, "sub", "string"));
        }
        JsonNode audience = claims.path("aud");
        boolean audiences = audience.isMissingNode() || audience.isNull() || audience.isString() || audience.isArray();
        if (!audiences) {
            throw unreadable(ClaimRules.misfit(audience, "aud", "[]string"));
        }
        for (String time : List.of("exp", "iat", "nbf")) {
            JsonNode value = claims.path(time);
            if (value.isString()) {
                throw unreadable("json: invalid number literal, trying to unmarshal \"\\\"%s\\\"\" into Number"
                        .formatted(value.stringValue()));
            }
            if (!value.isMissingNode() && !value.isNumber() && !value.isNull()) {
                throw unreadable(ClaimRules.misfit(value, time, "json.Number"));
            }
        }
    }

    private static RefusedTokenException unreadable(String why) {
        return unverified("oidc: failed to unmarshal claims: " + why);
    }

    private void requireMeantForNow(ObjectNode claims) throws RefusedTokenException {
        List<String> meant = claims.path("aud").isString()
                ? List.of(claims.path("aud").stringValue())
                : ConfigurationFile.strings(claims, "aud");
        if (audiences.size() == 1 && !meant.contains(audiences.getFirst())) {
            throw unverified(
                    "oidc: expected audience \"%s\" got %s".formatted(audiences.getFirst(), GoQuote.listed(meant)));
        }
        Instant now = clock.instant();
        Instant end = Instant.ofEpochSecond(claims.path("exp").asLong(0));
        if (!claims.path("exp").isNumber() || end.isBefore(now)) {
            throw unverified("oidc: token is expired (Token Expiry: %s)"
                    .formatted(claims.path("exp").isNumber() ? GO_TIME.format(end) : "0001-01-01 00:00:00 +0000 UTC"));
        }
        Instant start = Instant.ofEpochSecond(claims.path("nbf").asLong(0));
        if (now.plus(LEEWAY).isBefore(start)) {
            throw unverified("oidc: current time %s before the nbf (not before) time: %s"
                    .formatted(GO_TIME.format(now), GO_TIME.format(start)));
        }
        if (meant.stream().noneMatch(audiences::contains)) {
            throw unverified("oidc: expected audience in %s got %s"
                    .formatted(GoQuote.listed(audiences.stream().sorted().toList()), GoQuote.listed(meant)));
        }
    }

    private static RefusedTokenException unverified(String why) {
        return new RefusedTokenException("oidc: verify token: " + why);
    }

    private boolean signed(SignedJWT jwt) throws JOSEException, RefusedTokenException {
        if (!introduced && !fetch()) {
            throw new RefusedTokenException("oidc: authenticator not initialized");
        }
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
                return introduced;
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
            introduced = true;
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
        HttpResponse<InputStream> response = client.send(
                HttpRequest.newBuilder(location).timeout(TIMEOUT).build(), HttpResponse.BodyHandlers.ofInputStream());
        try (InputStream body = response.body()) {
            byte[] bytes = body.readNBytes(LARGEST + 1);
            if (response.statusCode() != 200 || bytes.length > LARGEST) {
                throw new IOException(location + " answered " + response.statusCode());
            }
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }
}
