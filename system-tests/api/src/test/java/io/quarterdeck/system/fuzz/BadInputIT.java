package io.quarterdeck.system.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarterdeck.system.harness.Instance;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * 20,000 requests that are wrong in some way, against an API of their own. The seed is printed; {@code -Dfuzz.seed=N} and
 * {@code -Dfuzz.requests=N} repeat a run or make it longer.
 */
class BadInputIT {
    private static final String TOKEN = "fuzz";
    private static final int CONNECTIONS = 3;

    /** What the process may hold at most: the heap that {@code up} gives the API, and as much again beside it. */
    private static final long MOST_MEGABYTES = 2_500;

    private static final Pattern STACK_TRACE = Pattern.compile("^\\s+at [a-z]+[.\\w]+\\(", Pattern.MULTILINE);

    private static Instance instance;

    @BeforeAll
    static void start() throws IOException {
        instance = new Instance("fuzz");
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

    @Test
    void everyAnswerHolds() throws Exception {
        long seed = Long.getLong("fuzz.seed", System.nanoTime());
        int requests = Integer.getInteger("fuzz.requests", 20_000);
        System.out.println("bad input: seed " + seed + ", " + requests + " requests");
        var fuzz =
                new Fuzz(URI.create(instance.server()), TOKEN, instance.data().resolve("pki/ca.crt"));

        Fuzz.Outcome outcome = fuzz.run(seed, requests, CONNECTIONS);

        System.out.println("bad input: " + outcome.statuses() + ", slowest " + outcome.slowestMillis() + " ms, "
                + residentMegabytes() + " MB resident");
        assertThat(outcome.complaints())
                .as("complaints about the answers to seed " + seed)
                .isEmpty();
        assertThat(STACK_TRACE.matcher(log()).results().map(match -> match.group()))
                .as("stack traces in the log")
                .isEmpty();
        assertThat(residentMegabytes()).isLessThan(MOST_MEGABYTES);
        assertThat(instance.kubectl("get --raw /readyz").good()).isEqualTo("ok");
    }

    private static String log() throws IOException {
        try (var files = Files.walk(instance.data().resolve("logs"))) {
            List<Path> logs =
                    files.filter(file -> file.toString().endsWith(".log")).toList();
            assertThat(logs).as("log files").isNotEmpty();
            StringBuilder text = new StringBuilder();
            for (Path file : logs) {
                text.append(Files.readString(file, StandardCharsets.ISO_8859_1));
            }
            return text.toString();
        }
    }

    private static long residentMegabytes() throws IOException {
        Path status = Path.of("/proc", instance.state("pid").orElseThrow(), "status");
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
                .findFirst()
                .orElse(0);
    }
}
