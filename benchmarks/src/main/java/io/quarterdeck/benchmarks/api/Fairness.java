package io.quarterdeck.benchmarks.api;

import io.quarterdeck.benchmarks.api.Load.Outcome;
import io.quarterdeck.benchmarks.api.Load.Step;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.json.JsonMapper;

/**
 * A quiet tenant beside a noisy one, both service accounts and so of one priority level, and leaders that renew their leases.
 * With two tenants at work the share of each is half of the level's seats; the noisy one keeps ten times that in flight.
 */
final class Fairness {

    private static final String NAMESPACE = "tenants";
    private static final int READS_PER_SECOND = 20;
    private static final int CHANGES_PER_SECOND = 5;
    private static final int LEADERS = 10;

    /** Seats of kube-apiserver's level workload-low with 600 seats in all: 100 of 245 shares. */
    private static final int SEATS = 245;

    private static final int NOISE = 10 * SEATS / 2;

    /** What client-go's leader election gives itself: later than this the lease is another's. */
    private static final long RENEW_DEADLINE = TimeUnit.SECONDS.toNanos(10);

    private static final String LEASES = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases";

    private final Endpoint administrator;
    private final String server;
    private final Report report;
    private final Duration duration;
    private final int objects;

    /** @param objects pods that are there */
    Fairness(Endpoint administrator, String server, Report report, Duration duration, int objects) {
        this.administrator = administrator;
        this.server = server;
        this.report = report;
        this.duration = duration;
        this.objects = objects;
    }

    /** @param pods the path of the pods that both tenants read and change */
    void run(String pods) throws IOException, InterruptedException {
        Endpoint noisy;
        Endpoint quiet;
        Endpoint leader;
        try (Connection connection = administrator.http1()) {
            connection.text(Call.post("/api/v1/namespaces", Objects.namespace(NAMESPACE)));
            noisy = account(connection, NAMESPACE, "noisy");
            quiet = account(connection, NAMESPACE, "quiet");
            leader = account(connection, "kube-system", "leader");
        }
        Quiet tenant = new Quiet(quiet, pods);
        tenant.run(duration);
        Quiet.Seen idle = tenant.run(duration);
        Noise noise = new Noise(noisy, pods);
        Leases leases = new Leases(leader);
        noise.start();
        leases.start();
        tenant.run(duration);
        noise.answered.set(0);
        noise.refused.set(0);
        Quiet.Seen beside = tenant.run(duration.multipliedBy(2));
        double perSecond = noise.answered.get() / (2.0 * duration.toSeconds());
        int refused = noise.refused.get();
        noise.stop();
        leases.stop();
        report.add(
                "A14",
                server,
                "idleP50Millis",
                idle.all().millis(50),
                "idleP99Millis",
                idle.all().millis(99),
                "p50Millis",
                beside.all().millis(50),
                "p99Millis",
                beside.all().millis(99),
                "refused",
                idle.refused() + beside.refused(),
                "noisePerSecond",
                perSecond,
                "noiseRefused",
                refused,
                "leaseRenewals",
                leases.renewals.get(),
                "leaseSlowestMillis",
                leases.slowest.get(),
                "leaseMisses",
                leases.misses.get());
    }

    /** A service account that may do everything, by its token. */
    private Endpoint account(Connection connection, String namespace, String name) throws IOException {
        String accounts = "/api/v1/namespaces/" + namespace + "/serviceaccounts";
        connection.text(Call.post(accounts, "{\"metadata\":{\"name\":\"" + name + "\"}}"));
        connection.text(Call.post(
                "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
                ("{\"metadata\":{\"name\":\"%s-%s\"},\"roleRef\":{\"apiGroup\":\"rbac.authorization.k8s.io\","
                                + "\"kind\":\"ClusterRole\",\"name\":\"cluster-admin\"},\"subjects\":[{\"kind\":"
                                + "\"ServiceAccount\",\"namespace\":\"%s\",\"name\":\"%s\"}]}")
                        .formatted(namespace, name, namespace, name)));
        String review = connection.text(Call.post(accounts + "/" + name + "/token", "{\"spec\":{}}"));
        return Endpoint.withToken(
                administrator.url(),
                JsonMapper.shared()
                        .readTree(review)
                        .path("status")
                        .path("token")
                        .asString());
    }

    /** Steady and little, whatever goes on beside it. */
    private final class Quiet {
        private final Endpoint endpoint;
        private final String pods;
        private final AtomicInteger refused = new AtomicInteger();

        /** All calls together. */
        record Seen(Outcome all, int refused) {}

        Quiet(Endpoint endpoint, String pods) {
            this.endpoint = endpoint;
            this.pods = pods;
        }

