package io.quarterdeck.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a user can set: every property of every service is documented in docs/settings.md, and the layouts that come with
 * the project set only properties that exist. Here, because all services are on this module's class path.
 */
class SettingsTest {
    private static final Path REPOSITORY = Path.of("..").toAbsolutePath().normalize();
    private static final Path DOCUMENT = REPOSITORY.resolve("docs/settings.md");
    private static final String HEAD = """
            # Settings

            Every property of every service, as its configuration metadata has it. In the environment a property is upper case, dots
            become underscores and dashes vanish: `quarterdeck.node.max-pods` is `QUARTERDECK_NODE_MAXPODS`. Spring Boot's own
            properties (`server.*`, `management.*`, `spring.datasource.*`, `spring.kafka.*`) hold as well.
            """;

    /** By module, then by name. */
    private static final Map<String, Map<String, JsonNode>> PROPERTIES = new TreeMap<>();

    @BeforeAll
    static void read() throws IOException {
        var metadata = SettingsTest.class.getClassLoader().getResources("META-INF/spring-configuration-metadata.json");
        for (URL url : Collections.list(metadata)) {
            try (InputStream in = url.openStream()) {
                new JsonMapper()
                        .readTree(in)
                        .path("properties")
                        .valueStream()
                        .filter(property -> property.path("name").asString("").startsWith("quarterdeck."))
                        .forEach(property -> PROPERTIES
                                .computeIfAbsent(module(url), _ -> new TreeMap<>())
                                .merge(property.path("name").asString(), property, SettingsTest::fuller));
            }
        }
    }

    /** The folder above {@code target}, whether the classes came from there or from a jar. */
    private static String module(URL url) {
        String path = url.getPath();
        String above = path.substring(0, path.indexOf("/target/"));
        return above.substring(above.lastIndexOf('/') + 1);
    }

    /** Two classes may read one property; the one that tells a default is the one to document. */
    private static JsonNode fuller(JsonNode one, JsonNode other) {
        return one.has("defaultValue") ? one : other;
    }

    @Test
    void everyPropertyHasAMeaning() {
        assertThat(PROPERTIES.values().stream()
                        .flatMap(properties -> properties.values().stream())
                        .filter(property -> meaning(property).isBlank())
                        .map(property -> property.path("name").asString()))
                .isEmpty();
    }

    @Test
    void theDocumentIsCurrent() throws IOException {
        Path current = Path.of("target/settings.md");
        Files.writeString(current, document());
        assertThat(current)
                .as("docs/settings.md is out of date: cp standalone/target/settings.md docs/settings.md")
                .hasSameTextualContentAs(DOCUMENT);
    }

    private static String document() {
        var text = new StringBuilder(HEAD);
        PROPERTIES.forEach((module, properties) -> {
            text.append("\n## ").append(module).append("\n\n| property | default | meaning |\n|---|---|---|\n");
            properties.forEach((name, property) -> text.append("| `%s` | %s | %s |\n"
                    .formatted(
                            name,
                            initial(property).isEmpty() ? "" : "`" + initial(property) + "`",
                            meaning(property))));
        });
        return text.toString();
    }

    private static String initial(JsonNode property) {
        JsonNode value = property.path("defaultValue");
        return value.isArray()
                ? value.valueStream().map(JsonNode::asString).collect(Collectors.joining(", "))
                : value.asString("");
    }

    private static String meaning(JsonNode property) {
        return property.path("description")
                .asString("")
                .replaceAll("\\s+", " ")
                .replaceAll("\\{@(?:code|link) ([^}]*)}", "`$1`")
                .replace("|", "\\|");
    }

    static Stream<Arguments> layouts() throws IOException {
        Stream<Path> files = Stream.of(
                REPOSITORY.resolve("compose.yaml"),
                REPOSITORY.resolve("compose/prepare"),
                REPOSITORY.resolve("compose/processes"));
        try (Stream<Path> templates = Files.list(REPOSITORY.resolve("helm/quarterdeck/templates"))) {
            return Stream.concat(files, templates.toList().stream())
                    .map(file -> arguments(REPOSITORY.relativize(file).toString(), file));
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("layouts")
    void aLayoutSetsOnlyWhatExists(String name, Path file) throws IOException {
        Set<String> known = PROPERTIES.values().stream()
                .flatMap(properties -> properties.keySet().stream())
                .map(SettingsTest::variable)
                .collect(Collectors.toSet());
        // What the scripts themselves read.
        known.addAll(Set.of("QUARTERDECK_JAVA_HOME", "QUARTERDECK_NO_BUILD"));
        String text = Files.readString(file);
        Set<String> set = new TreeSet<>();
        Matcher variables = Pattern.compile("QUARTERDECK_[A-Z0-9_]*[A-Z0-9]\\b").matcher(text);
        while (variables.find()) {
            set.add(variables.group());
        }
        Matcher arguments = Pattern.compile("--(quarterdeck\\.[a-z0-9.-]+)=").matcher(text);
        while (arguments.find()) {
            set.add(variable(arguments.group(1)));
        }
        set.removeAll(known);
        assertThat(set).as("settings that no service knows").isEmpty();
    }

    private static String variable(String property) {
        return property.toUpperCase(Locale.ROOT).replace("-", "").replace('.', '_');
    }
}
