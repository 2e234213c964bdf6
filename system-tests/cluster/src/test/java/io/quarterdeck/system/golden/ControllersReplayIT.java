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
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * Replays what the real controller manager and scheduler did, with fake nodes. What is known to differ stands in {@code
 * known-differences/controllers.txt} and {@code placement.txt}; those lists may only shrink. A scenario that differs is run
 * once more, alone: on a busy machine a step may come too late among ten others.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ControllersReplayIT {
    private static final Path GOLDEN =
            Path.of("src/test/resources/golden/controllers").toAbsolutePath();
    private static final Path KNOWN = Path.of("src/test/resources/golden/known-differences");
    private static final Path REPORTS = Path.of("target/golden");
    private static final Pattern SCENARIO = Pattern.compile("^(ok|FAIL) +(\\S+) ");
    private static final String TOKEN = "controllers-replay";

    /** Whether everything is replayed: {@code -Dquarterdeck.replay=all}. It takes some ten minutes. */
    private static final boolean ALL = "all".equals(System.getProperty("quarterdeck.replay"));

    /** Areas of which scenarios may run side by side; the others need the cluster for themselves, or wait for minutes. */
    private static final String CONTROLLERS =
            "deployment|gc|namespace|quota|replicaset|replicationcontroller|roles|rootca" + "|serviceaccount"
                    + (ALL ? "|endpoints|node|podgc|tainteviction" : "");

    /** The scheduler's own tests replay all placements; these show that a whole cluster decides alike. */
    private static final String PLACEMENT = "ports|images" + (ALL ? "|resources|nodeselector|nodeaffinity|taints" : "");

    private static Instance instance;

    @BeforeAll
    static void start() throws IOException {
        assumeTrue(Commands.installed("python3"), "python3 is not installed: the replay is skipped");
        // The timers that the recorded cluster ran with.
        instance = new Instance(
                "controllers",
                Map.of(
                        "QUARTERDECK_CONTROLLERS_NODEMONITORGRACEPERIOD", "12s",
                        "QUARTERDECK_CONTROLLERS_NODEMONITORPERIOD", "2s",
                        "QUARTERDECK_CONTROLLERS_NODEEVICTIONRATE", "10"));
        Path tokens = instance.home().resolve("tokens.csv");
        Files.writeString(tokens, TOKEN + ",admin,admin-uid,\"system:masters\"\n");
        instance.up("--components", "api,controllers,scheduler", "--token-auth-file", tokens.toString())
                .good();
    }

    @AfterAll
    static void stop() {
        if (instance != null) {
            instance.close();
        }
    }

    /** Before the other: each case waits until there is nothing left in the cluster that it has not made. */
    @Test
    @Order(1)
    void theSchedulerPlacesAsRecorded() throws IOException {
        replay(
                "placement",
                "^(" + PLACEMENT + ")/",
                "--suite",
                "scheduler",
                "--compare",
                GOLDEN.resolve("placement").toString());
    }

    @Test
    @Order(2)
    void controllersDoAsRecorded() throws IOException {
        replay(
                "controllers",
                "^(" + CONTROLLERS + ")/",
                "--compare",
                GOLDEN.resolve("recorded").toString());
    }

    private static void replay(String name, String scenarios, String... more) throws IOException {
        Set<String> known = known(name);
        Outcome first = run(name, scenarios, 8, more);
        Set<String> again = minus(first.different(), known);
        Set<String> different = again;
        if (!again.isEmpty()) {
            // Names are letters, digits, '-', '/' and '.': the same to a regular expression.
            different = run(name + "-again", "^(" + String.join("|", again) + ")$", 1, more)
                    .different();
        }
        System.out.printf(
                "golden %s: %d as recorded, %d known to differ, %d new differences%n",
                name,
                first.all().size() - minus(first.different(), again).size() - different.size(),
                minus(first.different(), again).size(),
                different.size());
        assertThat(first.all()).as("scenarios that ran").isNotEmpty();
        assertThat(different)
                .as("scenarios that differ and did not before (details: " + REPORTS + "/" + name + "-again.log)")
                .isEmpty();
        Set<String> mended = minus(known, first.different());
        if (!mended.isEmpty()) {
            System.out.println("no longer different, take them out of " + KNOWN.resolve(name + ".txt") + ": " + mended);
        }
    }

    private record Outcome(Set<String> all, Set<String> different) {}

    private static Outcome run(String name, String scenarios, int parallel, String... more) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                "python3",
                GOLDEN.resolve("controllers.py").toString(),
                "run",
                "-server",
                instance.server(),
                "-token",
                TOKEN,
                "-patience",
                "3",
                "-parallel",
                Integer.toString(parallel),
                "-run",
                scenarios));
        command.addAll(List.of(more));
        Commands.Result replay = instance.commands().run(Duration.ofMinutes(60), "", command);
        Files.createDirectories(REPORTS);
        Files.writeString(REPORTS.resolve(name + ".log"), replay.out() + replay.err());
        Set<String> all = new TreeSet<>();
        Set<String> different = new TreeSet<>();
        replay.out().lines().map(SCENARIO::matcher).filter(Matcher::find).forEach(line -> {
            all.add(line.group(2));
            if (line.group(1).equals("FAIL")) {
                different.add(line.group(2));
            }
        });
        return new Outcome(all, different);
    }

    private static Set<String> known(String name) throws IOException {
        return Files.readAllLines(KNOWN.resolve(name + ".txt")).stream()
                .filter(line -> !line.isBlank() && !line.startsWith("//"))
                .map(line -> line.split("\\s", 2)[0])
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> minus(Set<String> left, Set<String> right) {
        Set<String> rest = new TreeSet<>(left);
        rest.removeAll(right);
        return rest;
    }
}
