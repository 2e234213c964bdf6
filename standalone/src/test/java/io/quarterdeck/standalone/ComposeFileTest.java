package io.quarterdeck.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarterdeck.standalone.server.KeyMaterial;
import java.io.IOException;
import java.io.StringReader;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import kafka.server.KafkaConfig;
import org.apache.kafka.server.config.AbstractKafkaConfig;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.Yaml;

/** compose.yaml is well formed, and what it mounts is what the build and compose/prepare make. */
class ComposeFileTest {
    private static final Path REPOSITORY = Path.of("..").toAbsolutePath().normalize();
    private static final String MADE = "./compose/run/";
    private static final Pattern HERE_DOCUMENT =
            Pattern.compile("^cat >(\\S+) <<(\\w+)\\n(.*?)^\\2$", Pattern.MULTILINE | Pattern.DOTALL);

    private static Map<String, Object> file;
    private static Map<String, Map<String, Object>> services;
    private static String prepare;

    @BeforeAll
    static void read() throws IOException {
        file = new Yaml().load(Files.readString(REPOSITORY.resolve("compose.yaml")));
        services = map(file.get("services"));
        prepare = Files.readString(REPOSITORY.resolve("compose/prepare"));
    }

    /** A file of this machine in a container. */
    private record Mount(String source, String target, boolean readOnly, boolean mayBeMissing) {
        static Stream<Mount> of(Map<String, Object> service) {
            return list(service.get("volumes")).stream()
                    .filter(Map.class::isInstance)
                    .map(ComposeFileTest::<Object>map)
                    .map(volume -> new Mount(
                            volume.get("source").toString(),
                            volume.get("target").toString(),
                            Boolean.TRUE.equals(volume.get("read_only")),
                            !Boolean.FALSE.equals(map(volume.get("bind")).get("create_host_path"))));
        }
    }

    @SuppressWarnings("unchecked")
    private static <T> Map<String, T> map(Object value) {
        return value == null ? Map.of() : (Map<String, T>) value;
    }

    private static List<?> list(Object value) {
        return value == null ? List.of() : (List<?>) value;
    }

    private static Stream<Mount> mounts() {
        return services.values().stream().flatMap(Mount::of);
    }

    @Test
    void runsEveryPartOfTheControlPlane() {
        assertThat(services.keySet()).containsExactlyInAnyOrder("postgres", "kafka", "api", "controllers", "scheduler");
        services.forEach((name, service) ->
                assertThat(service).as(name).containsKeys("image", "restart", "volumes", "healthcheck"));
    }

    @Test
    void waitsOnlyForServicesThatExist() {
        services.values()
                .forEach(service -> assertThat(services.keySet())
                        .containsAll(map(service.get("depends_on")).keySet()));
    }

    @Test
    void usesOnlyVolumesAndSecretsThatItDeclares() {
        Set<String> volumes = map(file.get("volumes")).keySet();
        Map<String, Map<String, Object>> secrets = map(file.get("secrets"));
        services.values().forEach(service -> {
            list(service.get("volumes")).stream()
                    .filter(String.class::isInstance)
                    .forEach(volume ->
                            assertThat(volumes).contains(volume.toString().split(":")[0]));
            list(service.get("secrets")).forEach(secret -> assertThat(secrets).containsKey(secret.toString()));
        });
        secrets.values()
                .forEach(secret -> assertThat(prepare)
                        .contains("secret " + secret.get("file").toString().substring("./compose/".length()) + "\n"));
    }

    @Test
    void mountsJarsOfTheBuild() throws IOException {
        Matcher version = Pattern.compile("<artifactId>quarterdeck</artifactId>\\s*<version>(.*?)</version>")
                .matcher(Files.readString(REPOSITORY.resolve("pom.xml")));
        assertThat(version.find()).isTrue();
        List<String> jars = mounts().map(Mount::source)
                .filter(source -> source.endsWith(".jar"))
                .toList();
        assertThat(jars).hasSize(3).allSatisfy(jar -> {
            String module = jar.split("/")[1];
            assertThat(jar).isEqualTo("./%s/target/%s-%s-exec.jar".formatted(module, module, version.group(1)));
            assertThat(REPOSITORY.resolve(module).resolve("pom.xml")).exists();
        });
    }

