package io.quarterdeck.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/** compose.yaml is well formed, and what it mounts is what the build and compose/prepare make. */
class ComposeFileTest {
    private static final Path REPOSITORY = Path.of("..").toAbsolutePath().normalize();

    private static Map<String, Object> file;
    private static Map<String, Map<String, Object>> services;

    @BeforeAll
    static void read() throws IOException {
        file = new Yaml().load(Files.readString(REPOSITORY.resolve("compose.yaml")));
        services = map(file.get("services"));
    }

    @SuppressWarnings("unchecked")
    private static <T> Map<String, T> map(Object value) {
        return (Map<String, T>) value;
    }

    @SuppressWarnings("unchecked")
    private static List<String> list(Object value) {
        return value == null ? List.of() : (List<String>) value;
    }

    @Test
    void runsEveryPartOfTheControlPlane() {
        assertThat(services.keySet()).containsExactlyInAnyOrder("postgres", "kafka", "api", "controllers", "scheduler");
        services.forEach((name, service) -> assertThat(service).as(name).containsKeys("image", "restart", "volumes"));
    }

    @Test
    void waitsOnlyForServicesThatExist() {
        services.values().forEach(service -> {
            Object awaited = service.get("depends_on");
            Set<String> names = awaited instanceof Map<?, ?> conditions
                    ? ComposeFileTest.<Object>map(conditions).keySet()
                    : Set.copyOf(list(awaited));
            assertThat(services.keySet()).containsAll(names);
        });
    }

    @Test
    void usesOnlyVolumesAndSecretsThatItDeclares() {
        Set<String> volumes = map(file.get("volumes")).keySet();
        Set<String> secrets = map(file.get("secrets")).keySet();
        services.values().forEach(service -> {
            list(service.get("volumes")).stream()
                    .map(mount -> mount.split(":")[0])
                    .filter(source -> !source.startsWith("."))
                    .forEach(source -> assertThat(volumes).contains(source));
            assertThat(secrets).containsAll(list(service.get("secrets")));
        });
    }

    @Test
    void mountsWhatIsMade() throws IOException {
        String prepare = Files.readString(REPOSITORY.resolve("compose/prepare"));
        for (Map<String, Object> service : services.values()) {
            for (String mount : list(service.get("volumes"))) {
                String source = mount.split(":")[0];
                if (source.endsWith(".jar")) {
                    String module = source.split("/")[1];
                    assertThat(source)
                            .startsWith("./" + module + "/target/" + module + "-")
                            .endsWith("-exec.jar");
                    assertThat(REPOSITORY.resolve(module).resolve("pom.xml")).exists();
                } else if (source.matches("\\./compose/run/[^/]+\\.(yaml|properties)")) {
                    assertThat(prepare).contains(">" + source.substring("./compose/".length()));
                }
            }
        }
    }
}
