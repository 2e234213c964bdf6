package io.quarterdeck.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.internal.SSLUtils;
import io.quarterdeck.pki.CertificateAuthority;
import io.quarterdeck.pki.CertificateProfile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KubeconfigTest {

    private static final String OTHERS = """
            apiVersion: v1
            kind: Config
            clusters:
            - cluster:
                server: https://other.test
                x-unknown: 7
              name: other
            contexts:
            - context:
                cluster: other
                user: other
              name: other
            users:
            - name: other
              user:
                exec:
                  command: login
                  args: [a, b]
            current-context: other
            """;

    private final CertificateAuthority authority = CertificateAuthority.create("kubernetes", Instant.now());
    private final Kubeconfig admin = Kubeconfig.withCertificate(
            "quarterdeck",
            "https://127.0.0.1:6443",
            authority.certificatePem(),
            authority.issue(CertificateProfile.client("kubernetes-admin", "system:masters"), Instant.now()));

    @TempDir
    Path directory;

    @Test
    void whatIsWrittenIsRead() {
        Path file = directory.resolve("admin.kubeconfig");
        admin.write(file);
        assertThat(Kubeconfig.read(file)).isEqualTo(admin);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Kubeconfig.read(directory.resolve("none")))
                .withMessageContaining("there is no kubeconfig");
    }

    @Test
    void authoritiesMayBeInFilesBesideIt() throws Exception {
        Files.writeString(directory.resolve("ca.crt"), authority.certificatePem());
        Path file = Files.writeString(
                directory.resolve("config"), OTHERS.replace("x-unknown: 7", "certificate-authority: ca.crt"));
        Kubeconfig read = Kubeconfig.read(file);
        assertThat(read.authorityPem()).isEqualTo(authority.certificatePem());
        assertThat(read.server()).isEqualTo("https://other.test");
        assertThat(read.user()).containsOnlyKeys("exec");
        Files.writeString(file, OTHERS);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Kubeconfig.read(file))
                .withMessageContaining("certificate-authority");
    }

    @Test
    void theClientTakesOneFileWithCertificateAndKeyAsKubeletsKeepIt() throws Exception {
        var identity = authority.issue(CertificateProfile.client("system:node:n", "system:nodes"), Instant.now());
        Path pem = Files.writeString(
                directory.resolve("current.pem"), identity.certificatePem() + identity.clientKeyPem());
        Path file = directory.resolve("node.kubeconfig");
        new Kubeconfig(
                        "node",
                        "https://127.0.0.1:6443",
                        authority.certificatePem(),
                        Map.of("client-certificate", pem.toString(), "client-key", pem.toString()))
                .write(file);
        try (var client = ClientFactory.open(new ClientProperties(file, Duration.ofSeconds(1)), "it")) {
            assertThat(SSLUtils.keyManagers(client.getConfiguration())).isNotEmpty();
        }
    }

    @Test
    void theClientLibraryTakesItsKeyAndCertificate() throws Exception {
        Path file = directory.resolve("admin.kubeconfig");
        admin.write(file);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        Config config = Config.fromKubeconfig(file.toFile());
        assertThat(config.getMasterUrl()).startsWith("https://127.0.0.1:6443");
        assertThat(SSLUtils.keyManagers(config)).isNotEmpty();
        assertThat(SSLUtils.trustManagers(config)).isNotEmpty();
    }

    @Test
    void othersEntriesStayAndTheFormerFileIsKept() throws Exception {
        Path file = directory.resolve("config");
        Files.writeString(file, OTHERS);
        admin.mergeInto(file);
        assertThat(Files.readString(file))
                .contains("x-unknown: 7", "command: login", "https://other.test", "current-context: quarterdeck");
        assertThat(Files.readString(directory.resolve("config.bak"))).isEqualTo(OTHERS);

        Kubeconfig.remove(file, "quarterdeck");
        assertThat(Files.readString(file)).doesNotContain("quarterdeck").contains("https://other.test");
        assertThat(Files.readString(directory.resolve("config.bak"))).isEqualTo(OTHERS);
    }

    @Test
    void nothingStaysOfWhatWasAddedAlone() throws Exception {
        Path file = directory.resolve("config");
        admin.mergeInto(file);
        Files.writeString(file, Files.readString(file).replace("https://127.0.0.1:6443", "https://127.0.0.1:7443"));
        admin.mergeInto(file);
        assertThat(directory.resolve("config.bak")).content().contains("client-key-data");

        Kubeconfig.remove(file, "quarterdeck");
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void mergingAgainWritesNothing() throws Exception {
        Path file = directory.resolve("config");
        Files.writeString(file, OTHERS);
        admin.mergeInto(file);
        admin.mergeInto(file);
        assertThat(Files.readString(directory.resolve("config.bak"))).isEqualTo(OTHERS);
    }

    @Test
    void aChosenNamespaceSurvives() throws Exception {
        Path file = directory.resolve("config");
        admin.mergeInto(file);
        Files.writeString(
                file,
                Files.readString(file)
                        .replace("    cluster: quarterdeck\n", "    cluster: quarterdeck\n    namespace: mine\n"));
        admin.mergeInto(file);
        assertThat(Files.readString(file)).contains("namespace: mine");
    }

    @Test
    void aFileThatIsNoKubeconfigIsLeftAlone() throws Exception {
        Path file = directory.resolve("config");
        Files.writeString(file, "- just\n- a list\n");
        assertThatIllegalArgumentException().isThrownBy(() -> admin.mergeInto(file));
        assertThat(Files.readString(file)).isEqualTo("- just\n- a list\n");
    }

    @Test
    void itsTextShowsNoCredential() {
        assertThat(admin.toString()).isEqualTo("Kubeconfig[quarterdeck at https://127.0.0.1:6443]");
    }
}
