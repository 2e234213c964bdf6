package io.quarterdeck.system.clients;

import io.quarterdeck.system.harness.Commands;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The scenarios of {@code src/test/clients/kubectl}: lists of shell commands, each with what a real API server let
 * kubectl print. {@link #main} records them anew.
 */
final class KubectlScenarios {
    static final Path ROOT = Path.of("src/test/clients/kubectl").toAbsolutePath();

    private final Path kubectl;
    private final Path kubeconfig;

    /**
     * @param kubectl the program under the name kubectl
     * @param kubeconfig of the administrator
     */
    KubectlScenarios(Path kubectl, Path kubeconfig) {
        this.kubectl = kubectl.toAbsolutePath();
        this.kubeconfig = kubeconfig.toAbsolutePath();
    }

    static List<String> names() throws IOException {
        try (var files = Files.list(ROOT.resolve("scenarios"))) {
            return files.map(file -> file.getFileName().toString().replaceFirst("\\.sh$", ""))
                    .sorted()
                    .toList();
        }
    }

    static Path recorded(String minor, String scenario) {
        return ROOT.resolve("recorded").resolve(minor).resolve(scenario + ".txt");
    }

    /**
     * Runs a scenario in a namespace of its own that has the service account which a controller would make. The
     * commands find the namespace's name in the variable NS; transcripts show it as {@code <ns>}.
     *
     * @param namespace one that does not exist yet
     */
    List<Transcript.Step> run(String scenario, String namespace) throws IOException {
        Path home = Files.createTempDirectory("kubectl-" + scenario + "-");
        try {
            Path bin = Files.createDirectory(home.resolve("bin"));
            Files.createSymbolicLink(bin.resolve("kubectl"), kubectl);
            Path config = home.resolve("kubeconfig");
            Files.copy(kubeconfig, config, StandardCopyOption.REPLACE_EXISTING);
            Path work = copy(ROOT.resolve("files"), home.resolve("work"));
            Map<String, String> environment = new LinkedHashMap<>();
            environment.put("HOME", home.toString());
            environment.put("KUBECONFIG", config.toString());
            environment.put("PATH", bin + ":" + existing(System.getenv("PATH")));
            environment.put("NS", namespace);
            environment.put("TZ", "UTC");
            environment.put("LC_ALL", "C.UTF-8");
            environment.put("KUBECACHEDIR", home.resolve("cache").toString());
            Commands shell = new Commands(environment);
            List<String> setUp = List.of(
                    "kubectl config set-context --current --namespace=" + namespace,
                    "kubectl create namespace " + namespace,
                    "kubectl create serviceaccount default");
            for (String command : setUp) {
                shell.run(Duration.ofMinutes(1), "", List.of("bash", "-c", command));
            }
            return Transcript.run(
                    Files.readAllLines(ROOT.resolve("scenarios").resolve(scenario + ".sh")), shell, work, namespace);
        } finally {
            delete(home);
        }
    }

    /** Of a search path, what is there: {@code kubectl plugin list} names the rest. */
    private static String existing(String path) {
        return Stream.of(path.split(":"))
                .filter(directory -> Files.isDirectory(Path.of(directory)))
                .collect(Collectors.joining(":"));
    }

    private static Path copy(Path from, Path to) throws IOException {
        try (var files = Files.walk(from)) {
            files.forEach(file -> {
                try {
                    Files.copy(file, to.resolve(from.relativize(file).toString()), StandardCopyOption.COPY_ATTRIBUTES);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
        return to;
    }

    private static void delete(Path directory) throws IOException {
        List<Path> all = new ArrayList<>();
        try (var files = Files.walk(directory)) {
            files.forEach(all::addFirst);
        }
        for (Path path : all) {
            Files.deleteIfExists(path);
        }
    }

    /**
     * Records scenarios: {@code OUT KUBECTL KUBECONFIG [SCENARIO...]}, run in the module's folder. OUT is a folder, such
     * as {@code src/test/clients/kubectl/recorded/1.36}.
     */
    public static void main(String... arguments) throws IOException {
        var scenarios = new KubectlScenarios(Path.of(arguments[1]), Path.of(arguments[2]));
        List<String> names = arguments.length > 3 ? List.of(arguments).subList(3, arguments.length) : names();
        for (String name : names) {
            Transcript.write(
                    Path.of(arguments[0]).resolve(name + ".txt"),
                    scenarios.run(name, name + "-" + System.currentTimeMillis() % 1_000_000));
        }
    }
}
