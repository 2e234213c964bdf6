package io.quarterdeck.node.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequest;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequestBuilder;
import io.quarterdeck.client.Kubeconfig;
import io.quarterdeck.model.StatusException;
import io.quarterdeck.pki.CertificateAuthority;
import io.quarterdeck.pki.CertificateProfile;
import io.quarterdeck.pki.Pem;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The way of a node from a token to certificates that are renewed, with an API of a map and time that passes by pauses. */
class JoiningTest {

    private static final Instant BEGIN = Instant.parse("2026-11-21T12:00:00Z");
    private static final CertificateAuthority AUTHORITY = CertificateAuthority.create("ca", BEGIN);

    @TempDir
    Path dir;

    private final List<Duration> pauses = new ArrayList<>();
    private final Map<String, CertificateSigningRequest> requests = new HashMap<>();
    private final List<Path> asked = new ArrayList<>();
    private final Deque<StatusException> refusals = new ArrayDeque<>();
    private UnaryOperator<CertificateSigningRequest> signer = request -> signed(request, Duration.ofHours(10));
    private Instant now = BEGIN;
    private int stopAfter = Integer.MAX_VALUE;
    private Path bootstrap;
    private Path kubeconfig;
    private CertificateStore store;
    private Patience patience;

    @BeforeEach
    void prepare() {
        bootstrap = dir.resolve("bootstrap.kubeconfig");
        kubeconfig = dir.resolve("kubeconfig");
        store = new CertificateStore(dir.resolve("pki"), "kubelet-client");
        Kubeconfig.withToken("it", "https://api.test:6443", AUTHORITY.certificatePem(), "abcdef.0123456789abcdef")
                .write(bootstrap);
        patience = new Patience(() -> now, duration -> {
            pauses.add(duration);
            now = now.plus(duration);
            if (pauses.size() >= stopAfter) {
                throw new InterruptedException();
            }
        });
    }

    private Joining joining() {
        return new Joining(
                bootstrap,
                kubeconfig,
                dir.resolve("pki"),
                store,
                WantedCertificate.client("n1"),
                path -> {
                    asked.add(path);
                    return new Fake();
                },
                patience);
    }

    private final class Fake implements SigningRequests {
        @Override
        public CertificateSigningRequest create(CertificateSigningRequest request) {
            if (!refusals.isEmpty()) {
                throw refusals.pop();
            }
            String name = Optional.ofNullable(request.getMetadata().getName())
                    .orElseGet(() -> request.getMetadata().getGenerateName() + requests.size());
            CertificateSigningRequest made =
                    request.edit().editMetadata().withName(name).endMetadata().build();
            if (requests.putIfAbsent(name, made) != null) {
                throw new StatusException(409, "AlreadyExists", "already exists", null);
            }
            return made;
        }

        @Override
        public CertificateSigningRequest get(String name) {
            return requests.compute(name, (key, request) -> signer.apply(request));
        }

        @Override
        public void close() {}
    }

