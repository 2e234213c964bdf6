package io.quarterdeck.benchmarks.api;

import io.quarterdeck.benchmarks.api.Load.Outcome;
import io.quarterdeck.benchmarks.api.Load.Step;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;

/** The measurements, each on a server that holds the prepared pods. They run in the order in which they stand here. */
final class Scenarios {

    private static final String STORED = "bench";
    private static final String MADE = "made";
    /** Watches that share a connection where several do: about what a controller manager opens. */
    private static final int STREAMS = 100;

    private static final double WARM_PERCENT = 8;

    private final Server server;
    private final Endpoint endpoint;
    private final Report report;
    private final Settings settings;
    private final AtomicInteger names =
            new AtomicInteger((int) (System.currentTimeMillis() / 1_000 % 1_000_000) * 1_000);

    /**
     * @param objects pods that are there before anything is measured
     * @param duration of each measurement, after as long a warm-up at most
     * @param http2 whether closed-loop clients speak HTTP/2
     * @param only names of scenarios; all when empty
     * @param without names of scenarios that are left out
     * @param warmUps how often at most, half as long as a measurement each
     */
    record Settings(
            int objects,
            Duration duration,
            boolean http2,
            Set<String> only,
            Set<String> without,
            int maxWatchers,
            int warmUps) {
        /** A name stands for all that begin with it and a space, and for what they belong to. */
        boolean wants(String name) {
            return without.stream().noneMatch(each -> each.equals(name) || name.startsWith(each + " "))
                    && (only.isEmpty()
                            || only.stream()
                                    .anyMatch(each -> each.equals(name)
                                            || name.startsWith(each + " ")
                                            || each.startsWith(name + " ")));
        }
    }

    Scenarios(Server server, Report report, Settings settings) throws IOException {
        this.server = server;
        this.endpoint = server.endpoint();
        this.report = report;
        this.settings = settings;
    }

    void run(double startSeconds) throws IOException, InterruptedException {
        prepare();
        measure("A6", this::create);
        measure("A1", () -> list("A1", Call.get(Objects.pods(STORED)), 2));
        measure("A1p", () -> list("A1p", Call.get(Objects.pods(STORED)).accepting(Call.PROTOBUF), 2));
        measure("A1z", () -> list("A1z", Call.get(Objects.pods(STORED)).compressed(), 2));
        measure("A2", this::listAlone);
        measure("A4", this::selectors);
        measure("A5", this::freshness);
        measure("A7", this::lives);
        measure("A8", () -> fanOut(Call.JSON));
        measure("A8p", () -> fanOut(Call.PROTOBUF));
        measure("A8 bare", () -> bareFanOut(settings.maxWatchers, 10));
        measure("A8b", this::idleWatchers);
        measure("A9", this::lateness);
        measure("A11", this::leases);
        measure("A12", this::quiet);
        measure(
                "A14",
                () -> new Fairness(endpoint, server.name(), report, settings.duration, settings.objects)
                        .run(Objects.pods(STORED)));
        measure("A15", this::quota);
        measure("A3", this::throttled);
        measure("A13", () -> restart(startSeconds));
    }

    private interface Measurement {
        void run() throws IOException, InterruptedException;
    }

    private void measure(String name, Measurement measurement) throws IOException, InterruptedException {
        if (!settings.wants(name)) {
            return;
        }
        try {
            measurement.run();
        } catch (IOException | RuntimeException failed) {
            // The others are still worth having.
            System.err.println(server.name() + " " + name + " failed: " + failed);
            report.add(name, server.name(), "failed", 1);
        }
    }

