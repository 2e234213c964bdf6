package io.quarterdeck.system.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.quarterdeck.system.harness.ApiAlone;
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
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * kubectl of three minors prints, against Quarterdeck, what it printed against a real API server: output, messages and
 * exit codes of each command in {@code src/test/clients/kubectl/scenarios}.
 */
class KubectlTranscriptIT {
    /** Scenarios at once: they mostly wait for kubectl to start and for watches to end. */
    private static final int AT_ONCE = 4;

    private static final Pattern MINOR = Pattern.compile("Client Version: v(1\\.\\d+)");

    @Test
    void theKubectlOfThePath() throws Exception {
        assumeTrue(Commands.installed("kubectl"), "kubectl is not installed: skipped");
        var version = MINOR.matcher(new Commands(Map.of())
                .run(Duration.ofSeconds(30), "", List.of("kubectl", "version", "--client"))
                .good());
        assertThat(version.find()).isTrue();
        String minor = version.group(1);
        assumeTrue(
                Files.exists(KubectlScenarios.recorded(minor, "get")),
                "nothing is recorded for kubectl " + minor + ": skipped");
        printsAsRecorded(minor, kubectlOfThePath());
    }

    @Test
    void kubectl135() throws Exception {
        printsAsRecorded("1.35", GoPrograms.built("kubectl-1.35", "-ldflags=-s -w"));
    }

    @Test
    void kubectl136() throws Exception {
        printsAsRecorded("1.36", GoPrograms.built("kubectl-1.36", "-ldflags=-s -w"));
    }

    private static Path kubectlOfThePath() {
        return List.of(System.getenv("PATH").split(":")).stream()
                .map(directory -> Path.of(directory, "kubectl"))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow();
    }

    private static void printsAsRecorded(String minor, Path kubectl) throws Exception {
        Instance instance = ApiAlone.shared();
        var scenarios = new KubectlScenarios(kubectl, ApiAlone.kubeconfig(instance));
        Map<String, Future<List<String>>> runs = new TreeMap<>();
        try (var executor = Executors.newFixedThreadPool(AT_ONCE)) {
            for (String name : KubectlScenarios.names()) {
                Callable<List<String>> run = () -> differences(scenarios, name, minor);
                runs.put(name, executor.submit(run));
            }
        }
        Set<String> known = known(minor);
        Set<String> seen = new TreeSet<>();
        List<String> unexpected = new ArrayList<>();
        for (var run : runs.entrySet()) {
            for (String difference : run.getValue().get()) {
                String key =
                        run.getKey() + ": " + difference.lines().findFirst().orElseThrow();
                seen.add(key);
                if (!known.contains(key)) {
                    unexpected.add(run.getKey() + ": " + difference);
                }
            }
        }
        Files.write(Path.of("target/clients/kubectl-" + minor + ".differences.txt"), seen);
        assertThat(unexpected)
                .as("what kubectl " + minor + " prints otherwise than against a real API server (- expected, + seen)")
                .isEmpty();
        known.removeAll(seen);
        if (!known.isEmpty()) {
            System.out.println("kubectl " + minor + ", no longer different: " + known);
        }
    }

    private static List<String> differences(KubectlScenarios scenarios, String name, String minor) throws IOException {
        List<Transcript.Step> seen = scenarios.run(name, name + "-" + minor.replace(".", ""));
        Transcript.write(Path.of("target/clients/transcripts", minor, name + ".txt"), seen);
        return Transcript.differences(Transcript.read(KubectlScenarios.recorded(minor, name)), seen);
    }

    /** Commands that still print something else, a line each; the lists may only shrink. */
    private static Set<String> known(String minor) throws IOException {
        Path file = KubectlScenarios.ROOT.resolve("known-differences").resolve(minor + ".txt");
        return Files.exists(file) ? new TreeSet<>(Files.readAllLines(file)) : new TreeSet<>();
    }
}
