package io.quarterdeck.standalone.server;

import io.quarterdeck.embedded.Ports;
import io.quarterdeck.embedded.kafka.EmbeddedKafka;
import io.quarterdeck.embedded.kafka.KafkaSettings;
import io.quarterdeck.embedded.postgres.EmbeddedPostgres;
import io.quarterdeck.embedded.postgres.PostgresSettings;
import io.quarterdeck.standalone.dashboard.DashboardPort;
import io.quarterdeck.standalone.instance.DockerHost;
import io.quarterdeck.standalone.instance.Instance;
import io.quarterdeck.standalone.instance.InstanceState;
import io.quarterdeck.standalone.instance.NodeLock;
import io.quarterdeck.standalone.instance.PortPlan;
import io.quarterdeck.standalone.instance.ProcessLock;
import io.quarterdeck.standalone.instance.Role;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.Banner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.GenericApplicationContext;

/**
 * The process behind {@code ./quarterdeck up}: starts everything in order, tells its progress in the instance's state, and
 * stops everything in the opposite order on SIGTERM. One for each JVM.
 */
public final class Server {
    private static final Logger LOG = LoggerFactory.getLogger(Server.class);

    private final ServerOptions options;
    private final InstanceState state;
    private final Instant started;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private @Nullable ConfigurableApplicationContext parent;
    private @Nullable RoleContexts roles;
    private @Nullable DashboardPort dashboard;
    private @Nullable ProcessLock lock;
    private @Nullable ProcessLock nodeLock;

    public Server(ServerOptions options) {
        this.options = options;
        this.state = options.instance().state();
        this.started = ProcessHandle.current().info().startInstant().orElseGet(Instant::now);
    }