    private Load clients(int count) {
        List<Connection> connections = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            connections.add(settings.http2 ? endpoint.http2() : endpoint.http1());
        }
        return new Load(connections);
    }

    private ProcessTree.Use use() {
        return server.processes().use();
    }

    private interface Drive {
        void run(Duration duration) throws InterruptedException;
    }

    /** Drives until just-in-time compilers have little left to do, within bounds. */
    private void warmUp(Drive drive) throws InterruptedException {
        Duration slice = settings.duration.dividedBy(2);
        for (int i = 0; i < settings.warmUps; i++) {
            ProcessTree.Use before = use();
            drive.run(slice);
            if (use().since(before).compilerPercent() < WARM_PERCENT) {
                return;
            }
        }
    }

    private void warmUp(Load clients, Step step) throws InterruptedException {
        warmUp(duration -> clients.run(duration, step));
    }

    private void warmUp(Load clients, double rate, Step step) throws InterruptedException {
        warmUp(duration -> clients.run(duration, rate, step));
    }

    // Preparation, which is A10 at once: what the prepared pods cost in memory.

    private void prepare() throws IOException, InterruptedException {
        try (Connection connection = endpoint.http1()) {
            if (connection
                            .call(Call.get("/api/v1/namespaces/" + STORED), Sink.NOWHERE)
                            .status()
                    == 200) {
                // A server that runs already may have been prepared by an earlier run.
                return;
            }
            for (String namespace : List.of(STORED, MADE)) {
                connection.text(Call.post("/api/v1/namespaces", Objects.namespace(namespace)));
                connection.text(
                        Call.post("/api/v1/namespaces/" + namespace + "/serviceaccounts", Objects.serviceAccount()));
            }
        }
        long emptyResident = server.processes().residentBytes();
        double emptyHeap = LiveHeap.megabytes(server.processes());
        Outcome loaded = clients(32)
                .run(
                        settings.objects,
                        (connection, number) -> connection.call(
                                Call.post(Objects.pods(STORED), Objects.boundPod(number)), Sink.NOWHERE));
        long served = 0;
        try (Connection connection = endpoint.http1()) {
            served = connection
                    .call(Call.get(Objects.pods(STORED)), Sink.NOWHERE)
                    .bodyBytes();
        }
        double heap = LiveHeap.megabytes(server.processes());
        long resident = server.processes().residentBytes();
        report.add(
                "A10",
                server.name(),
                "objects",
                settings.objects,
                "servedBytesPerPod",
                (double) served / settings.objects,
                "loadedPerSecond",
                loaded.perSecond(),
                "residentMB",
                resident / 1e6,
                "residentKiBPerPod",
                (resident - emptyResident) / 1024.0 / settings.objects,
                "liveHeapMB",
                heap,
                "liveHeapToJson",
                (heap - emptyHeap) * 1e6 / served);
    }

    private void create() throws IOException, InterruptedException {
        Load clients = clients(32);
        Step one = (connection, number) ->
                connection.call(Call.post(Objects.pods(MADE), Objects.boundPod(names.incrementAndGet())), Sink.NOWHERE);
        warmUp(clients, one);
        closed("A6", clients, one);
    }

    /** A closed loop with what it costs. */
    private void closed(String name, Load clients, Step step) throws IOException, InterruptedException {
        Optional<StoreCounters> before = server.counters();
        ProcessTree.Use start = use();
        Outcome seen = clients.run(settings.duration, step);
        ProcessTree.Use used = use().since(start);
        report.add(
                name,
                server.name(),
                "perSecond",
                seen.perSecond(),
                "p50Millis",
                seen.millis(50),
                "p99Millis",
                seen.millis(99),
                "cpuMillisPerCall",
                used.cpuSeconds() * 1e3 / seen.calls(),
                "warmCpuMillisPerCall",
                (used.cpuSeconds() - used.compilerSeconds()) * 1e3 / seen.calls(),
                "cores",
                used.cpuSeconds() / seen.seconds(),
                "compilerPercent",
                used.compilerPercent());
        Optional<StoreCounters> after = server.counters();
        if (before.isPresent() && after.isPresent()) {
            StoreCounters written = after.get().since(before.get());
            report.add(
                    name,
                    server.name(),
                    "walBytesPerCall",
                    written.walBytes() / seen.calls(),
                    "syncsPerCall",
                    written.syncs() / seen.calls());
        }
    }

    private void list(String name, Call call, int count) throws IOException, InterruptedException {
        Load clients = clients(count);
        Step one = (connection, number) -> connection.call(call, Sink.NOWHERE);
        long plain;
        try (Connection connection = endpoint.http1()) {
            plain = connection
                    .call(new Call("GET", call.path(), call.accept(), "", false, new byte[0]), Sink.NOWHERE)
                    .bodyBytes();
        }
        warmUp(clients, one);
        ProcessTree.Use before = use();
        Outcome seen = clients.run(settings.duration, one);
        ProcessTree.Use used = use().since(before);
        double cpu = used.cpuSeconds();
        double megabytes = plain / 1e6 * seen.calls();
        report.add(
                name,
                server.name(),
                "MBPerCpuSecond",
                megabytes / cpu,
                "MBPerSecond",
                megabytes / seen.seconds(),
                "wireMBPerSecond",
                seen.bodyBytes() / 1e6 / seen.seconds(),
                "p50Millis",
                seen.millis(50),
                "p99Millis",
                seen.millis(99),
                "compilerPercent",
                used.compilerPercent());
    }

    private void listAlone() throws InterruptedException {
        Load client = clients(1);
        Step one = (connection, number) -> connection.call(Call.get(Objects.pods(STORED)), Sink.NOWHERE);
        client.run(2, one);
        long before = server.processes().residentBytes();
        Outcome seen = client.run(5, one);
        report.add(
                "A2",
                server.name(),
                "objects",
                settings.objects,
                "p50Millis",
                seen.millis(50),
                "extraResidentMB",
                (server.processes().residentBytes() - before) / 1e6);
    }

    private void selectors() throws IOException, InterruptedException {
        Load clients = clients(2);
        Step byLabel = (connection, number) -> connection.call(
                Call.get(Objects.pods(STORED) + "?labelSelector=tier%3Dt" + number % Objects.LABEL_VALUES),
                Sink.NOWHERE);
        warmUp(clients, byLabel);
        closed("A4 label", clients, byLabel);
        Step byNode = (connection, number) -> connection.call(
                Call.get(Objects.pods(STORED) + "?fieldSelector=spec.nodeName%3Dnode-" + number % Objects.NODES),
                Sink.NOWHERE);
        warmUp(clients, byNode);
        closed("A4 node", clients, byNode);
    }

    private void freshness() throws InterruptedException {
        Load client = clients(1);
        IntFunction<String> path = number -> Objects.pods(STORED) + "/" + Objects.podName(number % settings.objects);
        Step consistent = (connection, number) -> connection.call(Call.get(path.apply(number)), Sink.NOWHERE);
        Step any = (connection, number) ->
                connection.call(Call.get(path.apply(number) + "?resourceVersion=0"), Sink.NOWHERE);
        warmUp(client, consistent);
        Outcome fresh = client.run(settings.duration, consistent);
        Outcome old = client.run(settings.duration, any);
        report.add(
                "A5",
                server.name(),
                "addedP50Millis",
                fresh.millis(50) - old.millis(50),
                "consistentP50Millis",
                fresh.millis(50),
                "anyP50Millis",
                old.millis(50));
    }

    private void lives() throws IOException, InterruptedException {
        Load clients = clients(8);
        Step life = (connection, number) -> {
            int name = names.incrementAndGet();
            String pod = Objects.pods(MADE) + "/" + Objects.podName(name);
            String strategic = "application/strategic-merge-patch+json";
            List<Call> calls = List.of(
                    Call.post(Objects.pods(MADE), Objects.pod(name, "")),
                    Call.post(pod + "/binding", Objects.binding(name)),
                    Call.send("PATCH", pod + "/status", strategic, Objects.status("Pending", false)),
                    Call.send("PATCH", pod + "/status", strategic, Objects.status("Running", true)),
                    Call.send(
                            "DELETE",
                            pod,
                            Call.JSON,
                            "{\"apiVersion\":\"v1\",\"kind\":\"DeleteOptions\",\"gracePeriodSeconds\":0}"));
            for (Call call : calls) {
                Connection.Answer answer = connection.call(call, Sink.NOWHERE);
                if (answer.status() >= 300) {
                    throw new IOException(call.method() + " " + call.path() + ": " + answer.status());
                }
            }
            return new Connection.Answer(200, 0);
        };
        warmUp(clients, life);
        closed("A7", clients, life);
    }

    private static Step stamping(int objects) {
        return (connection, number) -> connection.call(
                Call.mergePatch(
                        Objects.pods(STORED) + "/" + Objects.podName(number * 7919 % objects & 0x7fffffff),
                        Objects.stamp()),
                Sink.NOWHERE);
    }

    private Call watch(String query) throws IOException {
        try (Connection connection = endpoint.http1()) {
            String version = version(connection.text(Call.get(Objects.pods(STORED) + "?limit=1")));
            return Call.get(Objects.pods(STORED) + "?watch=1&resourceVersion=" + version + query);
        }
    }

    private void fanOut(String type) throws IOException, InterruptedException {
        int most = settings.maxWatchers;
        for (int rate : List.of(10, 100, 1_000)) {
            fanOut(type, most, 1, rate);
            fanOut(type, most, STREAMS, rate);
        }
        fanOut(type, 10, 1, 100);
        fanOut(type, 100, 1, 100);
    }

    /** What one write for each delivery costs a process that does nothing else: a yardstick, whatever the server. */
    private void bareFanOut(int count, int rate) throws IOException, InterruptedException {
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
            Thread.sleep(settings.duration.toMillis());
            long frames = watchers.frames();
            ProcessTree.Use before = tree.use();
            Thread.sleep(settings.duration.toMillis());
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
        Load writers = new Load(java.util.stream.Stream.generate(endpoint::http1)
                .limit(16)
                .map(Connection.class::cast)
                .toList());
        // A few writes a second would leave what handles them to the interpreter for minutes.
        warmUp(writers, stamping(settings.objects));
        try (Watchers watchers = new Watchers()) {
            Call call = watch("&timeoutSeconds=600").accepting(type.equals(Call.JSON) ? type : type + ";stream=watch");
            if (each == 1) {
                watchers.open1(endpoint, count, call, false);
            } else {
                watchers.open2(endpoint, count / each, each, i -> call, false);
            }
            Thread.sleep(1_000);
            warmUp(writers, rate, stamping(settings.objects));
            long frames = watchers.frames();
            long pieces = watchers.pieces();
            long bytes = watchers.bytes();
            ProcessTree.Use before = use();
            Outcome seen = writers.run(settings.duration, rate, stamping(settings.objects));
            ProcessTree.Use used = use().since(before);
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

    private record Writes(double perSecond, double cpuSeconds) {
        Writes mean(Writes other) {
            return new Writes((perSecond + other.perSecond) / 2, (cpuSeconds + other.cpuSeconds) / 2);
        }
    }

    private Writes writes(Load writers, Step patch) throws InterruptedException {
        warmUp(writers, patch);
        ProcessTree.Use before = use();
        Outcome seen = writers.run(settings.duration, patch);
        return new Writes(seen.perSecond(), use().since(before).cpuSeconds() / seen.calls());
    }

    private void idleWatchers() throws IOException, InterruptedException {
        Load writers = clients(16);
        Step patch = stamping(settings.objects);
        Writes earlier = writes(writers, patch);
        int count = 10 * settings.maxWatchers;
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

    private void lateness() throws IOException, InterruptedException {
        Load writers = clients(8);
        try (Watchers watchers = new Watchers();
                Watchers stalled = new Watchers()) {
            Call call = watch("&timeoutSeconds=600");
            watchers.open1(endpoint, 100, call, true);
            stalled.openStalled(endpoint, 100, call);
            Thread.sleep(500);
            warmUp(writers, 100, stamping(settings.objects));
            watchers.forgetLateness();
            writers.run(settings.duration, 100, stamping(settings.objects));
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

    private record Held(String name, String version) {}

    static String version(String object) {
        String before = "\"resourceVersion\":\"";
        int at = object.indexOf(before) + before.length();
        return object.substring(at, object.indexOf('"', at));
    }

    private void leases() throws IOException, InterruptedException {
        String path = "/apis/coordination.k8s.io/v1/namespaces/" + MADE + "/leases";
        Load clients = clients(16);
        BlockingQueue<Held> free = new LinkedBlockingQueue<>();
        try (Connection connection = endpoint.http1()) {
            for (int i = 0; i < 16; i++) {
                String name = "holder-" + i;
                free.add(new Held(name, version(connection.text(Call.post(path, Objects.lease(name, ""))))));
            }
        }
        Step renew = (connection, number) -> {
            Held held = java.util.Objects.requireNonNull(free.poll());
            String answer = connection.text(
                    Call.send("PUT", path + "/" + held.name, Call.JSON, Objects.lease(held.name, held.version)));
            free.add(new Held(held.name, version(answer)));
            return new Connection.Answer(200, answer.length());
        };
        warmUp(clients, renew);
        closed("A11", clients, renew);
    }

    private void quiet() throws IOException, InterruptedException {
        try (Connection connection = endpoint.http1()) {
            for (int i = 0; i < 1_000; i++) {
                connection.call(Call.post("/api/v1/nodes", Objects.node(i)), Sink.NOWHERE);
            }
        }
        Load writers = clients(4);
        Load readers = clients(4);
        Step read = (connection, number) -> connection.call(
                Call.get(Objects.pods(STORED) + "/" + Objects.podName(number * 31 % settings.objects)), Sink.NOWHERE);
        Step write = stamping(settings.objects);
        warmUp(writers, 20, write);
        warmUp(readers, 20, read);
        var reading =
                new java.util.concurrent.FutureTask<>(() -> readers.run(settings.duration.multipliedBy(2), 20, read));
        Thread.ofVirtual().start(reading);
        Outcome written = writers.run(settings.duration.multipliedBy(2), 20, write);
        try {
            Outcome got = reading.get();
            report.add(
                    "A12",
                    server.name(),
                    "mutatingP50Millis",
                    written.millis(50),
                    "mutatingP99Millis",
                    written.millis(99),
                    "getP50Millis",
                    got.millis(50),
                    "getP99Millis",
                    got.millis(99));
        } catch (java.util.concurrent.ExecutionException failed) {
            throw new IllegalStateException(failed.getCause());
        }
    }

    /** What it costs that a namespace has quotas: the same pods in one that has none and in one that has two. */
    private void quota() throws IOException, InterruptedException {
        try (Connection connection = endpoint.http1()) {
            for (String namespace : List.of("free", "charged")) {
                connection.text(Call.post("/api/v1/namespaces", Objects.namespace(namespace)));
                connection.text(
                        Call.post("/api/v1/namespaces/" + namespace + "/serviceaccounts", Objects.serviceAccount()));
            }
            for (String name : List.of("compute", "count")) {
                String hard = name.equals("count")
                        ? "{\"count/pods\":\"1000000\"}"
                        : "{\"pods\":\"1000000\",\"requests.cpu\":\"1000000\",\"requests.memory\":\"1000Ti\"}";
                String quotas = "/api/v1/namespaces/charged/resourcequotas";
                connection.text(Call.post(
                        quotas, "{\"metadata\":{\"name\":\"" + name + "\"},\"spec\":{\"hard\":" + hard + "}}"));
                // What a controller would count; there is none here.
                connection.text(Call.mergePatch(
                        quotas + "/" + name + "/status",
                        "{\"status\":{\"hard\":" + hard + ",\"used\":" + hard.replaceAll("\"10+(Ti)?\"", "\"0\"")
                                + "}}"));
            }
        }
        Load clients = clients(32);
        IntFunction<Step> into = charged -> (connection, number) -> connection.call(
                Call.post(Objects.pods(charged == 1 ? "charged" : "free"), Objects.boundPod(names.incrementAndGet())),
                Sink.NOWHERE);
        warmUp(clients, into.apply(1));
        warmUp(clients, into.apply(0));
        double[] seconds = new double[2];
        for (int turn = 0; turn < 6; turn++) {
            seconds[turn % 2] += clients.run(1_000, into.apply(turn % 2)).seconds();
        }
        report.add(
                "A15",
                server.name(),
                "freePerSecond",
                3_000 / seconds[0],
                "chargedPerSecond",
                3_000 / seconds[1],
                "kept",
                seconds[0] / seconds[1]);
    }

    /** Slow readers of a gigabyte each: what waits for them must not be copied into memory. */
    private void throttled() throws IOException, InterruptedException {
        int count = 10_000;
        String path = "/api/v1/namespaces/" + MADE + "/configmaps";
        Load loaders = new Load(java.util.stream.Stream.generate(endpoint::http1)
                .limit(4)
                .map(Connection.class::cast)
                .toList());
        loaders.run(
                count,
                (connection, number) ->
                        connection.call(Call.post(path, Objects.largeConfig(number, 100_000)), Sink.NOWHERE));
        double heap = LiveHeap.megabytes(server.processes());
        long before = server.processes().residentBytes();
        long most = before;
        double mostHeap = heap;
        List<Connection> slow = new ArrayList<>();
        try {
            for (int i = 0; i < 16; i++) {
                Http1Connection connection = endpoint.http1();
                slow.add(connection);
                Thread.ofVirtual().start(() -> {
                    try {
                        connection.call(
                                Call.get(path),
                                (buffer, offset, length) ->
                                        java.util.concurrent.locks.LockSupport.parkNanos(length * 1_000L / 8));
                    } catch (IOException closed) {
                        // Enough was seen.
                    }
                });
            }
            for (int i = 0; i < 10; i++) {
                Thread.sleep(1_000);
                most = Math.max(most, server.processes().residentBytes());
            }
            mostHeap = LiveHeap.megabytes(server.processes());
        } finally {
            slow.forEach(Connection::close);
        }
        report.add("A3", server.name(), "residentGrowthMB", (most - before) / 1e6, "liveHeapGrowthMB", mostHeap - heap);
    }

    private void restart(double startSeconds) throws IOException, InterruptedException {
        if (!server.restarts()) {
            return;
        }
        server.stop();
        double again = server.start();
        report.add(
                "A13",
                server.name(),
                "objects",
                settings.objects,
                "emptyStartSeconds",
                startSeconds,
                "restartSeconds",
                again);
    }
}
