package io.quarterdeck.system.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.quarterdeck.system.harness.Commands;
import io.quarterdeck.system.harness.Instance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Replays what a real API server answered. Exchanges that are known to differ stand in {@code known-differences/AREA.txt};
 * that list may only shrink: a difference that is not in it fails the test. Entries that no longer differ are printed, to
 * be taken out; they do not fail, since one exchange that is mended may let the rest of its scenario pass or not by turns.
 */
class GoldenReplayIT {
    private static final Path GOLDEN = Path.of("src/test/resources/golden");
    private static final Path KNOWN = Path.of("src/test/resources/golden/known-differences");
    private static final Pattern DIFFERENCE = Pattern.compile("^FAIL (\\S+ #\\d+) ");
    private static final String TOKEN = "golden-replay";

    private static Instance instance;

    @BeforeAll
    static void start() throws IOException {
        assumeTrue(Commands.installed("python3"), "python3 is not installed: the replay is skipped");
        instance = new Instance("golden");
        Path tokens = instance.home().resolve("tokens.csv");
        Files.writeString(tokens, TOKEN + ",admin,admin-uid,\"system:masters\"\n");
        instance.up("--components", "api", "--token-auth-file", tokens.toString())
                .good();
    }

    @AfterAll
    static void stop() {
        if (instance != null) {
            instance.close();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"access", "admission", "custom", "patching", "protocol", "resources", "tables", "validation"})
    void answersAsRecorded(String area) throws IOException {
        // Two scenarios of IPAddress use the same address: they may not run at once.
        String said = replay(area, "--only", "^(?!resources/ipaddresses/)")
                + (area.equals("resources") ? replay(area, "--only", "^resources/ipaddresses/", "--jobs", "1") : "");
        Files.createDirectories(Path.of("target/golden"));
        Files.writeString(Path.of("target/golden/" + area + ".log"), said);

        Set<String> different = said.lines()
                .map(DIFFERENCE::matcher)
                .filter(Matcher::find)
                .map(matcher -> matcher.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
        Files.write(Path.of("target/golden/" + area + ".txt"), different);
        Set<String> known = known(area);
        assertThat(minus(different, known))
                .as("exchanges that differ and did not before (details: target/golden/" + area + ".log)")
                .isEmpty();
        Set<String> mended = minus(known, different);
        if (!mended.isEmpty()) {
            System.out.println("no longer different, take them out of " + KNOWN.resolve(area + ".txt") + ": " + mended);
        }
    }

    private static String replay(String area, String... options) {
        List<String> command = new ArrayList<>(List.of(
                "python3",
                GOLDEN.resolve("replay.py").toString(),
                "--server",
                instance.server(),
                "--token",
                TOKEN,
                "--ca",
                instance.data().resolve("pki/ca.crt").toString(),
                GOLDEN.resolve(area + ".jsonl.gz").toString()));
        command.addAll(List.of(options));
        Commands.Result replay = instance.commands().run(Duration.ofMinutes(10), "", command);
        String total = replay.out().lines().reduce((_, last) -> last).orElse("");
        assertThat(total).as("the replay's last line").matches("[1-9]\\d* passed, \\d+ failed");
        System.out.println("golden " + area + ": " + total);
        return replay.out() + replay.err();
    }

    @Test
    void theInstanceStartedWithoutRootsParts() {
        assertThat(instance.state("components")).hasValue("api");
    }

    private static Set<String> known(String area) throws IOException {
        Path file = KNOWN.resolve(area + ".txt");
        return Files.exists(file)
                ? Files.readAllLines(file).stream()
                        .filter(line -> !line.isBlank() && !line.startsWith("//"))
                        .collect(Collectors.toCollection(TreeSet::new))
                : Set.of();
    }

    private static Set<String> minus(Set<String> left, Set<String> right) {
        Set<String> rest = new TreeSet<>(left);
        rest.removeAll(right);
        return rest;
    }
}
