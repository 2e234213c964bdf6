package io.quarterdeck.system.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarterdeck.system.history.Api;
import io.quarterdeck.system.history.Api.Answer;
import io.quarterdeck.system.history.Call.Kind;
import io.quarterdeck.system.history.Call.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Two api-services, PostgreSQL and Kafka as processes; the long form is {@code system-tests/campaign}. */
class StackFaultsIT {

    private static final Duration BUDGET = Duration.ofMinutes(3);

    private static Path directory() throws IOException {
        Path directory = Files.createTempDirectory("quarterdeck-faults-");
        // PostgreSQL runs as another user.
        directory.toFile().setExecutable(true, false);
        return directory;
    }

    @Test
    void nothingIsLostWhateverDies() throws Exception {
        Map<Fault, Integer> plan = new EnumMap<>(Fault.class);
        for (Fault fault : Fault.values()) {
            plan.put(fault, fault.kills() ? 3 : 1);
        }
        Path directory = directory();
        try (Stack stack = Stack.start(directory, Stack.database(directory), 2, Map.of())) {
            Campaign.Result result = new Campaign(stack, Campaign.shape(4, Duration.ofMillis(10)), 5_000, line -> {})
                    .run(plan, 0, BUDGET, 1);
            assertThat(result.violations()).isEmpty();
            assertThat(result.topicViolations()).isEmpty();
            assertThat(result.caughtUp())
                    .as("watches and topic came to the last write")
                    .isTrue();
            assertThat(result.acknowledged()).isGreaterThan(1_000);
        } finally {
            Stack.delete(directory);
        }
    }

    /** The disk of the database fills while clients write; when there is room again it goes on, and nothing is lost. */
    @Test
    void aFullDiskLosesNothing() throws Exception {
        Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "only root may mount: skipped");
        Path directory = directory();
        Path small = Files.createDirectory(directory.resolve("small"));
        run("mount", "-t", "tmpfs", "-o", "size=160m,mode=0755", "quarterdeck-small", small.toString());
        try {
            var database = Stack.database(small).with("max_wal_size", "64MB").with("min_wal_size", "32MB");
            try (Stack stack = Stack.start(directory, database, 1, Map.of("quarterdeck.store.write-deadline", "5s"));
                    Api api = stack.api()) {
                stack.prepare(1);
                Answer before = api.write(Kind.CREATE, "ns0/before", 1, "red", 0);
                assertThat(before.outcome()).isEqualTo(Outcome.DONE);

                Path ballast = small.resolve("ballast");
                run("sh", "-c", "dd if=/dev/zero of=" + ballast + " bs=64k 2>/dev/null || true");
                long[] last = {before.revision()};
                long[] number = {1};
                await().atMost(Duration.ofMinutes(2))
                        .pollInterval(Duration.ofMillis(1))
                        .until(() -> {
                            Answer answer = api.write(Kind.REPLACE, "ns0/before", ++number[0], "red", last[0]);
                            if (answer.outcome() == Outcome.DONE) {
                                last[0] = answer.revision();
                            }
                            return answer.outcome() != Outcome.DONE;
                        });
                Files.delete(ballast);

                await().atMost(Duration.ofMinutes(2)).until(() -> {
                    Answer answer = api.write(Kind.CREATE, "ns0/after", ++number[0], "red", 0);
                    return answer.outcome() == Outcome.DONE
                            || api.get("ns0/after", -1).isPresent();
                });
                assertThat(api.get("ns0/before", -1))
                        .hasValueSatisfying(seen -> assertThat(seen.revision())
                                .as("the last acknowledged write, or the open one")
                                .isGreaterThanOrEqualTo(last[0]));
            }
        } finally {
            run("umount", small.toString());
            Stack.delete(directory);
        }
    }

    private static void run(String... command) throws IOException, InterruptedException {
        new ProcessBuilder(command).inheritIO().start().waitFor();
    }
}