    @Test
    void mountsFilesThatAreMade(@TempDir Path directory) {
        KeyMaterial.write(directory, URI.create("https://127.0.0.1:6443"), List.of(), List.of(), Instant.now());
        mounts().filter(mount -> !mount.source().endsWith(".jar")).forEach(mount -> {
            if (!mount.source().startsWith(MADE)) {
                assertThat(REPOSITORY.resolve(mount.source())).exists();
                return;
            }
            String name = mount.source().substring(MADE.length());
            assertThat(Files.exists(directory.resolve(name))
                            || prepare.contains(">run/" + name + " <<")
                            || prepare.contains(" run/" + name + "\n")
                            || prepare.contains(" run/" + name + " "))
                    .as(mount.source())
                    .isTrue();
        });
    }

    /** A directory made by Docker in place of a missing file would stand in the way of the build. */
    @Test
    void aMissingFileIsAnError() {
        assertThat(mounts().filter(Mount::mayBeMissing)).isEmpty();
    }

    @Test
    void aContainerSeesOnlyWhatItNeeds() {
        services.forEach((name, service) -> Mount.of(service).forEach(mount -> {
            assertThat(mount.source()).as(name).isNotIn("./compose/run", "./compose/run/kubeconfigs");
            if (!name.equals("api")) {
                assertThat(mount.source()).as(name).isNotEqualTo("./compose/run/pki");
                assertThat(mount.readOnly()).as(mount.source()).isTrue();
            }
        }));
    }

    @Test
    void namesOnlyFilesThatAreThere() {
        services.forEach((name, service) -> {
            List<String> words = new ArrayList<>();
            list(service.get("command")).forEach(word -> words.add(word.toString()));
            map(service.get("environment"))
                    .values()
                    .forEach(value -> words.addAll(List.of(value.toString().split(","))));
            Set<String> targets = Mount.of(service).map(Mount::target).collect(Collectors.toSet());
            list(service.get("secrets")).forEach(secret -> targets.add("/run/secrets/" + secret));
            assertThat(words.stream()
                            .map(word -> word.replaceFirst("^file:", ""))
                            .filter(word -> word.startsWith("/")))
                    .as(name)
                    .allSatisfy(path -> assertThat(targets).anyMatch(there -> (path + "/").startsWith(there + "/")));
        });
    }

    @Test
    void theBrokerTakesItsSettings() throws IOException {
        Properties settings = new Properties();
        settings.load(new StringReader(made("run/kafka-settings/server.properties")));
        assertThat(new KafkaConfig(settings, false).processRoles().size()).isEqualTo(2);
        Set<String> unknown = new TreeSet<>(settings.stringPropertyNames());
        unknown.removeAll(AbstractKafkaConfig.CONFIG_DEF.names());
        unknown.removeIf(name -> name.matches("listener\\.name\\.[a-z]+\\.plain\\.sasl\\.jaas\\.config"));
        assertThat(unknown).isEmpty();
    }

    @Test
    void theServicesReadYaml() {
        for (String name : List.of("run/database.yaml", "run/kafka-client.yaml")) {
            assertThat(new Yaml().<Map<String, Object>>load(made(name)))
                    .as(name)
                    .containsOnlyKeys("spring");
        }
    }

    /** What compose/prepare writes into a file, before the shell fills in the passwords. */
    private static String made(String name) {
        return HERE_DOCUMENT
                .matcher(prepare)
                .results()
                .filter(document -> document.group(1).equals(name))
                .map(document -> document.group(3))
                .findFirst()
                .orElseThrow();
    }
}
