package io.quarterdeck.standalone.cli;

import io.quarterdeck.embedded.ProcessEnd;
import io.quarterdeck.standalone.checks.Checks;
import io.quarterdeck.standalone.checks.LocalMachine;
import io.quarterdeck.standalone.checks.Machine;
import io.quarterdeck.standalone.checks.Problem;
import io.quarterdeck.standalone.instance.Instance;
import io.quarterdeck.standalone.instance.InstanceState;
import io.quarterdeck.standalone.instance.PortPlan;
import io.quarterdeck.standalone.instance.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** From whatever this machine is to a Ready cluster. */
@Command(name = "up", description = "start the cluster, installing what is missing; returns when it is ready")
final class UpCommand implements Callable<Integer> {
    @Mixin
    InstanceOptions options = new InstanceOptions();

    @Option(
            names = "--port",
            paramLabel = "N",
            description = "port of the API; the others shift with it (default: 6443)")
    @Nullable Integer port;

    @Option(
            names = "--components",
            paramLabel = "LIST",
            defaultValue = "api,controllers,scheduler,node,proxy",
            description = "the parts to run, of ${DEFAULT-VALUE}; \"api\" alone needs neither root nor Docker")
    String components = "";

    @Option(
            names = "--token-auth-file",
            paramLabel = "FILE",
            description = "static tokens, lines of token,user,uid,\"group1,group2\"")
    @Nullable Path tokenAuthFile;

    @Option(names = "--foreground", description = "stay, and stop the cluster on Ctrl-C")
    boolean foreground;

    private final Machine machine = new LocalMachine();

    @Override
    public Integer call() throws IOException, InterruptedException {
        Instance instance = options.instance();
        Set<Role> roles = Role.parse(components);
        int apiPort = instance.port(port == null ? OptionalInt.empty() : OptionalInt.of(port));
        if (apiPort < 1 || apiPort > 65535) {
            throw new Failure("no port: " + apiPort, QuarterdeckCommand.command() + " up --port 6443");
        }
        if (instance.running()) {
            return alreadyRunning(instance);
        }
        boolean machineParts = roles.stream().anyMatch(Role::needsRoot);
        String others =
                roles.stream().filter(role -> role != Role.API).map(Role::label).collect(Collectors.joining(", "));
        Console console = new Console(
                System.out,
                4 + (machineParts ? 2 : 0) + (others.isEmpty() ? 0 : 1) + (roles.contains(Role.NODE) ? 1 : 0));

        console.begin("Checking this machine");
        Checks checks = new Checks(machine, instance, apiPort, roles, QuarterdeckCommand.command());
        checkTokens();
        KubeconfigFile.ofUser().check();
        Optional<Problem> problem = checks.firstProblem();
        if (problem.isPresent()) {
            throw new Failure(problem.get());
        }
        instance.create();
        console.done("it will do");

        if (machineParts) {
            console.begin("Packages");
            List<String> missing = checks.missingPackages();
            if (!missing.isEmpty()) {
                Packages.install(missing, console);
            }
            console.done(missing.isEmpty() ? "all installed" : "installed " + String.join(" ", missing));
            console.begin("Docker");
            console.done(DockerDaemon.ensure(machine, instance, console));
        }
        instance.state().begin();
        Process server = ServerProcess.start(instance, serverArguments(instance, apiPort, roles));
        console.begin("PostgreSQL and Kafka");
        console.done(await(instance, server, console, List.of("postgres", "kafka")));
        console.begin("API");
        console.done(await(instance, server, console, List.of("api")));
        console.begin("kubeconfig");
        KubeconfigFile user = KubeconfigFile.ofUser();
        String context = user.merge(instance, apiPort);
        console.done("context " + context + " in " + user.file());
        if (!others.isEmpty()) {
            console.begin(others.substring(0, 1).toUpperCase(Locale.ROOT) + others.substring(1));
            console.done(await(instance, server, console, List.of("ready")));
        }
        if (roles.contains(Role.NODE)) {
            console.begin("Node Ready");
            console.done(await(instance, server, console, List.of("node-ready")));
        }
        Summary.print(System.out, instance, context, machine.hasProgram("kubectl"));
        if (foreground) {
            return stay(server);
        }
        return 0;
    }

    private void checkTokens() {
        if (tokenAuthFile != null && !Files.isReadable(tokenAuthFile)) {
            throw new Failure("cannot read the token file " + tokenAuthFile, "ls -l " + tokenAuthFile);
        }
    }

