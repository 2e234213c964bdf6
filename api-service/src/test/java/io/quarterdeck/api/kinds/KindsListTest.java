package io.quarterdeck.api.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarterdeck.api.registry.BuiltInResources;
import io.quarterdeck.api.registry.ResourceDefinition;
import io.quarterdeck.api.registry.ResourceStrategy;
import io.quarterdeck.api.registry.RuntimeConfig;
import io.quarterdeck.api.registry.SelectableField;
import io.quarterdeck.api.registry.Subresource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Holds {@code docs/kinds.md} to the code; with {@code -Dkinds.write=true} it writes that page. */
class KindsListTest {

    private static final Path PAGE = Path.of("..", "docs", "kinds.md");
    private static final String HEAD = """
            # Kinds

            Every built-in kind, and where what its schema cannot say is written: defaults that are computed, what may change,
            rules, Table, selectable fields. Written by `KindsListTest` of api-service, which fails when this page is stale
            (`-Dkinds.write=true` writes it). *common* means that nothing is special. Of several versions the first is stored;
            those in brackets are served when the setting `quarterdeck.api.runtime-config` switches them on. Lines are those of the
            strategy's own file when the page was last written, without what kinds share (their figures may be stale, nothing else).

            | group | versions | kind | subresources | selectable fields | strategy | lines |
            |---|---|---|---|---|---|---|
            """;

    private static final Path SOURCES = Path.of("src", "main", "java");
    private static final Pattern FIGURE = Pattern.compile("\\d* \\|$", Pattern.MULTILINE);

    private record Row(String group, String kind) {}

    @Test
    void thePageListsEveryKindWithItsStrategy() throws IOException {
        String page = HEAD + rows();
        if (Boolean.getBoolean("kinds.write")) {
            Files.writeString(PAGE, page);
        }
        assertThat(withoutFigures(Files.readString(PAGE))).isEqualTo(withoutFigures(page));
    }

    /** A line more in a strategy does not make the page wrong. */
    private static String withoutFigures(String page) {
        return FIGURE.matcher(page).replaceAll("|");
    }

    private static String rows() {
        List<ResourceStrategy> strategies = KindParts.strategies();
        assertThat(strategies).hasSizeGreaterThan(50);
        Map<Row, List<ResourceDefinition>> kinds = new LinkedHashMap<>();
        BuiltInResources.read(strategies, new RuntimeConfig(List.of("api/all=true"))).stream()
                .sorted(Comparator.comparingInt(
                                (ResourceDefinition each) -> BuiltInResources.GROUP_ORDER.indexOf(each.group()))
                        .thenComparing(ResourceDefinition::kind))
                .forEach(each -> kinds.computeIfAbsent(new Row(each.group(), each.kind()), absent -> new ArrayList<>())
                        .add(each));
        List<ResourceDefinition> stable = BuiltInResources.read(strategies, RuntimeConfig.stable());
        StringBuilder rows = new StringBuilder();
        kinds.forEach((row, versions) -> {
            ResourceDefinition best = versions.stream()
                    .filter(each -> each.version().equals(each.storedVersion()))
                    .findFirst()
                    .orElse(versions.getFirst());
            rows.append("| %s | %s | %s | %s | %s | %s | %s |\n"
                    .formatted(
                            row.group().isEmpty() ? "core" : row.group(),
                            versions.stream()
                                    .sorted(Comparator.comparing(
                                            each -> !each.version().equals(best.version())))
                                    .map(each -> served(each, stable) ? each.version() : "[" + each.version() + "]")
                                    .collect(Collectors.joining(", ")),
                            row.kind(),
                            best.subresources().stream()
                                    .map(Subresource::name)
                                    .sorted()
                                    .collect(Collectors.joining(", ")),
                            best.strategy().selectableFields().stream()
                                    .map(SelectableField::label)
                                    .map(label -> "`" + label + "`")
                                    .collect(Collectors.joining(", ")),
                            strategy(best),
                            lines(best)));
        });
        return rows.toString();
    }

    private static boolean served(ResourceDefinition definition, List<ResourceDefinition> stable) {
        return stable.stream()
                .anyMatch(each ->
                        each.gvk().equals(definition.gvk()) && each.plural().equals(definition.plural()));
    }

    private static String lines(ResourceDefinition definition) {
        Class<?> type = definition.strategy().getClass();
        Path source = SOURCES.resolve(type.getName().replace('.', '/') + ".java");
        try (Stream<String> lines = Files.lines(source)) {
            return String.valueOf(lines.count());
        } catch (NoSuchFileException common) {
            return "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String strategy(ResourceDefinition definition) {
        if (definition.verbs().equals(List.of("create"))) {
            return "answered, not stored";
        }
        Class<?> type = definition.strategy().getClass();
        return type.isHidden() || type.isSynthetic()
                ? "*common*"
                : "`%s.%s`"
                        .formatted(
                                type.getPackageName()
                                        .substring(type.getPackageName().lastIndexOf('.') + 1),
                                type.getSimpleName());
    }
}
