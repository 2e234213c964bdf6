package io.quarterdeck.api.authn;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.quarterdeck.api.cache.CachedObjects;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.store.Entry;
import io.quarterdeck.model.Formats;
import io.quarterdeck.model.GoQuote;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.ObjectKey;
import java.nio.charset.StandardCharsets;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.text.ParseException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Signs and believes the tokens of service accounts. A token is worth nothing once the account, or the pod, secret or
 * node that it is bound to, is gone or was made anew. Thread-safe.
 *
 * <p>Source: Kubernetes documentation, "Managing Service Accounts", bound tokens; KEP-1205, KEP-4193.
 */
public final class ServiceAccountTokens implements TokenVerifier {

    static final GroupResource SERVICE_ACCOUNTS = new GroupResource("", "serviceaccounts");
    static final GroupResource PODS = new GroupResource("", "pods");
    static final GroupResource SECRETS = new GroupResource("", "secrets");
    static final GroupResource NODES = new GroupResource("", "nodes");

    private static final String EXTRA = "authentication.kubernetes.io/";
    private static final String LEGACY_ISSUER = "kubernetes/serviceaccount";
    private static final String PRIVATE = "kubernetes.io";
    private static final String INVALIDATED = "service account token has been invalidated";

    private final Supplier<ServiceAccountKeys> keys;
    private final String issuer;
    private final List<String> ownAudiences;
    private final CachedObjects objects;
    private final InstantSource clock;

    /** @param ownAudiences what a token without audiences is meant for */
    public ServiceAccountTokens(
            ServiceAccountKeys keys,
            String issuer,
            List<String> ownAudiences,
            CachedObjects objects,
            InstantSource clock) {
        this(() -> keys, issuer, ownAudiences, objects, clock);
    }

    /** @param keys asked for each token, so that they may change while the server runs */
    ServiceAccountTokens(
            Supplier<ServiceAccountKeys> keys,
            String issuer,
            List<String> ownAudiences,
            CachedObjects objects,
            InstantSource clock) {
        this.keys = keys;
        this.issuer = issuer;
        this.ownAudiences = List.copyOf(ownAudiences);
        this.objects = objects;
        this.clock = clock;
    }

    /** An object by kind, name and uid, as the claims name it. */
    public record Reference(String name, String uid) {}

    /**
     * What a new token is to say.
     *
     * @param node the node of {@code pod}, or the bound node itself
     * @param warnAfter from when on use of the token is worth a warning; null when it ends no later than asked
     */
    public record Grant(
            String namespace,
            Reference serviceAccount,
            @Nullable Reference pod,
            @Nullable Reference secret,
            @Nullable Reference node,
            List<String> audiences,
            Instant issuedAt,
            Instant expiresAt,
            @Nullable Instant warnAfter) {}

    public ServiceAccountKeys keys() {
        return keys.get();
    }

    public String issuer() {
        return issuer;
    }

    public List<String> ownAudiences() {
        return ownAudiences;
    }

    public String issue(Grant grant) {
        Map<String, Object> bound = new LinkedHashMap<>();
        bound.put("namespace", grant.namespace());
        put(bound, "node", grant.node());
        put(bound, "pod", grant.pod());
        put(bound, "secret", grant.secret());
        put(bound, "serviceaccount", grant.serviceAccount());
        if (grant.warnAfter() != null) {
            bound.put("warnafter", grant.warnAfter().getEpochSecond());
        }
        JWTClaimsSet claims = new JWTClaimsSet.Builder()
                .issuer(issuer)
                .subject("system:serviceaccount:" + grant.namespace() + ":"
                        + grant.serviceAccount().name())
                // Always a list, also with one audience: what upstream signs and clients parse.
                .claim("aud", grant.audiences())
                .issueTime(Date.from(grant.issuedAt()))
                .notBeforeTime(Date.from(grant.issuedAt()))
                .expirationTime(Date.from(grant.expiresAt()))
                .jwtID(UUID.randomUUID().toString())
                .claim(PRIVATE, bound)
                .build();
        ServiceAccountKeys now = keys.get();
        try {
            ServiceAccountKeys.Verifying own = now.own();
            SignedJWT token = new SignedJWT(
                    new JWSHeader.Builder(algorithm(own)).keyID(own.id()).build(), claims);
            token.sign(
                    now.signing() instanceof ECPrivateKey elliptic
                            ? new ECDSASigner(elliptic)
                            : new RSASSASigner(now.signing()));
            return token.serialize();
        } catch (JOSEException impossible) {
            throw new IllegalStateException("signing with the cluster's key", impossible);
        }
    }

