package io.quarterdeck.benchmarks.api;

import io.quarterdeck.benchmarks.api.Load.Outcome;
import io.quarterdeck.benchmarks.api.Load.Step;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
import java.util.stream.Stream;

/** The measurements, each on a server that holds the prepared pods. They run in the order in which they stand here. */
final class Scenarios {

    private static final String MADE = "made";

    private final Bench bench;
    private final Server server;
    private final Endpoint endpoint;
    private final Report report;
    private final Bench.Settings settings;
    private final AtomicInteger names =
            new AtomicInteger((int) (System.currentTimeMillis() / 1_000 % 1_000_000) * 1_000);

    Scenarios(Bench bench) {
        this.bench = bench;
        this.server = bench.server();
        this.endpoint = bench.endpoint();
        this.report = bench.report();
        this.settings = bench.settings();
    }

    void run(double startSeconds) throws IOException, InterruptedException {
        Crowds crowds = new Crowds(bench);
        prepare();
        measure("A6", this::create);
        measure("A1", () -> list("A1", Call.get(Objects.pods(Bench.STORED)), 2));
        measure("A1p", () -> list("A1p", Call.get(Objects.pods(Bench.STORED)).accepting(Call.PROTOBUF), 2));
        measure("A1z", () -> list("A1z", Call.get(Objects.pods(Bench.STORED)).compressed(), 2));
        measure("A2", this::listAlone);
        measure("A4", this::selectors);
        measure("A5", this::freshness);
        measure("A7", this::lives);
        measure("A8", () -> crowds.fanOut(Call.JSON));
        measure("A8p", () -> crowds.fanOut(Call.PROTOBUF));
        measure("A8 bare", () -> crowds.bareFanOut(settings.maxWatchers(), 10));
        measure("A8b", crowds::idleWatchers);
        measure("A9", crowds::lateness);
        measure("A11", this::leases);
        measure("A12", this::quiet);
        measure(
                "A14",
                () -> new Fairness(endpoint, server.name(), report, settings.duration(), settings.objects())
                        .run(Objects.pods(Bench.STORED)));
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

    // Preparation, which is A10 at once: what the prepared pods cost in memory.

    private void prepare() throws IOException, InterruptedException {
        try (Connection connection = endpoint.http1()) {
            if (connection
                            .call(Call.get("/api/v1/namespaces/" + Bench.STORED), Sink.NOWHERE)
                            .status()
                    == 200) {
                // A server that runs already may have been prepared by an earlier run.
                return;
            }
            for (String namespace : List.of(Bench.STORED, MADE)) {
                connection.text(Call.post("/api/v1/namespaces", Objects.namespace(namespace)));
                connection.text(
                        Call.post("/api/v1/namespaces/" + namespace + "/serviceaccounts", Objects.serviceAccount()));
            }
        }
        long emptyResident = server.processes().residentBytes();
        double emptyHeap = LiveHeap.megabytes(server.processes());
        Outcome loaded = bench.clients(32)
                .run(
                        settings.objects(),
                        (connection, number) -> connection.call(
                                Call.post(Objects.pods(Bench.STORED), Objects.boundPod(number)), Sink.NOWHERE));
        long served = 0;
        try (Connection connection = endpoint.http1()) {
            served = connection
                    .call(Call.get(Objects.pods(Bench.STORED)), Sink.NOWHERE)
                    .bodyBytes();
        }
        double heap = LiveHeap.megabytes(server.processes());
        long resident = server.processes().residentBytes();
        report.add(
                "A10",
                server.name(),
                "objects",
                settings.objects(),
                "servedBytesPerPod",
                (double) served / settings.objects(),
                "loadedPerSecond",
                loaded.perSecond(),
                "residentMB",
                resident / 1e6,
                "residentKiBPerPod",
                (resident - emptyResident) / 1024.0 / settings.objects(),
                "liveHeapMB",
                heap,
                "liveHeapToJson",
                (heap - emptyHeap) * 1e6 / served);
    }

    private void create() throws IOException, InterruptedException {
        Load clients = bench.clients(32);
        Step one = (connection, number) ->
                connection.call(Call.post(Objects.pods(MADE), Objects.boundPod(names.incrementAndGet())), Sink.NOWHERE);
        bench.warmUp(clients, one);
        closed("A6", clients, one);
    }

    /** A closed loop with what it costs. */
    private void closed(String name, Load clients, Step step) throws IOException, InterruptedException {
        Optional<StoreCounters> before = server.counters();
        ProcessTree.Use start = bench.use();
        Outcome seen = clients.run(settings.duration(), step);
        ProcessTree.Use used = bench.use().since(start);
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
        Load clients = bench.clients(count);
        Step one = (connection, number) -> connection.call(call, Sink.NOWHERE);
        long plain;
        try (Connection connection = endpoint.http1()) {
            plain = connection
                    .call(new Call("GET", call.path(), call.accept(), "", false, new byte[0]), Sink.NOWHERE)
                    .bodyBytes();
        }
        bench.warmUp(clients, one);
        ProcessTree.Use before = bench.use();
        Outcome seen = clients.run(settings.duration(), one);
        ProcessTree.Use used = bench.use().since(before);
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
        Load client = bench.clients(1);
        Step one = (connection, number) -> connection.call(Call.get(Objects.pods(Bench.STORED)), Sink.NOWHERE);
        client.run(2, one);
        long before = server.processes().residentBytes();
        Outcome seen = client.run(5, one);
        report.add(
                "A2",
                server.name(),
                "objects",
                settings.objects(),
                "p50Millis",
                seen.millis(50),
                "extraResidentMB",
                (server.processes().residentBytes() - before) / 1e6);
    }

    private void selectors() throws IOException, InterruptedException {
        Load clients = bench.clients(2);
        Step byLabel = (connection, number) -> connection.call(
                Call.get(Objects.pods(Bench.STORED) + "?labelSelector=tier%3Dt" + number % Objects.LABEL_VALUES),
                Sink.NOWHERE);
        bench.warmUp(clients, byLabel);
        closed("A4 label", clients, byLabel);
        Step byNode = (connection, number) -> connection.call(
                Call.get(Objects.pods(Bench.STORED) + "?fieldSelector=spec.nodeName%3Dnode-" + number % Objects.NODES),
                Sink.NOWHERE);
        bench.warmUp(clients, byNode);
        closed("A4 node", clients, byNode);
    }

    private void freshness() throws InterruptedException {
        Load client = bench.clients(1);
        IntFunction<String> path =
                number -> Objects.pods(Bench.STORED) + "/" + Objects.podName(number % settings.objects());
        Step consistent = (connection, number) -> connection.call(Call.get(path.apply(number)), Sink.NOWHERE);
        Step any = (connection, number) ->
                connection.call(Call.get(path.apply(number) + "?resourceVersion=0"), Sink.NOWHERE);
        bench.warmUp(client, consistent);
        Outcome fresh = client.run(settings.duration(), consistent);
        Outcome old = client.run(settings.duration(), any);
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
        Load clients = bench.clients(8);
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
        bench.warmUp(clients, life);
        closed("A7", clients, life);
    }

    private record Held(String name, String version) {}

    private void leases() throws IOException, InterruptedException {
        String path = "/apis/coordination.k8s.io/v1/namespaces/" + MADE + "/leases";
        Load clients = bench.clients(16);
        BlockingQueue<Held> free = new LinkedBlockingQueue<>();
        try (Connection connection = endpoint.http1()) {
            for (int i = 0; i < 16; i++) {
                String name = "holder-" + i;
                free.add(new Held(name, Bench.version(connection.text(Call.post(path, Objects.lease(name, ""))))));
            }
        }
        Step renew = (connection, number) -> {
            Held held = java.util.Objects.requireNonNull(free.poll());
            String answer = connection.text(
                    Call.send("PUT", path + "/" + held.name, Call.JSON, Objects.lease(held.name, held.version)));
            free.add(new Held(held.name, Bench.version(answer)));
            return new Connection.Answer(200, answer.length());
        };
        bench.warmUp(clients, renew);
        closed("A11", clients, renew);
    }

    private void quiet() throws IOException, InterruptedException {
        try (Connection connection = endpoint.http1()) {
            for (int i = 0; i < 1_000; i++) {
                connection.call(Call.post("/api/v1/nodes", Objects.node(i)), Sink.NOWHERE);
            }
        }
        Load writers = bench.clients(4);
        Load readers = bench.clients(4);
        Step read = (connection, number) -> connection.call(
                Call.get(Objects.pods(Bench.STORED) + "/" + Objects.podName(number * 31 % settings.objects())),
                Sink.NOWHERE);
        Step write = bench.stamping();
        bench.warmUp(writers, 20, write);
        bench.warmUp(readers, 20, read);
        var reading = new FutureTask<>(() -> readers.run(settings.atLeast(Bench.TAIL), 20, read));
        Thread.ofVirtual().start(reading);
        Outcome written = writers.run(settings.atLeast(Bench.TAIL), 20, write);
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
        } catch (ExecutionException failed) {
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
        Load clients = bench.clients(32);
        IntFunction<Step> into = charged -> (connection, number) -> connection.call(
                Call.post(Objects.pods(charged == 1 ? "charged" : "free"), Objects.boundPod(names.incrementAndGet())),
                Sink.NOWHERE);
        bench.warmUp(clients, into.apply(1));
        bench.warmUp(clients, into.apply(0));
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
        Load loaders = new Load(Stream.generate(endpoint::http1)
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
                                Call.get(path), (buffer, offset, length) -> LockSupport.parkNanos(length * 1_000L / 8));
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
                settings.objects(),
                "emptyStartSeconds",
                startSeconds,
                "restartSeconds",
                again);
    }
}
