package io.quarterdeck.pki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterPkiTest {

    private static final Instant NOW = Instant.parse("2026-05-01T10:00:00Z");

    @TempDir
    Path directory;

    private ClusterPki ensure(Instant now, String... addresses) {
        return ClusterPki.ensure(directory, List.of(addresses), "10.96.0.1", "cluster.local", now);
    }

    private X509Certificate certificate(String name) {
        return Pem.certificate(CertificateFiles.read(directory.resolve(name + ".crt")));
    }

    @Test
    void aSecondRunChangesNothing() throws Exception {
        ensure(NOW, "192.0.2.1");
        Map<String, String> before = contents();
        ensure(NOW.plusSeconds(60), "192.0.2.1");
        assertThat(contents()).isEqualTo(before);
        assertThat(before.keySet())
                .containsExactlyInAnyOrder(
                        "ca.crt",
                        "ca.key",
                        "front-proxy-ca.crt",
                        "front-proxy-ca.key",
                        "sa.key",
                        "sa.pub",
                        "apiserver.crt",
                        "apiserver.key",
                        "apiserver-kubelet-client.crt",
                        "apiserver-kubelet-client.key",
                        "front-proxy-client.crt",
                        "front-proxy-client.key");
    }

    @Test
    void keysAreTheOwnersAlone() throws Exception {
        ensure(NOW);
        try (var files = Files.list(directory)) {
            for (Path file : files.toList()) {
                String expected = file.toString().endsWith(".key") ? "rw-------" : "rw-r--r--";
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                        .as(file.toString())
                        .isEqualTo(expected);
            }
        }
    }

    @Test
    void theServerIsKnownUnderEveryNameThatPodsAndUsersTake() throws Exception {
        ensure(NOW, "example.test", "fd00::5", "::1");
        assertThat(CertificateFiles.addresses(certificate("apiserver")))
                .contains(
                        "kubernetes.default.svc.cluster.local",
                        "localhost",
                        "127.0.0.1",
                        "10.96.0.1",
                        "example.test",
                        "fd00:0:0:0:0:0:0:5");
    }

    @Test
    void aNewAddressRenewsTheServerUnderTheSameAuthority() throws Exception {
        ensure(NOW);
        X509Certificate authority = certificate("ca");
        X509Certificate client = certificate("apiserver-kubelet-client");
        ensure(NOW, "192.0.2.7");
        assertThat(certificate("ca")).isEqualTo(authority);
        assertThat(certificate("apiserver-kubelet-client")).isEqualTo(client);
        assertThat(CertificateFiles.addresses(certificate("apiserver"))).contains("192.0.2.7");
        certificate("apiserver").verify(authority.getPublicKey());
    }

    @Test
    void whatEndsSoonIsRenewed() {
        ensure(NOW);
        X509Certificate before = certificate("apiserver");
        ensure(NOW.plus(Duration.ofDays(200)));
        assertThat(certificate("apiserver")).isEqualTo(before);
        ensure(NOW.plus(Duration.ofDays(320)));
        assertThat(certificate("apiserver").getNotAfter()).isAfter(before.getNotAfter());
    }

    @Test
    void anIdentityThatChangedIsIssuedAnew() throws Exception {
        ClusterPki pki = ensure(NOW);
        KeyedCertificate node = pki.issue("node", CertificateProfile.client("system:node:a", "system:nodes"));
        assertThat(pki.issue("node", CertificateProfile.client("system:node:a", "system:nodes"))
                        .certificate())
                .isEqualTo(node.certificate());
        KeyedCertificate other = pki.issue("node", CertificateProfile.client("system:node:b", "system:nodes"));
        assertThat(other.certificate().getSubjectX500Principal().getName())
                .isEqualTo("CN=system:node:b,O=system:nodes");
        assertThat(other.certificate().getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.2");
    }

    @Test
    void keysReadBackAsTheyWereWritten() {
        ClusterPki pki = ensure(NOW);
        assertThat(((ECPrivateKey) Pem.privateKey(pki.ca().keyed().keyPem())).getS())
                .isEqualTo(((ECPrivateKey) pki.ca().keyed().key()).getS());
        assertThat(((ECPrivateKey) Pem.privateKey(pki.ca().keyed().clientKeyPem())).getS())
                .isEqualTo(((ECPrivateKey) pki.ca().keyed().key()).getS());
        assertThat(Pem.publicKeys(CertificateFiles.read(directory.resolve("sa.pub"))))
                .containsExactly(pki.serviceAccountKeys().getPublic());
        assertThat(ensure(NOW).serviceAccountKeys().getPrivate())
                .isEqualTo(pki.serviceAccountKeys().getPrivate());
    }

    @Test
    void keysHaveTheFormThatTheirReadersTake() {
        ClusterPki pki = ensure(NOW);
        assertThat(CertificateFiles.read(pki.keyFile("apiserver"))).startsWith("-----BEGIN PRIVATE KEY-----");
        assertThat(pki.ca().keyed().clientKeyPem()).startsWith("-----BEGIN EC PRIVATE KEY-----");
    }

    @Test
    void malformedTextIsRefusedAndNeverQuoted() {
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> Pem.privateKey("-----BEGIN EC PRIVATE KEY-----\nc2VjcmV0\n-----END EC PRIVATE KEY-----"))
                .satisfies(e -> assertThat(e.toString()).doesNotContain("c2VjcmV0"));
        assertThatIllegalArgumentException().isThrownBy(() -> Pem.certificate("nothing"));
    }

    private Map<String, String> contents() throws Exception {
        Map<String, String> contents = new TreeMap<>();
        try (var files = Files.list(directory)) {
            for (Path file : files.toList()) {
                contents.put(file.getFileName().toString(), Files.readString(file));
            }
        }
        return contents;
    }
}
