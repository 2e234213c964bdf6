package io.quarterdeck.system.faults;

import io.quarterdeck.system.history.Violation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The long campaign, by {@code system-tests/campaign}: its figures as Markdown. */
final class CampaignCommand {

    /**
     * Of a hundred. What takes long to come back is seldom, and so is a wipe of Kafka: what lies before it is proved by a
     * snapshot only.
     */
    private static final Map<Fault, Integer> SHARES = new EnumMap<>(Map.ofEntries(
            Map.entry(Fault.API_KILL, 1),
            Map.entry(Fault.PUBLISHER_KILL, 1),
            Map.entry(Fault.API_PAUSE, 8),
            Map.entry(Fault.BACKEND_KILL, 26),
            Map.entry(Fault.SESSIONS_CUT, 22),
            Map.entry(Fault.POSTGRES_KILL, 22),
            Map.entry(Fault.POSTGRES_PAUSE, 7),
            Map.entry(Fault.CONNECTIONS_TAKEN, 3),
            Map.entry(Fault.KAFKA_KILL, 3),
            Map.entry(Fault.KAFKA_PAUSE, 6),
            Map.entry(Fault.KAFKA_WIPE, 1)));

    private CampaignCommand() {}

    /** @param arguments faults, calls, replicas, file for the result, seed, minutes at most */
    public static void main(String[] arguments) throws Exception {
        int faults = Integer.parseInt(arguments[0]);
        long operations = Long.parseLong(arguments[1]);
        int replicas = Integer.parseInt(arguments[2]);
        Path result = Path.of(arguments[3]);
        long seed = Long.parseLong(arguments[4]);
        long minutes = Long.parseLong(arguments[5]);
        Path directory = Files.createTempDirectory("quarterdeck-campaign-");
        directory.toFile().setExecutable(true, false);
        try (Stack stack = Stack.start(directory, Stack.database(directory), replicas, Map.of())) {
            Campaign campaign = new Campaign(
                    stack,
                    Campaign.shape(8, Duration.ofMillis(2)),
                    5_000,
                    line -> System.err.println(Instant.now() + " " + line));
            Campaign.Result outcome = campaign.run(plan(faults), operations, Duration.ofMinutes(minutes), seed);
            Files.createDirectories(result.toAbsolutePath().getParent());
            Files.writeString(result, report(outcome, replicas, seed));
            System.err.println(report(outcome, replicas, seed));
            outcome.violations().stream().map(Violation::toString).forEach(System.err::println);
            outcome.topicViolations().forEach(System.err::println);
        }
        Stack.delete(directory);
    }

    private static Map<Fault, Integer> plan(int faults) {
        Map<Fault, Integer> plan = new EnumMap<>(Fault.class);
        int left = faults;
        for (Map.Entry<Fault, Integer> share : SHARES.entrySet()) {
            int times = Math.max(1, faults * share.getValue() / 100);
            plan.put(share.getKey(), times);
            left -= times;
        }
        plan.merge(Fault.BACKEND_KILL, Math.max(0, left), Integer::sum);
        return plan;
    }

    private static String report(Campaign.Result result, int replicas, long seed) throws IOException {
        StringBuilder text = new StringBuilder();
        text.append("# Campaign of %s%n%n".formatted(Instant.now().truncatedTo(ChronoUnit.MINUTES)));
        text.append(("%d faults, %,d calls (%,d writes acknowledged, %,d refused, %,d of unknown outcome) in %d min;"
                        + " %d api-services, 1 PostgreSQL (fsync on), 1 Kafka, %d processors, load %s; seed %d.%n%n")
                .formatted(
                        result.faults(),
                        result.operations(),
                        result.acknowledged(),
                        result.refused(),
                        result.unknown(),
                        result.took().toMinutes(),
                        replicas,
                        Runtime.getRuntime().availableProcessors(),
                        Files.readString(Path.of("/proc/loadavg")).strip(),
                        seed));
        text.append(("- changes in the sequence: %,d; records read from the topic: %,d, with %d resets%n")
                .formatted(result.changes(), result.published(), result.resets()));
        text.append(
                "- every watch and the topic came to the last write: %s%n".formatted(result.caughtUp() ? "yes" : "NO"));
        text.append("- violations of the history: %d%n"
                .formatted(result.violations().size()));
        text.append("- violations of the topic's contract: %d%n%n"
                .formatted(result.topicViolations().size()));
        text.append("| fault | times | median ms | longest ms |%n|---|---|---|---|%n".formatted());
        result.outages()
                .forEach((fault, times) -> text.append("| %s | %d | %d | %d |%n"
                        .formatted(
                                fault.name().toLowerCase(Locale.ROOT).replace('_', ' '),
                                times.size(),
                                at(times, times.size() / 2),
                                at(times, times.size() - 1))));
        text.append("%nTimes: from the blow until the killed process served again and a write was acknowledged.%n"
                .formatted());
        text.append(result.violations().stream()
                .limit(20)
                .map(violation -> "- " + violation + "\n")
                .collect(Collectors.joining()));
        return text.toString();
    }

    private static long at(List<Duration> times, int index) {
        return times.stream().sorted().toList().get(index).toMillis();
    }
}