    private List<String> serverArguments(Instance instance, int apiPort, Set<Role> roles) {
        List<String> arguments = new ArrayList<>(List.of(
                "--data", instance.directory().toString(),
                "--port", Integer.toString(apiPort),
                "--components", Role.format(roles)));
        if (tokenAuthFile != null) {
            arguments.addAll(
                    List.of("--token-auth-file", tokenAuthFile.toAbsolutePath().toString()));
        }
        return arguments;
    }

    private Integer alreadyRunning(Instance instance) throws InterruptedException, IOException {
        InstanceState state = instance.state();
        int running = state.number(InstanceState.PORT).map(Long::intValue).orElse(PortPlan.DEFAULT_API);
        if (port != null && port != running) {
            throw new Failure(
                    "an instance on " + instance.directory() + " already runs, with port " + running,
                    QuarterdeckCommand.command() + " up --port " + port + " --data " + instance.directory() + "-"
                            + port);
        }
        Console console = new Console(System.out, 1);
        console.begin("Quarterdeck already runs");
        ProcessHandle server = ServerProcess.find(instance)
                .orElseThrow(() -> new Failure(
                        "another process holds " + instance.directory(), "fuser " + instance.directory() + "/lock"));
        while (state.get(InstanceState.PHASE + "ready").isEmpty() && !ProcessEnd.hasEnded(server)) {
            console.alive("it is still starting");
            Thread.sleep(100);
        }
        String context = KubeconfigFile.ofUser().merge(instance, running);
        console.done("process " + server.pid());
        Summary.print(System.out, instance, context, machine.hasProgram("kubectl"));
        return 0;
    }

    /** Waits until the server has passed these phases, and says when, counted from the start of its process. */
    private String await(Instance instance, Process server, Console console, List<String> phases)
            throws InterruptedException, IOException {
        InstanceState state = instance.state();
        long begun = System.nanoTime();
        while (true) {
            Map<String, Double> passed = new LinkedHashMap<>();
            Map<String, String> content = state.all();
            for (String phase : phases) {
                String millis = content.get(InstanceState.PHASE + phase);
                if (millis != null) {
                    passed.put(phase, Long.parseLong(millis) / 1000.0);
                }
            }
            if (passed.size() == phases.size()) {
                double last = passed.values().stream()
                        .mapToDouble(Double::doubleValue)
                        .max()
                        .orElse(0);
                return String.format(Locale.ROOT, "ready %.1f s after the start", last);
            }
            if (content.containsKey(InstanceState.FAILURE) || !server.isAlive()) {
                throw startFailure(instance, server);
            }
            if (System.nanoTime() - begun > patience(phases).toNanos()) {
                throw new Failure(
                        awaited(phases) + " not ready within "
                                + patience(phases).toSeconds() + " s; the cluster goes on trying",
                        QuarterdeckCommand.command() + " status" + options.repeat());
            }
            console.alive("waiting for " + awaited(phases));
            Thread.sleep(50);
        }
    }

    private static String awaited(List<String> phases) {
        return phases.stream()
                .map(phase -> switch (phase) {
                    case "postgres" -> "PostgreSQL";
                    case "kafka" -> "Kafka";
                    case "api" -> "the API";
                    case "ready" -> "the other parts";
                    case "node-ready" -> "the node";
                    default -> phase;
                })
                .collect(Collectors.joining(" and "));
    }

    /** A database may recover for as long as it takes; all else is quick or broken. */
    private static Duration patience(List<String> phases) {
        return phases.contains("postgres") ? Duration.ofHours(12) : Duration.ofMinutes(3);
    }

    private Failure startFailure(Instance instance, Process server) throws InterruptedException, IOException {
        server.onExit().join();
        String cause = instance.state().get(InstanceState.FAILURE).orElseGet(() -> lastOutput(instance));
        return new Failure(
                cause,
                cause.contains("is taken")
                        ? QuarterdeckCommand.command() + " up --port " + (instance.port(OptionalInt.empty()) + 1000)
                                + options.repeat()
                        : QuarterdeckCommand.command() + " logs" + options.repeat());
    }

    private static String lastOutput(Instance instance) {
        try {
            return ServerProcess.lastWords(Files.readAllLines(ServerProcess.output(instance)));
        } catch (IOException e) {
            return "the server ended";
        }
    }

    private static int stay(Process server) throws InterruptedException {
        System.out.println("Ctrl-C stops it.");
        Thread stop = new Thread(() -> {
            server.destroy();
            server.onExit().join();
        });
        Runtime.getRuntime().addShutdownHook(stop);
        int status = server.waitFor();
        return status == 143 ? 0 : status;
    }
}
