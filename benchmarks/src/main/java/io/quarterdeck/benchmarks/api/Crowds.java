package io.quarterdeck.benchmarks.api;

import io.quarterdeck.benchmarks.api.Load.Outcome;
import io.quarterdeck.benchmarks.api.Load.Step;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** What crowds of watchers get and what they cost: A8, A8b and A9. */
final class Crowds {

    /** Watches that share a connection where several do: about what a controller manager opens. */
    private static final int STREAMS = 100;

    /** Changes per second of the warm-up, whatever is measured after it. */
    private static final int WARMING_RATE = 1_000;

    /** With fewer changes than this a short window shows half a second of a collector, or none, in half a second of work. */
    private static final int BUSY_RATE = 100;

    private final Bench bench;
    private final Server server;
    private final Endpoint endpoint;
    private final Report report;
    private final Bench.Settings settings;

    Crowds(Bench bench) {
        this.bench = bench;
        this.server = bench.server();
        this.endpoint = bench.endpoint();
        this.report = bench.report();
        this.settings = bench.settings();
    }

    private Call watch(String query) throws IOException {
        try (Connection connection = endpoint.http1()) {
            String version = Bench.version(connection.text(Call.get(Objects.pods(Bench.STORED) + "?limit=1")));
            return Call.get(Objects.pods(Bench.STORED) + "?watch=1&resourceVersion=" + version + query);
        }
    }

    void fanOut(String type) throws IOException, InterruptedException {
        int most = settings.maxWatchers();
        for (int rate : List.of(10, 100, 1_000)) {
            fanOut(type, most, 1, rate);
            fanOut(type, most, STREAMS, rate);
        }
        fanOut(type, 10, 1, 100);
        fanOut(type, 100, 1, 100);
    }