    private static void put(Map<String, Object> claims, String field, @Nullable Reference reference) {
        if (reference != null) {
            Map<String, Object> value = new LinkedHashMap<>();
            value.put("name", reference.name());
            if (!reference.uid().isEmpty()) {
                value.put("uid", reference.uid());
            }
            claims.put(field, value);
        }
    }

    @Override
    public boolean knowsAudiences() {
        return true;
    }

    @Override
    public Optional<Verified> judge(String token, List<String> audiences) throws RefusedTokenException {
        SignedJWT jwt;
        JWTClaimsSet claims;
        try {
            jwt = SignedJWT.parse(token);
            claims = jwt.getJWTClaimsSet();
        } catch (ParseException malformed) {
            return Optional.empty();
        }
        boolean legacy = LEGACY_ISSUER.equals(claims.getIssuer());
        if (!legacy && !issuer.equals(claims.getIssuer())) {
            return Optional.empty();
        }
        try {
            if (!signedByUs(jwt)) {
                throw new RefusedTokenException("go-jose/go-jose: error in cryptographic primitive");
            }
            return Optional.of(legacy ? legacyUser(token, claims, audiences) : boundUser(claims, audiences));
        } catch (ParseException | JOSEException | ClassCastException malformed) {
            throw new RefusedTokenException("go-jose/go-jose: error in cryptographic primitive");
        }
    }

    private boolean signedByUs(SignedJWT jwt) throws JOSEException, RefusedTokenException {
        ServiceAccountKeys now = keys.get();
        String id = jwt.getHeader().getKeyID();
        if (id != null && !id.isEmpty()) {
            ServiceAccountKeys.Verifying key = now.verifying(id);
            if (key == null) {
                throw new RefusedTokenException("invalid signature, no keys found");
            }
            return signedBy(key, jwt);
        }
        for (ServiceAccountKeys.Verifying key : now.all()) {
            if (signedBy(key, jwt)) {
                return true;
            }
        }
        return false;
    }

    private static boolean signedBy(ServiceAccountKeys.Verifying key, SignedJWT jwt) throws JOSEException {
        // The algorithm is the key's: a token that names another one is none of ours.
        return algorithm(key).equals(jwt.getHeader().getAlgorithm())
                && jwt.verify(
                        key.key() instanceof ECPublicKey elliptic
                                ? new ECDSAVerifier(elliptic)
                                : new RSASSAVerifier((RSAPublicKey) key.key()));
    }

    private static JWSAlgorithm algorithm(ServiceAccountKeys.Verifying key) {
        return JWSAlgorithm.parse(key.algorithm().name());
    }

    private Verified boundUser(JWTClaimsSet claims, List<String> audiences)
            throws ParseException, RefusedTokenException {
        List<String> meant = claims.getAudience().isEmpty() ? ownAudiences : claims.getAudience();
        List<String> shared = shared(meant, audiences);
        Instant now = clock.instant();
        Date notBefore = claims.getNotBeforeTime();
        Date end = claims.getExpirationTime();
        if (end == null || !now.isBefore(end.toInstant())) {
            throw new RefusedTokenException("service account token has expired");
        }
        if (notBefore != null && now.isBefore(notBefore.toInstant())) {
            throw new RefusedTokenException("service account token is not valid yet");
        }
        Map<String, Object> bound = claims.getJSONObjectClaim(PRIVATE);
        Reference account = bound == null ? null : reference(bound, "serviceaccount");
        if (account == null
                || !(bound.get("namespace") instanceof String namespace)
                || !("system:serviceaccount:" + namespace + ":" + account.name()).equals(claims.getSubject())) {
            throw new RefusedTokenException(INVALIDATED);
        }
        requireAccount(namespace, account, now);
        Map<String, List<String>> extra = new LinkedHashMap<>();
        Reference pod = reference(bound, "pod");
        Reference secret = reference(bound, "secret");
        Reference node = reference(bound, "node");
        require(secret == null || exists(SECRETS, namespace, secret, now));
        require(pod == null || exists(PODS, namespace, pod, now));
        require(node == null || pod != null || exists(NODES, "", node, now));
        if (claims.getJWTID() != null) {
            extra.put(EXTRA + "credential-id", List.of("JTI=" + claims.getJWTID()));
        }
        putExtra(extra, "pod", pod);
        putExtra(extra, "node", node);
        return new Verified(user(namespace, account, extra), shared);
    }

