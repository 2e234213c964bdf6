package io.quarterdeck.node.volumes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.quarterdeck.node.host.HostCommands;
import io.quarterdeck.node.volumes.DownwardApi.NodeFacts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a container finds under a subPath, and that its links lead nowhere else. */
class SubPathTest {

    @TempDir
    private Path top;

    private Path volume;
    private Path outside;

    @BeforeEach
    void makeVolume() throws Exception {
        volume = Files.createDirectory(top.resolve("volume"));
        outside = Files.createDirectory(top.resolve("outside"));
        Files.setPosixFilePermissions(volume, PosixFilePermissions.fromString("rwxrwxrwx"));
        Files.createSymbolicLink(volume.resolve("out"), outside);
        Files.createSymbolicLink(volume.resolve("in"), Files.createDirectory(volume.resolve("real")));
    }

    private String mounted(String subPath) {
        Pod pod = new PodBuilder()
                .withNewMetadata()
                .withUid("u")
                .endMetadata()
                .withNewSpec()
                .addNewVolume()
                .withName("v")
                .withNewHostPath(volume.toString(), "")
                .endVolume()
                .addNewContainer()
                .withName("c")
                .addNewVolumeMount()
                .withName("v")
                .withMountPath("/m")
                .withSubPath(subPath)
                .endVolumeMount()
                .endContainer()
                .endSpec()
                .build();
        PodVolumes volumes = new PodVolumes(
                top,
                new HostCommands(),
                new NoObjects(),
                () -> new NodeFacts(List.of(), Map.of()),
                InstantSource.system());
        return volumes.mounts(pod, pod.getSpec().getContainers().getFirst(), UnaryOperator.identity())
                .getFirst()
                .hostPath();
    }

    @ParameterizedTest
    @CsvSource({"a, a", "a/b, a/b", "in, real", "in/c, real/c", "a/../b, b"})
    void isWithinTheVolume(String subPath, String expected) throws Exception {
        assertThat(Path.of(mounted(subPath)))
                .isEqualTo(volume.toRealPath().resolve(expected))
                .isDirectory();
    }

    @ParameterizedTest
    @CsvSource({"out", "out/made", "../outside", "/etc"})
    void leadsNowhereElse(String subPath) throws Exception {
        assertThatThrownBy(() -> mounted(subPath)).isInstanceOf(VolumeFailure.class);
        try (var made = Files.list(outside)) {
            assertThat(made).isEmpty();
        }
    }

    @Test
    void whatIsMissingIsMadeWithTheVolumesMode() throws Exception {
        assertThat(Files.getPosixFilePermissions(Path.of(mounted("new/deep"))))
                .isEqualTo(PosixFilePermissions.fromString("rwxrwxrwx"));
    }

    private static final class NoObjects implements ClusterObjects {
        @Override
        public Optional<ConfigMap> configMap(String namespace, String name) {
            return Optional.empty();
        }

        @Override
        public Optional<Secret> secret(String namespace, String name) {
            return Optional.empty();
        }

        @Override
        public Token token(Pod pod, String audience, long expirationSeconds) {
            throw new IllegalStateException("nobody asked for a token");
        }
    }
}