    /** What one write for each delivery costs a process that does nothing else: a yardstick, whatever the server. */
    void bareFanOut(int count, int rate) throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory("quarterdeck-bare");
        Process bare = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        BareFanOut.class.getName(),
                        directory.toString(),
                        Integer.toString(rate))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (Watchers watchers = new Watchers();
                BufferedReader told = bare.inputReader()) {
            Endpoint target = Endpoint.withToken(URI.create("https://127.0.0.1:" + told.readLine()), "");
            watchers.open1(target, count, Call.get("/"), false);
            ProcessTree tree = new ProcessTree(List.of(bare.pid()));
            Thread.sleep(settings.duration().toMillis());
            long frames = watchers.frames();
            ProcessTree.Use before = tree.use();
            Thread.sleep(settings.duration().toMillis());
            ProcessTree.Use used = tree.use().since(before);
            report.add(
                    "A8 bare",
                    server.name(),
                    "deliveriesPerCpuSecond",
                    (watchers.frames() - frames) / (used.cpuSeconds() - used.compilerSeconds()),
                    "broken",
                    watchers.broken());
        } finally {
            bare.destroyForcibly().waitFor();
            Files.deleteIfExists(directory.resolve("key.p12"));
            Files.deleteIfExists(directory);
        }
    }

    /** @param each watches of one connection: alone on HTTP/1.1, or streams of HTTP/2 as client-go opens them */
    private void fanOut(String type, int count, int each, int rate) throws IOException, InterruptedException {
        String label = "A8%s%s %dx%d".formatted(type.equals(Call.JSON) ? "" : "p", each == 1 ? "" : " h2", count, rate);
        if (!settings.wants(label)) {
            return;
        }
        Load writers = new Load(Stream.generate(endpoint::http1)
                .limit(16)
                .map(Connection.class::cast)
                .toList());
        // A few changes a second would leave what tells them to the interpreter for minutes. Who warms up is not who is
        // counted: a server may break off watches that do not keep up.
        try (Watchers warming = new Watchers()) {
            open(warming, type, count, each);
            bench.steady(writers, WARMING_RATE, bench.stamping());
        }
        try (Watchers watchers = new Watchers()) {
            open(watchers, type, count, each);
            Thread.sleep(1_000);
            bench.steady(writers, rate, bench.stamping());
            long frames = watchers.frames();
            long pieces = watchers.pieces();
            long bytes = watchers.bytes();
            ProcessTree.Use before = bench.use();
            Duration window = settings.atLeast(rate < BUSY_RATE ? Bench.TAIL : Bench.ROUNDS);
            Outcome seen = writers.run(window, rate, bench.stamping());
            ProcessTree.Use used = bench.use().since(before);
            double delivered = watchers.frames() - frames;
            report.add(
                    label,
                    server.name(),
                    "deliveriesPerCpuSecond",
                    delivered / used.cpuSeconds(),
                    "compilerPercent",
                    used.compilerPercent(),
                    "deliveriesPerSecond",
                    delivered / seen.seconds(),
                    "MBPerSecond",
                    (watchers.bytes() - bytes) / 1e6 / seen.seconds(),
                    "eventsPerSecond",
                    seen.perSecond(),
                    "framesPerPiece",
                    delivered / Math.max(1, watchers.pieces() - pieces),
                    "broken",
                    watchers.broken());
        }
    }

    private void open(Watchers watchers, String type, int count, int each) throws IOException {
        Call call = watch("&timeoutSeconds=600").accepting(type.equals(Call.JSON) ? type : type + ";stream=watch");
        if (each == 1) {
            watchers.open1(endpoint, count, call, false);
        } else {
            watchers.open2(endpoint, count / each, each, i -> call, false);
        }
    }

    private record Writes(double perSecond, double cpuSeconds) {
        Writes mean(Writes other) {
            return new Writes((perSecond + other.perSecond) / 2, (cpuSeconds + other.cpuSeconds) / 2);
        }
    }

    private Writes writes(Load writers, Step patch) throws InterruptedException {
        bench.warmUp(writers, patch);
        ProcessTree.Use before = bench.use();
        Outcome seen = writers.run(settings.duration(), patch);
        return new Writes(seen.perSecond(), bench.use().since(before).cpuSeconds() / seen.calls());
    }

    void idleWatchers() throws IOException, InterruptedException {
        Load writers = bench.clients(16);
        Step patch = bench.stamping();
        Writes earlier = writes(writers, patch);
        int count = 10 * settings.maxWatchers();
        Call all = watch("&timeoutSeconds=600");
        Writes with;
        long broken;
        try (Watchers watchers = new Watchers()) {
            watchers.open2(
                    endpoint,
                    count / STREAMS,
                    STREAMS,
                    i -> Call.get(all.path() + "&fieldSelector="
                            + (i % 2 == 0 ? "metadata.name%3Dnobody-" : "spec.nodeName%3Dnowhere-") + i),
                    false);
            Thread.sleep(2_000);
            with = writes(writers, patch);
            broken = watchers.broken();
        }
        Thread.sleep(2_000);
        // Before and after, for a server becomes faster while it runs.
        Writes without = earlier.mean(writes(writers, patch));
        report.add(
                "A8b",
                server.name(),
                "watchers",
                count,
                "writesPerSecondWithout",
                without.perSecond(),
                "writesPerSecondWith",
                with.perSecond(),
                "cpuMillisPerWriteWithout",
                without.cpuSeconds() * 1e3,
                "cpuMillisPerWriteWith",
                with.cpuSeconds() * 1e3,
                "lostPercent",
                100 * (1 - with.perSecond() / without.perSecond()),
                "addedCpuPercent",
                100 * (with.cpuSeconds() / without.cpuSeconds() - 1),
                "broken",
                broken);
    }

    void lateness() throws IOException, InterruptedException {
        Load writers = bench.clients(8);
        try (Watchers watchers = new Watchers();
                Watchers stalled = new Watchers()) {
            Call call = watch("&timeoutSeconds=600");
            watchers.open1(endpoint, 100, call, true);
            stalled.openStalled(endpoint, 100, call);
            Thread.sleep(500);
            bench.warmUp(writers, 100, bench.stamping());
            watchers.forgetLateness();
            writers.run(settings.atLeast(Bench.TAIL), 100, bench.stamping());
            Thread.sleep(500);
            report.add(
                    "A9",
                    server.name(),
                    "p50Millis",
                    watchers.lateness(50),
                    "p99Millis",
                    watchers.lateness(99),
                    "broken",
                    watchers.broken());
        }
    }
}
