package io.quarterdeck.api.authn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jwt.SignedJWT;
import io.quarterdeck.api.authn.ServiceAccountTokens.Grant;
import io.quarterdeck.api.authn.ServiceAccountTokens.Reference;
import io.quarterdeck.api.testing.Stored;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.StatusException;
import io.quarterdeck.pki.CertificateAuthority;
import io.quarterdeck.pki.CertificateFiles;
import io.quarterdeck.pki.CertificateProfile;
import io.quarterdeck.pki.ClusterPki;
import io.quarterdeck.pki.Pem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class AuthenticationTest {

    private static final Instant START = Instant.parse("2026-05-01T10:00:00Z");
    private static final String ISSUER = "https://kubernetes.default.svc.cluster.local";
    private static final GroupResource SERVICE_ACCOUNTS = new GroupResource("", "serviceaccounts");
    private static final GroupResource PODS = new GroupResource("", "pods");

    @TempDir
    Path directory;

    private final Stored stored = new Stored();
    private Instant now = START;
    private final InstantSource clock = () -> now;
    private ClusterPki pki;
    private ServiceAccountTokens tokens;
    private String account;

    @BeforeEach
    void prepare() {
        pki = ClusterPki.ensure(directory, List.of(), "10.96.0.1", "cluster.local", START);
        tokens = new ServiceAccountTokens(
                ServiceAccountKeys.of(pki.serviceAccountKeys()), ISSUER, List.of(ISSUER), stored.objects(), clock);
        account = stored.put(SERVICE_ACCOUNTS, "{\"metadata\":{\"namespace\":\"a\",\"name\":\"sa\"}}");
    }

    @AfterEach
    void close() throws Exception {
        stored.close();
    }

    private Authenticators authenticators() {
        return new Authenticators(
                List.of(
                        new RequestHeaderAuthenticator(
                                new CertificateBundle(directory.resolve("front-proxy-ca.crt"), clock),
                                List.of("front-proxy-client"),
                                clock),
                        new X509Authenticator(new CertificateBundle(directory.resolve("ca.crt"), clock), clock),
                        new TokenAuthenticator(
                                new TokenVerifiers(
                                        List.of(TokenFile.parse("t0,jane,u1,\"a,b\"\n", "tokens"), tokens),
                                        List.of(ISSUER)),
                                List.of(ISSUER))),
                true);
    }

    private static Credentials with(List<X509Certificate> certificates, Map<String, List<String>> headers) {
        return new Credentials(certificates, name -> headers.getOrDefault(name, List.of()), headers.keySet());
    }

    private static Credentials bearer(String token) {
        return with(List.of(), Map.of("Authorization", List.of("Bearer " + token)));
    }

    static Stream<Arguments> anonymous() {
        return Stream.of(
                Arguments.of("nothing", Map.of()),
                Arguments.of("empty bearer", Map.of("Authorization", List.of("Bearer "))),
                Arguments.of("basic", Map.of("Authorization", List.of("Basic YTpi"))),
                Arguments.of("unknown scheme", Map.of("Authorization", List.of("Odd x"))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("anonymous")
    void whoOffersNothingUsableIsAnonymous(String name, Map<String, List<String>> headers) {
        assertThat(authenticators().authenticate(with(List.of(), headers))).isEqualTo(User.ANONYMOUS);
    }

    @Test
    void aTokenThatNobodyBelievesIsRefused() {
        for (String token : List.of("wrong", "a.b.c")) {
            assertThatExceptionOfType(StatusException.class)
                    .isThrownBy(() -> authenticators().authenticate(bearer(token)))
                    .satisfies(refused -> assertThat(refused.code()).isEqualTo(401));
        }
    }

    @Test
    void aStaticTokenNamesItsUser() {
        assertThat(authenticators().authenticate(bearer("t0")))
                .isEqualTo(new User("jane", "u1", List.of("a", "b", User.AUTHENTICATED), Map.of()));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TokenFile.parse("secret,user\n", "tokens"))
                .withMessageNotContaining("secret");
    }

    @Test
    void aCertificateNamesUserAndGroups() {
        X509Certificate admin = pki.ca()
                .issue(CertificateProfile.client("kubernetes-admin", "system:masters"), START)
                .certificate();
        User user = authenticators().authenticate(with(List.of(admin), Map.of()));
        assertThat(user.name()).isEqualTo("kubernetes-admin");
        assertThat(user.groups()).containsExactly("system:masters", User.AUTHENTICATED);
        assertThat(user.extra().get("authentication.kubernetes.io/credential-id"))
                .singleElement()
                .asString()
                .startsWith("X509SHA256=");
    }

    @Test
    void certificatesOfStrangersServersAndThePastAreRefused() {
        CertificateAuthority stranger = CertificateAuthority.create("kubernetes", START);
        X509Certificate foreign = stranger.issue(CertificateProfile.client("admin", "system:masters"), START)
                .certificate();
        X509Certificate server = pki.ca()
                .issue(CertificateProfile.server("x", List.of("localhost")), START)
                .certificate();
        X509Certificate ended = pki.ca()
                .issue(CertificateProfile.client("admin"), START.minus(Duration.ofDays(400)))
                .certificate();
        for (X509Certificate certificate : List.of(foreign, server, ended)) {
            assertThatExceptionOfType(StatusException.class)
                    .isThrownBy(() -> authenticators().authenticate(with(List.of(certificate), Map.of())))
                    .satisfies(refused -> assertThat(refused.code()).isEqualTo(401));
        }
    }

    @Test
    void aVerifiedCertificateIsRefusedOnceItEnds() {
        Authenticators authenticators = authenticators();
        Credentials credentials = with(
                List.of(pki.ca().issue(CertificateProfile.client("u"), START).certificate()), Map.of());
        assertThat(authenticators.authenticate(credentials).name()).isEqualTo("u");
        now = START.plus(Duration.ofDays(366));
        assertThatExceptionOfType(StatusException.class).isThrownBy(() -> authenticators.authenticate(credentials));
    }

    @Test
    void aChangedAuthorityIsTakenOverWithoutARestart() throws Exception {
        Authenticators authenticators = authenticators();
        CertificateAuthority next = CertificateAuthority.create("kubernetes", START);
        Credentials credentials =
                with(List.of(next.issue(CertificateProfile.client("u"), START).certificate()), Map.of());
        assertThatExceptionOfType(StatusException.class).isThrownBy(() -> authenticators.authenticate(credentials));
        Path file = directory.resolve("ca.crt");
        CertificateFiles.writePublic(file, next.certificatePem());
        Files.setLastModifiedTime(file, FileTime.from(START.plusSeconds(99)));
        now = now.plusSeconds(30);
        assertThat(authenticators.authenticate(credentials).name()).isEqualTo("u");
    }

    @Test
    void aFrontProxySpeaksForOthersAndNobodyElseDoes() {
        X509Certificate proxy = pki.frontProxyCa()
                .issue(CertificateProfile.client("front-proxy-client"), START)
                .certificate();
        Map<String, List<String>> headers = Map.of(
                "X-Remote-User", List.of("jane"),
                "X-Remote-Group", List.of("g"),
                "X-Remote-Extra-Scopes", List.of("view"));
        assertThat(authenticators().authenticate(with(List.of(proxy), headers)))
                .isEqualTo(new User("jane", "", List.of("g", User.AUTHENTICATED), Map.of("scopes", List.of("view"))));
        X509Certificate client =
                pki.ca().issue(CertificateProfile.client("eve"), START).certificate();
        assertThat(authenticators().authenticate(with(List.of(client), headers)).name())
                .isEqualTo("eve");
        assertThat(authenticators().authenticate(with(List.of(), headers))).isEqualTo(User.ANONYMOUS);
    }

    private String token(String uid, Reference pod) {
        return tokens.issue(new Grant(
                "a", new Reference("sa", uid), pod, null, null, List.of(ISSUER), now, now.plusSeconds(3600), null));
    }

    private Optional<String> refusal(String token, List<String> audiences) {
        try {
            tokens.judge(token, audiences);
            return Optional.empty();
        } catch (RefusedTokenException refused) {
            return Optional.ofNullable(refused.getMessage());
        }
    }

    @Test
    void aServiceAccountsTokenNamesIt() {
        User user = authenticators().authenticate(bearer(token(account, null)));
        assertThat(user.name()).isEqualTo("system:serviceaccount:a:sa");
        assertThat(user.uid()).isEqualTo(account);
        assertThat(user.groups())
                .containsExactly("system:serviceaccounts", "system:serviceaccounts:a", User.AUTHENTICATED);
    }

    @Test
    void aTokenDiesWithItsAccountAndWithItsPod() {
        String pod = stored.put(PODS, "{\"metadata\":{\"namespace\":\"a\",\"name\":\"p\"},\"spec\":{}}");
        String bound = token(account, new Reference("p", pod));
        String free = token(account, null);
        assertThat(tokens.verify(bound, List.of(ISSUER))
                        .orElseThrow()
                        .user()
                        .extra()
                        .get("authentication.kubernetes.io/pod-name"))
                .containsExactly("p");
        stored.remove(PODS, "a", "p");
        assertThat(tokens.verify(bound, List.of(ISSUER))).isEmpty();
        assertThat(refusal(bound, List.of(ISSUER))).contains("service account token has been invalidated");
        stored.put(PODS, "{\"metadata\":{\"namespace\":\"a\",\"name\":\"p\"},\"spec\":{}}");
        assertThat(tokens.verify(bound, List.of(ISSUER))).isEmpty();
        assertThat(tokens.verify(free, List.of(ISSUER))).isPresent();
        stored.remove(SERVICE_ACCOUNTS, "a", "sa");
        assertThat(tokens.verify(free, List.of(ISSUER))).isEmpty();
        assertThat(refusal(free, List.of(ISSUER))).contains("serviceaccounts \"sa\" not found");
        String made = stored.put(SERVICE_ACCOUNTS, "{\"metadata\":{\"namespace\":\"a\",\"name\":\"sa\"}}");
        assertThat(refusal(free, List.of(ISSUER)))
                .contains("service account UID (%s) does not match claim (%s)".formatted(made, account));
    }

    @Test
    void aTokenEndsAndIsForItsAudience() {
        String token = token(account, null);
        assertThat(tokens.verify(token, List.of("other"))).isEmpty();
        assertThat(refusal(token, List.of("other", "more")))
                .contains("token audiences [\"%s\"] is invalid for the target audiences [\"other\" \"more\"]"
                        .formatted(ISSUER));
        assertThat(refusal(token.substring(0, token.length() - 4) + "AAAA", List.of(ISSUER)))
                .contains("go-jose/go-jose: error in cryptographic primitive");
        assertThat(refusal("somebody else's", List.of(ISSUER))).isEmpty();
        now = START.plusSeconds(3600);
        assertThat(tokens.verify(token, List.of(ISSUER))).isEmpty();
        assertThat(refusal(token, List.of(ISSUER))).contains("service account token has expired");
    }

    @Test
    void aTokenOfAnotherKeyOrAlgorithmIsRefused() throws Exception {
        ClusterPki other =
                ClusterPki.ensure(directory.resolve("other"), List.of(), "10.96.0.1", "cluster.local", START);
        ServiceAccountTokens forger = new ServiceAccountTokens(
                ServiceAccountKeys.of(other.serviceAccountKeys()), ISSUER, List.of(ISSUER), stored.objects(), clock);
        String forged = forger.issue(new Grant(
                "a", new Reference("sa", account), null, null, null, List.of(ISSUER), now, now.plusSeconds(60), null));
        assertThat(tokens.verify(forged, List.of(ISSUER))).isEmpty();
        String unsigned = "eyJhbGciOiJub25lIn0." + token(account, null).split("\\.")[1] + ".";
        assertThat(tokens.verify(unsigned, List.of(ISSUER))).isEmpty();
        SignedJWT confused = new SignedJWT(
                new JWSHeader(JWSAlgorithm.HS256),
                SignedJWT.parse(token(account, null)).getJWTClaimsSet());
        confused.sign(new MACSigner(pki.serviceAccountKeys().getPublic().getEncoded()));
        assertThat(tokens.verify(confused.serialize(), List.of(ISSUER))).isEmpty();
    }

    @ParameterizedTest(name = "{0} of {1} bits")
    @CsvSource({"RS256, RSA, 2048", "ES256, EC, 256", "ES384, EC, 384", "ES512, EC, 521"})
    void whatSignsIsTheKeysChoice(String algorithm, String kind, int bits) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(kind);
        generator.initialize(bits);
        // As it is read from a file that holds the private half alone.
        KeyPair keys = Pem.keyPair(Pem.encode(generator.generateKeyPair().getPrivate()));
        ServiceAccountTokens signing =
                new ServiceAccountTokens(ServiceAccountKeys.of(keys), ISSUER, List.of(ISSUER), stored.objects(), clock);
        String token = signing.issue(new Grant(
                "a", new Reference("sa", account), null, null, null, List.of(ISSUER), now, now.plusSeconds(60), null));
        assertThat(SignedJWT.parse(token).getHeader().getAlgorithm().getName()).isEqualTo(algorithm);
        assertThat(signing.verify(token, List.of(ISSUER))).isPresent();
        assertThat(tokens.verify(token, List.of(ISSUER))).as("another key").isEmpty();
        String[] parts = token.split("\\.");
        String damaged = parts[0] + "." + parts[1] + "." + new StringBuilder(parts[2]).reverse();
        assertThat(signing.verify(damaged, List.of(ISSUER)))
                .as("another signature")
                .isEmpty();
        // What others verify by: the published set and nothing else.
        JWK published = JWKSet.parse(signing.keys().jwks())
                .getKeyByKeyId(SignedJWT.parse(token).getHeader().getKeyID());
        assertThat(published.isPrivate()).isFalse();
        assertThat(published.getAlgorithm().getName()).isEqualTo(algorithm);
        assertThat(SignedJWT.parse(token)
                        .verify(
                                published instanceof ECKey elliptic
                                        ? new ECDSAVerifier(elliptic)
                                        : new RSASSAVerifier(published.toRSAKey())))
                .isTrue();
        assertThat(new OpenIdDocuments(signing).configuration())
                .contains("\"id_token_signing_alg_values_supported\":[\"" + algorithm + "\"]");
    }

    @Test
    void aKeyOfNoUseIsRefused() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("Ed25519");
        KeyPair keys = generator.generateKeyPair();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ServiceAccountKeys.of(keys))
                .withMessage("service account keys must be RSA or ECDSA keys");
    }

    @Test
    void theKeySetShowsPublicHalvesOnly() {
        assertThat(tokens.keys().jwks()).contains("\"n\"", "RS256").doesNotContain("\"d\"", "\"p\"", "\"q\"");
    }
}