    /** Runs until the process is told to stop. Returns the exit code. */
    public int run() {
        Instance instance = options.instance();
        try {
            instance.create();
            Optional<ProcessLock> taken = instance.lock();
            if (taken.isEmpty()) {
                System.err.println("another instance runs on " + instance.directory());
                return 1;
            }
            lock = taken.get();
            if (options.roles().stream().anyMatch(Role::needsRoot)) {
                Optional<ProcessLock> node = new NodeLock().take(instance);
                if (node.isEmpty()) {
                    throw new IllegalStateException("another instance runs pods on this machine");
                }
                nodeLock = node.get();
            }
            state.begin();
            state.put(Map.of(
                    InstanceState.PID, Long.toString(ProcessHandle.current().pid()),
                    InstanceState.PORT, Integer.toString(options.port()),
                    InstanceState.COMPONENTS, Role.format(options.roles()),
                    InstanceState.STARTED, started.toString()));
            Runtime.getRuntime().addShutdownHook(new Thread(this::stop, "shutdown"));
            start();
            if (options.training()) {
                Rehearsal.of(instance, options.port());
                return 0;
            }
            stopped.await();
            return 0;
        } catch (IOException | RuntimeException e) {
            return failed(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 1;
        }
    }

    private int failed(Exception failure) {
        LOG.error("The start failed", failure);
        state.put(InstanceState.FAILURE, StartFailure.oneLine(failure));
        // Kafka's threads and others would keep a JVM alive in which nothing works.
        return 1;
    }

    private void start() throws IOException, InterruptedException {
        Instance instance = options.instance();
        var ports = new PortPlan(options.port());
        String nodeName = InetAddress.getLocalHost().getHostName().toLowerCase(Locale.ROOT);
        state.put(InstanceState.NODE, nodeName);
        DockerHost docker = DockerHost.configured();
        if (options.roles().contains(Role.NODE)) {
            state.put(InstanceState.DOCKER_HOST, docker.toString());
        }
        ClusterFiles files = ClusterFiles.ensure(instance, ports, nodeName, addresses(), Instant.now());
        phase("certificates");

        Ports choice = Ports.besides(ports.of(options.roles()).values());
        EmbeddedKafka kafka = EmbeddedKafka.prepare(
                KafkaSettings.in(instance.kafka()).withPorts(choice).withTls(files.kafkaTls()));
        PostgresSettings database =
                PostgresSettings.in(instance.postgres()).withPorts(choice).withTls(files.postgresTls());
        var kafkaRuns = new CompletableFuture<Void>();
        parent = startServers(database, kafka, kafkaRuns);
        KafkaControl.register(kafka);
        roles = new RoleContexts(parent);
        var parts = new RoleParts(
                instance,
                ports,
                nodeName,
                docker,
                parent.getBean(EmbeddedPostgres.class),
                kafka,
                options.tokenAuthFile());
        // The API goes without Kafka at any time, so also while it starts.
        roles.start(parts.part(Role.API));
        kafkaRuns.join();
        try (var admin = new AdminHttp(instance, options.port())) {
            while (!admin.ready()) {
                Thread.sleep(25);
            }
            phase("api");
            startClients(parts);
            dashboard = new Dashboard(instance, ports, options.roles()).open();
            phase("ready");
            if (options.roles().contains(Role.NODE)) {
                NodeReadiness.await(admin, nodeName);
                phase("node-ready");
            }
        }
    }

    /** In a context that outlives those of the parts. Returns when PostgreSQL runs; Kafka may still be starting. */
    private ConfigurableApplicationContext startServers(
            PostgresSettings database, EmbeddedKafka kafka, CompletableFuture<Void> kafkaRuns) {
        return new SpringApplicationBuilder(EmbeddedServers.class)
                .web(WebApplicationType.NONE)
                .bannerMode(Banner.Mode.OFF)
                .logStartupInfo(false)
                .registerShutdownHook(false)
                .properties(
                        "spring.config.name=standalone",
                        "logging.file.path=" + options.instance().logs())
                .initializers(context -> {
                    // The parts must not configure the logging of the one JVM that they share.
                    System.setProperty(LoggingSystem.SYSTEM_PROPERTY, LoggingSystem.NONE);
                    // Not before this: only now is the log set up.
                    startKafka(kafka, kafkaRuns);
                    registerServers((GenericApplicationContext) context, database, kafka);
                })
                .run();
    }

    private void startKafka(EmbeddedKafka kafka, CompletableFuture<Void> runs) {
        runs.completeAsync(
                () -> {
                    kafka.resume();
                    phase("kafka");
                    return null;
                },
                task -> Thread.ofPlatform().name("kafka").start(task));
    }

    private void registerServers(GenericApplicationContext registry, PostgresSettings database, EmbeddedKafka kafka) {
        registry.registerBean(
                EmbeddedPostgres.class,
                () -> {
                    var postgres = EmbeddedPostgres.start(database);
                    phase("postgres");
                    return postgres;
                },
                bean -> bean.setDestroyMethodName("close"));
        registry.registerBean(EmbeddedKafka.class, () -> kafka, bean -> bean.setDestroyMethodName("close"));
    }

    /** The parent context declares nothing itself: what it holds was started before it. */
    @Configuration(proxyBeanMethods = false)
    static class EmbeddedServers {}

    private void startClients(RoleParts parts) {
        List<CompletableFuture<Void>> starting = new ArrayList<>();
        RoleContexts contexts = Objects.requireNonNull(roles);
        for (Role role : options.roles()) {
            if (role != Role.API) {
                starting.add(CompletableFuture.runAsync(
                        () -> {
                            contexts.start(parts.part(role));
                            phase(role.label());
                        },
                        task -> Thread.ofPlatform()
                                .name("start-" + role.label())
                                .start(task)));
            }
        }
        starting.forEach(CompletableFuture::join);
    }

    private void phase(String name) {
        long millis = Duration.between(started, Instant.now()).toMillis();
        LOG.info("{} after {} ms", name, millis);
        state.put(InstanceState.PHASE + name, Long.toString(millis));
    }

    /** The addresses under which other machines reach this one. */
    private static List<String> addresses() {
        try (var socket = new DatagramSocket()) {
            // No packet is sent: the kernel only chooses the route and so the address.
            socket.connect(new InetSocketAddress("192.0.2.1", 9));
            InetAddress local = socket.getLocalAddress();
            return local.isAnyLocalAddress() ? List.of() : List.of(local.getHostAddress());
        } catch (IOException | UncheckedIOException e) {
            return List.of();
        }
    }

    private synchronized void stop() {
        LOG.info("Stopping");
        if (dashboard != null) {
            dashboard.close();
        }
        if (roles != null) {
            roles.stop();
        }
        if (parent != null) {
            parent.close();
        }
        state.remove(InstanceState.PID);
        stopped.countDown();
    }
}
