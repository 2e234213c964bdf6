package io.quarterdeck.standalone.cli;

import io.quarterdeck.standalone.instance.Instance;
import io.quarterdeck.standalone.instance.InstanceState;
import io.quarterdeck.standalone.instance.PortPlan;
import io.quarterdeck.standalone.instance.Role;
import io.quarterdeck.standalone.server.AdminHttp;
import io.quarterdeck.standalone.server.NodeReadiness;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** One screen of health. Exit code 0 when all is well, 1 when something is not, 3 when nothing runs. */
@Command(name = "status", description = "show the health of the cluster and the figures of its start")
final class StatusCommand implements Callable<Integer> {
    private static final int NOT_RUNNING = 3;
    private static final Duration LOAD_SAMPLE = Duration.ofSeconds(2);

    @Mixin
    InstanceOptions options = new InstanceOptions();

    @Override
    public Integer call() throws InterruptedException {
        Instance instance = options.instance();
        Optional<ProcessHandle> server = ServerProcess.find(instance);
        if (server.isEmpty()) {
            System.out.println("Quarterdeck does not run on " + instance.directory() + " ("
                    + QuarterdeckCommand.command() + " up" + options.repeat() + " starts it).");
            return NOT_RUNNING;
        }
        InstanceState state = instance.state();
        Set<Role> roles = Role.parse(state.get(InstanceState.COMPONENTS).orElse(Role.all()));
        var ports = new PortPlan(instance.port(OptionalInt.empty()));

        line(
                "Quarterdeck",
                "runs since " + uptime(state) + " (process " + server.get().pid() + ", data " + instance.directory()
                        + ")");
        boolean well = true;
        try (var admin = new AdminHttp(instance, ports.api())) {
            boolean ready = admin.ready();
            well &= ready;
            line("API", "https://127.0.0.1:" + ports.api() + "  " + (ready ? "ready" : "NOT READY"));
            for (Role role : roles) {
                String health = health(ports.management(role));
                well &= health.equals("UP");
                line(role.label(), health + "  http://127.0.0.1:" + ports.management(role) + "/actuator");
            }
            if (roles.contains(Role.NODE)) {
                String node = state.get(InstanceState.NODE).orElse("");
                Optional<String> obstacle = NodeReadiness.obstacle(admin, node);
                well &= obstacle.isEmpty();
                line(
                        "Node " + node,
                        obstacle.map(why -> "NOT READY: " + why + " (" + QuarterdeckCommand.command() + " logs node"
                                        + options.repeat() + ")")
                                .orElse("Ready"));
            }
        }
        line(
                "Start",
                "/readyz " + seconds(state, "api")
                        + (roles.contains(Role.NODE) ? ", node Ready " + seconds(state, "node-ready") : "")
                        + " (PostgreSQL " + seconds(state, "postgres") + ", Kafka " + seconds(state, "kafka") + ")");
        // After the questions above, which are load themselves.
        Usage before = Usage.of(server.get());
        long begun = System.nanoTime();
        Thread.sleep(LOAD_SAMPLE);
        Usage after = Usage.of(server.get());
        double share = (after.ticks() - before.ticks()) / ((System.nanoTime() - begun) / 1e7) * 100;
        line(
                "Load",
                String.format(
                        Locale.ROOT,
                        "%d MiB resident, %.1f %% of a core (all processes)",
                        after.resident() >> 20,
                        share));
        line("Context", state.get(InstanceState.CONTEXT).orElse("none"));
        return well ? 0 : 1;
    }

    private static void line(String subject, String text) {
        System.out.printf("%-14s %s%n", subject, text);
    }

    private static String uptime(InstanceState state) {
        return state.get(InstanceState.STARTED)
                .map(started -> Duration.between(Instant.parse(started), Instant.now()))
                .map(time -> time.toHours() > 0
                        ? time.toHours() + "h" + time.toMinutesPart() + "m"
                        : time.toMinutes() + "m" + time.toSecondsPart() + "s")
                .orElse("a while");
    }

    private static String seconds(InstanceState state, String phase) {
        return state.number(InstanceState.PHASE + phase)
                .map(millis -> String.format(Locale.ROOT, "%.1f s", millis / 1000.0))
                .orElse("not yet");
    }

    /** The word of the part's own health endpoint. */
    private static String health(int port) throws InterruptedException {
        try (var client =
                HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build()) {
            HttpResponse<String> answer = client.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/actuator/health"))
                            .timeout(Duration.ofSeconds(10))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            return answer.statusCode() == 200 ? "UP" : "DOWN";
        } catch (IOException e) {
            return "DOWN";
        }
    }
}
