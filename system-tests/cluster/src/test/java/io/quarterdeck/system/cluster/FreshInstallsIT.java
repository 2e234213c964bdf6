package io.quarterdeck.system.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarterdeck.system.harness.Instance;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What is secret is made anew by each installation, and readable by its owner alone. */
class FreshInstallsIT {

    /** Long enough for a key or a password, and for no word of a configuration. */
    /** Random text in either base64; the names of settings are lower-case words. */
    private static final Pattern SECRET = Pattern.compile("(?![a-z-]+(?![A-Za-z0-9+/=_-]))[A-Za-z0-9+/=_-]{20,}");

    private static final Set<PosixFilePermission> OTHERS = Set.of(
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE);

    private static boolean isPrivate(Path file) {
        try {
            return Files.getPosixFilePermissions(file).stream().noneMatch(OTHERS::contains);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Path> files(Path data) throws IOException {
        try (Stream<Path> all = Files.walk(data)) {
            // The database's own files hold objects, not the installation's secrets; logs name programs and
            // directories.
            return all.filter(Files::isRegularFile)
                    .filter(file -> !file.getFileName().toString().contains(".log"))
                    .filter(file -> !data.relativize(file).startsWith("postgres/data"))
                    .toList();
        }
    }

    /** What is secret, and the file that it stands in. */
    private static Map<String, String> secrets(Path data) throws IOException {
        Map<String, String> secrets = new TreeMap<>();
        for (Path file : files(data)) {
            if (isPrivate(file)) {
                Matcher matcher = SECRET.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
                while (matcher.find()) {
                    secrets.put(matcher.group(), data.relativize(file).toString());
                }
            }
        }
        return secrets;
    }

    @Test
    void twoInstallationsShareNoSecret() throws IOException {
        Map<String, String> before;
        try (Instance first = new Instance("fresh-one")) {
            first.up("--components", "api").good();
            before = secrets(first.data());
        }
        try (Instance second = new Instance("fresh-two")) {
            second.up("--components", "api").good();
            Map<String, String> after = secrets(second.data());
            assertThat(Set.copyOf(after.values()))
                    .isEqualTo(Set.copyOf(before.values()))
                    .contains(
                            "pki/ca.key",
                            "pki/sa.key",
                            "pki/front-proxy-ca.key",
                            "kubeconfigs/admin.kubeconfig",
                            "postgres/password",
                            "kafka/password");
            assertThat(after.keySet()).doesNotContainAnyElementsOf(before.keySet());
            assertThat(files(second.data()))
                    .filteredOn(file -> file.toString().matches(".*(\\.key|\\.kubeconfig|/[a-z-]*password)"))
                    .hasSizeGreaterThan(15)
                    .allMatch(FreshInstallsIT::isPrivate);
        }
    }
}
