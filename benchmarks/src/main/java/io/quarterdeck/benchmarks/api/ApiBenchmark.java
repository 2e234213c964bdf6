package io.quarterdeck.benchmarks.api;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.util.FileSystemUtils;

/** Measures API servers in turn, run by run. The README of the module says what each option and each scenario is. */
public final class ApiBenchmark {

    private static final Set<String> OPTIONS = Set.of(
            "--client-certificate",
            "--client-key",
            "--http",
            "--objects",
            "--only",
            "--pids",
            "--runs",
            "--seconds",
            "--token",
            "--watchers",
            "--without");

    private ApiBenchmark() {}

    public static void main(String[] arguments) throws Exception {
        try {
            run(arguments);
        } catch (IllegalArgumentException wrong) {
            System.err.println(wrong.getMessage() + "; benchmarks/README.md lists the options");
            System.exit(2);
        }
    }

    private static void run(String[] arguments) throws Exception {
        Map<String, String> options = new HashMap<>();
        List<Server> servers = new ArrayList<>();
        Path work = Files.createTempDirectory("quarterdeck-benchmark");
        int port = 17_443;
        boolean brief = false;
        for (int i = 0; i < arguments.length; i += 2) {
            if (arguments[i].equals("--short")) {
                brief = true;
                i--;
                continue;
            }
            boolean adds = arguments[i].equals("--server") || arguments[i].equals("--url");
            if (!adds && !OPTIONS.contains(arguments[i])) {
                throw new IllegalArgumentException("unknown option " + arguments[i]);
            }
            if (i + 1 == arguments.length) {
                throw new IllegalArgumentException("an option without a value: " + arguments[i]);
            }
            String value = arguments[i + 1];
            switch (arguments[i]) {
                case "--server" -> {
                    int equals = value.indexOf('=');
                    String name = value.substring(0, equals);
                    servers.add(Server.started(name, value.substring(equals + 1), port, work.resolve(name)));
                    port += 10;
                }
                case "--url" -> servers.add(attached(value, options));
                default -> options.put(arguments[i], value);
            }
        }
        Yardsticks yardsticks = Yardsticks.taken(work);
        Report report = new Report(
                System.out, yardsticks, servers.stream().map(Server::name).toList());
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            // Whoever interrupts a long run still gets its table, and no server is left behind.
            report.table(System.err);
            servers.forEach(Server::kill);
            FileSystemUtils.deleteRecursively(work.toFile());
        }));
        Bench.Settings settings = new Bench.Settings(
                Integer.parseInt(options.getOrDefault("--objects", "10000")),
                Duration.ofSeconds(Integer.parseInt(options.getOrDefault("--seconds", brief ? "3" : "6"))),
                options.getOrDefault("--http", "1").equals("2"),
                names(options.getOrDefault("--only", "")),
                names(options.getOrDefault("--without", brief ? "A3" : "")),
                Integer.parseInt(options.getOrDefault("--watchers", "1000")),
                brief ? 5 : 8);
        int runs = Integer.parseInt(options.getOrDefault("--runs", brief ? "2" : "3"));
        for (int run = 1; run <= runs; run++) {
            report.begin(run);
            for (Server server : servers) {
                server.clear();
                try {
                    double seconds = server.start();
                    new Scenarios(new Bench(server, server.endpoint(), report, settings)).run(seconds);
                } catch (IOException | RuntimeException failed) {
                    System.err.println(server.name() + " in run " + run + ": " + failed);
                } finally {
                    server.stop();
                }
                server.clear();
            }
        }
        System.exit(0);
    }

    private static Set<String> names(String list) {
        return Stream.of(list.split(",")).filter(name -> !name.isEmpty()).collect(Collectors.toSet());
    }

    /** {@code NAME=URL}; who asks and whose processes are measured is said by the options before it. */
    private static Server attached(String value, Map<String, String> options)
            throws IOException, GeneralSecurityException {
        int equals = value.indexOf('=');
        URI url = URI.create(value.substring(equals + 1));
        String certificate = options.getOrDefault("--client-certificate", "");
        Endpoint endpoint = certificate.isEmpty()
                ? Endpoint.withToken(url, options.getOrDefault("--token", ""))
                : Endpoint.withCertificate(
                        url, Path.of(certificate), Path.of(options.getOrDefault("--client-key", certificate)));
        List<Long> pids = Stream.of(options.getOrDefault("--pids", "").split(","))
                .filter(pid -> !pid.isEmpty())
                .map(Long::valueOf)
                .toList();
        return Server.attached(value.substring(0, equals), endpoint, pids);
    }
}