    private static List<String> shared(List<String> meant, List<String> asked) throws RefusedTokenException {
        List<String> shared = asked.stream().filter(meant::contains).toList();
        if (shared.isEmpty()) {
            throw new RefusedTokenException("token audiences %s is invalid for the target audiences %s"
                    .formatted(GoQuote.listed(meant), GoQuote.listed(asked)));
        }
        return shared;
    }

    private static void require(boolean stillThere) throws RefusedTokenException {
        if (!stillThere) {
            throw new RefusedTokenException(INVALIDATED);
        }
    }

    private void requireAccount(String namespace, Reference account, Instant now) throws RefusedTokenException {
        Optional<Entry> found = objects.entry(SERVICE_ACCOUNTS, new ObjectKey(namespace, account.name()));
        if (found.isEmpty()) {
            throw new RefusedTokenException("serviceaccounts \"%s\" not found".formatted(account.name()));
        }
        String uid = String.valueOf(found.get().header().uid());
        if (!uid.equals(account.uid())) {
            throw new RefusedTokenException(
                    "service account UID (%s) does not match claim (%s)".formatted(uid, account.uid()));
        }
        if (!exists(SERVICE_ACCOUNTS, namespace, account, now)) {
            throw new RefusedTokenException(
                    "service account %s/%s has been deleted".formatted(namespace, account.name()));
        }
    }

    private static void putExtra(Map<String, List<String>> extra, String what, @Nullable Reference reference) {
        if (reference != null) {
            extra.put(EXTRA + what + "-name", List.of(reference.name()));
            if (!reference.uid().isEmpty()) {
                extra.put(EXTRA + what + "-uid", List.of(reference.uid()));
            }
        }
    }

    /** A token out of a Secret of type kubernetes.io/service-account-token: it never ends, but its Secret must be there. */
    private Verified legacyUser(String token, JWTClaimsSet claims, List<String> audiences)
            throws ParseException, RefusedTokenException {
        String namespace = claims.getStringClaim("kubernetes.io/serviceaccount/namespace");
        String secret = claims.getStringClaim("kubernetes.io/serviceaccount/secret.name");
        String name = claims.getStringClaim("kubernetes.io/serviceaccount/service-account.name");
        String uid = claims.getStringClaim("kubernetes.io/serviceaccount/service-account.uid");
        List<String> shared = shared(ownAudiences, audiences);
        if (namespace == null || secret == null || name == null || uid == null) {
            throw new RefusedTokenException(INVALIDATED);
        }
        require(objects.find(SECRETS, ObjectKey.namespaced(namespace, secret))
                .map(found -> base64(token).equals(found.text("data.token")) && !found.deleting())
                .orElse(false));
        Reference account = new Reference(name, uid);
        requireAccount(namespace, account, clock.instant());
        return new Verified(user(namespace, account, Map.of()), shared);
    }

    private static User user(String namespace, Reference account, Map<String, List<String>> extra) {
        return new User(
                "system:serviceaccount:" + namespace + ":" + account.name(), account.uid(), groups(namespace), extra);
    }

    /** The groups of every service account of a namespace. */
    public static List<String> groups(String namespace) {
        return List.of("system:serviceaccounts", "system:serviceaccounts:" + namespace);
    }

    /** There, with that uid, and not deleted for more than a minute: a pod needs its token while it ends. */
    private boolean exists(GroupResource storage, String namespace, Reference reference, Instant now) {
        Optional<Entry> entry = objects.entry(storage, new ObjectKey(namespace, reference.name()));
        if (entry.isEmpty() || !Objects.equals(entry.get().header().uid(), reference.uid())) {
            return false;
        }
        if (!entry.get().header().deleting()) {
            return true;
        }
        Document document = CachedObjects.document(entry.get());
        return Instant.parse(document.text("metadata.deletionTimestamp"))
                .plusSeconds(60)
                .isAfter(now);
    }

    private static @Nullable Reference reference(Map<String, Object> claims, String field) {
        if (!(claims.get(field) instanceof Map<?, ?> value) || !(value.get("name") instanceof String name)) {
            return null;
        }
        return new Reference(name, value.get("uid") instanceof String uid ? uid : "");
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    /** {@code ns} and {@code name} of {@code system:serviceaccount:ns:name}; empty for any other user. */
    public static Optional<ObjectKey> account(String username) {
        List<String> parts = List.of(username.split(":", -1));
        return parts.size() == 4
                        && parts.get(0).equals("system")
                        && parts.get(1).equals("serviceaccount")
                        && Formats.label(parts.get(2)).isEmpty()
                        && Formats.subdomain(parts.get(3)).isEmpty()
                ? Optional.of(ObjectKey.namespaced(parts.get(2), parts.get(3)))
                : Optional.empty();
    }
}