    private CertificateSigningRequest signed(CertificateSigningRequest request, Duration life) {
        String pem = new String(Base64.getDecoder().decode(request.getSpec().getRequest()), StandardCharsets.UTF_8);
        try (PEMParser parser = new PEMParser(new StringReader(pem))) {
            var asked = new JcaPKCS10CertificationRequest((PKCS10CertificationRequest) parser.readObject());
            assertThat(asked.getSubject()).hasToString("O=system:nodes,CN=system:node:n1");
            CertificateProfile profile = CertificateProfile.client("system:node:n1", "system:nodes");
            String certificate = Pem.encode(AUTHORITY.issue(
                    new CertificateProfile(
                            profile.commonName(), profile.organizations(), List.of(), profile.usages(), life),
                    asked.getPublicKey(),
                    now));
            return condition(request, "Approved")
                    .edit()
                    .editStatus()
                    .withCertificate(Base64.getEncoder().encodeToString(certificate.getBytes(StandardCharsets.UTF_8)))
                    .endStatus()
                    .build();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static CertificateSigningRequest condition(CertificateSigningRequest request, String type) {
        return new CertificateSigningRequestBuilder(request)
                .editOrNewStatus()
                .addNewCondition()
                .withType(type)
                .withStatus("True")
                .withReason("Because")
                .withMessage("of this")
                .endCondition()
                .endStatus()
                .build();
    }

    @Test
    void aTokenBecomesACertificateAndAKubeconfig() throws Exception {
        assertThat(Joining.done(kubeconfig, now)).isFalse();
        joining().join();
        assertThat(requests.keySet()).singleElement().asString().matches("node-csr-[A-Za-z0-9_-]{43}");
        Kubeconfig written = Kubeconfig.read(kubeconfig);
        assertThat(written.server()).isEqualTo("https://api.test:6443");
        assertThat(written.authorityPem()).isEqualTo(AUTHORITY.certificatePem());
        String current = dir.resolve("pki/kubelet-client-current.pem").toString();
        assertThat(written.user()).isEqualTo(Map.of("client-certificate", current, "client-key", current));
        assertThat(Files.readSymbolicLink(Path.of(current)).toString())
                .matches("kubelet-client-2026-11-21-12-00-\\d\\d\\.pem");
        for (Path secret : List.of(kubeconfig, Path.of(current).toRealPath())) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(secret)))
                    .isEqualTo("rw-------");
        }
        assertThat(store.current().orElseThrow().chain().getFirst().getSubjectX500Principal())
                .hasToString("CN=system:node:n1, O=system:nodes");
        assertThat(dir.resolve("pki/kubelet-client.key.tmp")).doesNotExist();
        assertThat(Joining.done(kubeconfig, now)).isTrue();
        assertThat(Joining.done(kubeconfig, now.plus(Duration.ofHours(11))))
                .as("what has ended does not serve")
                .isFalse();
    }

    @Test
    void aRefusedTokenIsTriedAgainFurtherAndFurtherApart() throws Exception {
        for (int i = 0; i < 7; i++) {
            refusals.add(StatusException.unauthorized());
        }
        joining().join();
        assertThat(pauses.subList(0, 7).stream().map(Duration::toSeconds))
                .containsExactly(1L, 2L, 4L, 8L, 10L, 10L, 10L);
        assertThat(Joining.done(kubeconfig, now)).isTrue();
    }

    @Test
    void aBootstrapKubeconfigThatComesLaterIsHeardOf() throws Exception {
        String text = Files.readString(bootstrap);
        Files.delete(bootstrap);
        stopAfter = 3;
        assertThatThrownBy(joining()::join).isInstanceOf(InterruptedException.class);
        assertThat(asked).isEmpty();
        Files.writeString(bootstrap, text);
        stopAfter = Integer.MAX_VALUE;
        joining().join();
        assertThat(Joining.done(kubeconfig, now)).isTrue();
    }

    @Test
    void afterACrashTheSameRequestIsFound() throws Exception {
        UnaryOperator<CertificateSigningRequest> signs = signer;
        signer = request -> request;
        stopAfter = 4;
        assertThatThrownBy(joining()::join).isInstanceOf(InterruptedException.class);
        assertThat(PosixFilePermissions.toString(
                        Files.getPosixFilePermissions(dir.resolve("pki/kubelet-client.key.tmp"))))
                .isEqualTo("rw-------");
        signer = signs;
        stopAfter = Integer.MAX_VALUE;
        joining().join();
        assertThat(requests).hasSize(1);
    }

    @Test
    void whatIsDeniedIsTriedAgain() throws Exception {
        UnaryOperator<CertificateSigningRequest> signs = signer;
        Deque<UnaryOperator<CertificateSigningRequest>> answers = new ArrayDeque<>();
        answers.add(request -> condition(request, "Denied"));
        signer = request -> answers.isEmpty()
                ? signs.apply(request.edit().withStatus(null).build())
                : answers.pop().apply(request);
        joining().join();
        assertThat(Joining.done(kubeconfig, now)).isTrue();
    }

    @Test
    void renewsInTheLastThirdOfItsLife() throws Exception {
        joining().join();
        NodeCertificate first = store.current().orElseThrow();
        List<NodeCertificate> used = new ArrayList<>();
        CertificateRotation rotation = new CertificateRotation(
                store,
                WantedCertificate.client("n1"),
                Fake::new,
                certificate -> {
                    used.add(certificate);
                    if (used.size() == 3) {
                        stopAfter = 0;
                    }
                },
                new Random(1),
                patience);
        assertThatThrownBy(rotation::run).isInstanceOf(InterruptedException.class);
        assertThat(used).hasSize(3);
        NodeCertificate before = first;
        for (NodeCertificate next : used) {
            Instant from = before.chain().getFirst().getNotBefore().toInstant();
            Duration life = Duration.between(from, before.end());
            // Signers date back by five minutes.
            Instant renewed = next.chain().getFirst().getNotBefore().toInstant().plus(Duration.ofMinutes(5));
            assertThat(Duration.between(from, renewed).toSeconds() / (double) life.toSeconds())
                    .isBetween(0.699, 0.901);
            before = next;
        }
        assertThat(store.current()).map(NodeCertificate::end).contains(before.end());
    }

    @Test
    void aLifeShorterThanTheDatingBackIsNotRenewedWithoutABreath() throws Exception {
        signer = request -> signed(request, Duration.ofSeconds(60));
        joining().join();
        List<Instant> used = new ArrayList<>();
        CertificateRotation rotation = new CertificateRotation(
                store,
                WantedCertificate.client("n1"),
                Fake::new,
                certificate -> {
                    used.add(now);
                    if (used.size() == 4) {
                        stopAfter = 0;
                    }
                },
                new Random(1),
                patience);
        assertThatThrownBy(rotation::run).isInstanceOf(InterruptedException.class);
        for (int i = 1; i < used.size(); i++) {
            assertThat(Duration.between(used.get(i - 1), used.get(i)))
                    .isBetween(Duration.ofSeconds(29), Duration.ofSeconds(40));
        }
    }

    @Test
    void aKubeconfigWithoutCertificatesOfItsOwnServesAsItIs() throws IOException {
        Kubeconfig.withToken("it", "https://api.test:6443", AUTHORITY.certificatePem(), "t")
                .write(kubeconfig);
        assertThat(Joining.done(kubeconfig, now)).isTrue();
        Files.writeString(kubeconfig, "kind: [");
        assertThat(Joining.done(kubeconfig, now)).isFalse();
    }
}