        Seen run(Duration time) throws InterruptedException {
            refused.set(0);
            int rate = READS_PER_SECOND + CHANGES_PER_SECOND;
            List<Connection> connections = new ArrayList<>();
            for (int i = 0; i < rate; i++) {
                connections.add(endpoint.http1());
            }
            Outcome outcome = new Load(connections, Thread.ofPlatform().factory())
                    .run(time, rate, (connection, number) -> {
                        String pod = pods + "/" + Objects.podName(number * 31 % objects);
                        boolean change = number % (rate / CHANGES_PER_SECOND) == 0;
                        Connection.Answer answer = connection.call(
                                change ? Call.mergePatch(pod, Objects.stamp()) : Call.get(pod), Sink.NOWHERE);
                        if (answer.status() >= 300) {
                            refused.incrementAndGet();
                        }
                        return new Connection.Answer(200, answer.bodyBytes());
                    });
            connections.forEach(Connection::close);
            return new Seen(outcome, refused.get());
        }
    }

    /** As much as is let in and more: reads, changes and lists of some two hundred pods, a hundred on a connection. */
    private final class Noise {
        private final AtomicInteger answered = new AtomicInteger();
        private final AtomicInteger refused = new AtomicInteger();
        private final AtomicBoolean over = new AtomicBoolean();
        private final List<Connection> connections = new ArrayList<>();
        private final List<Thread> callers = new ArrayList<>();
        private final Step step;

        Noise(Endpoint endpoint, String pods) {
            for (int i = 0; i < NOISE; i += 100) {
                connections.add(endpoint.http2());
            }
            this.step = (connection, number) -> {
                String pod = pods + "/" + Objects.podName(number * 7_919 % objects & 0x7fffffff);
                return switch (number % 4) {
                    case 0 ->
                        connection.call(
                                Call.get(pods + "?labelSelector=tier%3Dt" + number % Objects.LABEL_VALUES),
                                Sink.NOWHERE);
                    case 1 -> connection.call(Call.mergePatch(pod, Objects.stamp()), Sink.NOWHERE);
                    default -> connection.call(Call.get(pod), Sink.NOWHERE);
                };
            };
        }

        void start() {
            for (int i = 0; i < NOISE; i++) {
                int caller = i;
                callers.add(Thread.ofVirtual().start(() -> call(connections.get(caller / 100), caller)));
            }
        }

        private void call(Connection connection, int caller) {
            for (int i = caller; !over.get(); i += NOISE) {
                try {
                    if (step.run(connection, i).status() == 429) {
                        refused.incrementAndGet();
                        // What the answer's Retry-After asks for; client-go does it by itself.
                        Thread.sleep(1_000);
                    } else {
                        answered.incrementAndGet();
                    }
                } catch (IOException closed) {
                    return;
                } catch (InterruptedException stopped) {
                    Thread.currentThread().interrupt();
                    return;
                }
            }
        }

        void stop() throws InterruptedException {
            over.set(true);
            for (Thread caller : callers) {
                caller.join();
            }
            connections.forEach(Connection::close);
        }
    }

    /** Leaders that renew every two seconds, as client-go's do. */
    private static final class Leases {
        private final Endpoint endpoint;
        private final AtomicInteger renewals = new AtomicInteger();
        private final AtomicInteger misses = new AtomicInteger();
        private final AtomicInteger slowest = new AtomicInteger();
        private final AtomicBoolean over = new AtomicBoolean();
        private final List<Thread> leaders = new ArrayList<>();

        Leases(Endpoint endpoint) {
            this.endpoint = endpoint;
        }

        void start() {
            for (int i = 0; i < LEADERS; i++) {
                String name = "leader-" + i;
                leaders.add(Thread.ofPlatform().start(() -> lead(name)));
            }
        }

        private void lead(String name) {
            try (Connection connection = endpoint.http1()) {
                String version = Bench.version(connection.text(Call.post(LEASES, Objects.lease(name, ""))));
                while (!over.get()) {
                    long sent = System.nanoTime();
                    String path = LEASES + "/" + name;
                    version = Bench.version(
                            connection.text(Call.send("PUT", path, Call.JSON, Objects.lease(name, version))));
                    long took = System.nanoTime() - sent;
                    renewals.incrementAndGet();
                    slowest.accumulateAndGet((int) TimeUnit.NANOSECONDS.toMillis(took), Math::max);
                    if (took > RENEW_DEADLINE) {
                        misses.incrementAndGet();
                    }
                    Thread.sleep(2_000);
                }
            } catch (IOException refused) {
                System.err.println(name + ": " + refused);
                misses.incrementAndGet();
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            }
        }

        void stop() throws InterruptedException {
            over.set(true);
            for (Thread leader : leaders) {
                leader.join();
            }
        }
    }
}
