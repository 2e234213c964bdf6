package io.quarterdeck.standalone.checks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.quarterdeck.standalone.instance.DockerHost;
import io.quarterdeck.standalone.instance.Instance;
import io.quarterdeck.standalone.instance.Role;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ChecksTest {
    private static final Set<Role> ALL = EnumSet.allOf(Role.class);
    private static final Set<Role> API = EnumSet.of(Role.API);

    @TempDir
    Path directory;

    private final FakeMachine machine = new FakeMachine();

    private Checks checks(Set<Role> roles) {
        return new Checks(machine, new Instance(directory.resolve("data")), 6443, roles, "./quarterdeck");
    }

    static Stream<Arguments> problems() {
        return Stream.of(
                problem("nothing wrong", ALL, m -> {}, null, null),
                problem("old Java", ALL, m -> m.java = 21, "Java 21 is too old", "openjdk-25"),
                problem("not root", ALL, m -> m.root = false, "only root may run pods", "sudo ./quarterdeck up"),
                problem("not root, but the API alone", API, m -> m.root = false, null, null),
                problem("disk nearly full", ALL, m -> m.space = 1 << 20, "is nearly full", "docker system prune"),
                problem(
                        "directory not writable",
                        API,
                        m -> m.writable = false,
                        "cannot write to",
                        "./quarterdeck up --data"),
                problem(
                        "port of the API taken",
                        ALL,
                        m -> m.listeners.put(6443, "nginx (process 7)"),
                        "port 6443 (API) is taken by nginx (process 7)",
                        "./quarterdeck up --port 7443"),
                problem("port of a part that does not run", API, m -> m.listeners.put(10250, "kubelet"), null, null),
                problem(
                        "no Docker and no apt",
                        ALL,
                        m -> {
                            m.docker = Optional.empty();
                            m.programs.removeAll(List.of("apt-get", "dockerd"));
                        },
                        "there is no Docker engine and no apt to install it",
                        "./quarterdeck up --components api"),
                problem(
                        "no Docker, but apt",
                        ALL,
                        m -> {
                            m.docker = Optional.empty();
                            m.programs.remove("dockerd");
                        },
                        null,
                        null),
                problem("Docker installed but not running", ALL, m -> m.docker = Optional.empty(), null, null),
                problem(
                        "another engine than the usual, not running",
                        ALL,
                        m -> {
                            m.docker = Optional.empty();
                            m.dockerHost = new DockerHost(URI.create("unix:///run/other.sock"));
                        },
                        "no Docker engine answers at unix:///run/other.sock, which quarterdeck.node.docker-host names",
                        "docker --host unix:///run/other.sock version"),
                problem("no kubectl", ALL, m -> m.programs.remove("kubectl"), null, null),
                problem(
                        "Docker too old",
                        ALL,
                        m -> m.docker = Optional.of("19.03.15"),
                        "Docker engine 19.03.15 is too old, 20.10 is needed",
                        "apt-get install docker.io"),
                problem(
                        "pods of another instance",
                        ALL,
                        m -> m.nodeHolder = Optional.of(Path.of("/other")),
                        "another instance runs pods on this machine (data /other)",
                        "./quarterdeck down --data /other"));
    }

    private static Arguments problem(
            String name, Set<Role> roles, Consumer<FakeMachine> change, String cause, String remedy) {
        return arguments(name, roles, change, cause, remedy);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("problems")
    void tellsTheCauseAndTheRemedy(
            String name, Set<Role> roles, Consumer<FakeMachine> change, String cause, String remedy) {
        change.accept(machine);
        Optional<Problem> found = checks(roles).firstProblem();
        if (cause == null) {
            assertThat(found).isEmpty();
        } else {
            assertThat(found).hasValueSatisfying(problem -> {
                assertThat(problem.cause()).contains(cause).doesNotContain("\n");
                assertThat(problem.remedy()).contains(remedy).doesNotContain("\n");
            });
        }
    }

    @Test
    void aDirectoryOfSomebodyElseIsNeverTaken() throws Exception {
        Files.createDirectories(directory.resolve("data/photos"));
        assertThat(checks(API).firstProblem())
                .hasValueSatisfying(
                        problem -> assertThat(problem.cause()).contains("\"photos\", which is not Quarterdeck's"));
    }

    @Test
    void aDatabaseWithoutPasswordIsDamaged() throws Exception {
        new Instance(directory.resolve("data")).create();
        Files.createDirectories(directory.resolve("data/postgres/data"));
        assertThat(checks(API).firstProblem()).hasValueSatisfying(problem -> {
            assertThat(problem.cause()).contains("has lost its password");
            assertThat(problem.remedy()).startsWith("./quarterdeck reset --data");
        });
    }

    @Test
    void namesThePackagesThatAptHasToBring() {
        machine.docker = Optional.empty();
        machine.plugins = false;
        machine.programs.removeAll(List.of("dockerd", "nft"));
        assertThat(checks(ALL).missingPackages())
                .containsExactlyInAnyOrder("docker.io", "nftables", "containernetworking-plugins");
        assertThat(checks(API).missingPackages()).isEmpty();
    }

    static Stream<Arguments> versions() {
        return Stream.of(
                arguments("20.10.24+dfsg1", true),
                arguments("20.9.1", false),
                arguments("19.03.15", false),
                arguments("28.2.2", true),
                arguments("dev", false));
    }

    @ParameterizedTest(name = "{0} is new enough: {1}")
    @MethodSource("versions")
    void comparesVersions(String version, boolean enough) {
        assertThat(Checks.atLeast(version, new int[] {20, 10})).isEqualTo(enough);
    }
}
