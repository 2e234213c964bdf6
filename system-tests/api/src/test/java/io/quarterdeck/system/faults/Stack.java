package io.quarterdeck.system.faults;

import io.quarterdeck.embedded.postgres.EmbeddedPostgres;
import io.quarterdeck.embedded.postgres.PostgresSettings;
import io.quarterdeck.system.harness.LanePorts;
import io.quarterdeck.system.history.Api;
import io.quarterdeck.system.history.Call;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** PostgreSQL, Kafka and one or more api-services as processes of their own. */
final class Stack implements AutoCloseable {

    static final String TOKEN = "fault-token";
    private static final Duration START = Duration.ofMinutes(4);
    private static final Duration HELD = Duration.ofSeconds(2);
    private static final int ATTEMPTS = 100;
    private static final Duration PAUSE = Duration.ofMillis(100);
    private static final int MOST_CONNECTIONS = 100;
    private static final List<String> SMALL_JVM =
            List.of("-Xmx640m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED");

    private final Path directory;
    private final EmbeddedPostgres postgres;
    private final ServerProcess kafka;
    private final Properties kafkaClient = new Properties();
    private final List<ServerProcess> services = new ArrayList<>();
    private final List<Integer> ports = new ArrayList<>();
    private final AtomicInteger turn = new AtomicInteger();

    /** @param settings of api-service, beside those that say where things are */
    static Stack start(Path directory, PostgresSettings database, int replicas, Map<String, String> settings)
            throws IOException, InterruptedException {
        Stack stack = new Stack(directory, EmbeddedPostgres.start(database));
        try {
            stack.startKafka();
            stack.addServices(replicas, settings);
            return stack;
        } catch (IOException | InterruptedException | RuntimeException e) {
            stack.close();
            throw e;
        }
    }

    static PostgresSettings database(Path directory) {
        return PostgresSettings.in(directory.resolve("postgres")).withBinaries(Path.of("target/postgres-programs"));
    }

    private Stack(Path directory, EmbeddedPostgres postgres) throws IOException {
        this.directory = directory;
        this.postgres = postgres;
        this.kafka = new ServerProcess(
                KafkaProcess.class.getName(),
                List.of("-Xmx400m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
                List.of(directory.resolve("kafka").toString(), Integer.toString(LanePorts.next())),
                Map.of(),
                directory.resolve("kafka.log"));
    }

    private void startKafka() throws IOException, InterruptedException {
        Path client = directory.resolve("kafka").resolve(KafkaProcess.CLIENT);
        Files.deleteIfExists(client);
        kafka.start();
        await("Kafka", kafka, () -> Files.exists(client));
        try (Reader in = Files.newBufferedReader(client)) {
            kafkaClient.load(in);
        }
    }

    private void addServices(int replicas, Map<String, String> settings) throws IOException, InterruptedException {
        Path tokens = directory.resolve("tokens.csv");
        Files.writeString(tokens, TOKEN + ",admin,admin-uid,\"system:masters\"\n");
        for (int i = 0; i < replicas; i++) {
            int port = LanePorts.next();
            List<String> arguments = new ArrayList<>(List.of(
                    "--server.port=" + port,
                    "--management.server.port=" + LanePorts.next(),
                    "--quarterdeck.api.pki-directory=" + directory.resolve("pki"),
                    "--quarterdeck.api.authentication.token-auth-file=" + tokens,
                    "--spring.datasource.url=" + postgres.jdbcUrl(),
                    "--spring.datasource.hikari.maximum-pool-size=6"));
            kafkaClient.forEach((name, value) -> arguments.add(
                    name.equals("bootstrap.servers")
                            ? "--spring.kafka.bootstrap-servers=" + value
                            : "--spring.kafka.properties[" + name + "]=" + value));
            settings.forEach((name, value) -> arguments.add("--" + name + "=" + value));
            services.add(new ServerProcess(
                    "io.quarterdeck.api.ApiServiceApplication",
                    SMALL_JVM,
                    arguments,
                    Map.of(
                            "SPRING_DATASOURCE_USERNAME",
                            postgres.username(),
                            "SPRING_DATASOURCE_PASSWORD",
                            postgres.password()),
                    directory.resolve("api-" + i + ".log")));
            ports.add(port);
            // The first one makes the tables and the keys.
            services.get(i).start();
            awaitReady(i);
        }
    }

    private interface Condition {
        boolean holds() throws IOException;
    }

    private static void await(String what, ServerProcess process, Condition condition)
            throws IOException, InterruptedException {
        try {
            await(what, () -> {
                if (!process.alive()) {
                    throw new IOException(what + " ended");
                }
                return condition.holds();
            });
        } catch (IOException e) {
            throw new IOException(e.getMessage() + "; its last lines:\n" + process.lastLines() + process.stacks(), e);
        }
    }

    private static void await(String what, Condition condition) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + START.toNanos();
        while (!condition.holds()) {
            if (System.nanoTime() > deadline) {
                throw new IOException(what + " does not answer within " + START);
            }
            Thread.sleep(50);
        }
    }

    private void awaitReady(int service) throws IOException, InterruptedException {
        await("api-service " + service, services.get(service), () -> ready(ports.get(service)));
    }

    private static boolean ready(int port) {
        try (LeanConnection connection = LeanConnection.to(port, TOKEN)) {
            return connection.ask("GET", "/readyz", "", "").status() == 200;
        } catch (IOException notYet) {
            return false;
        }
    }

    /** Of the server whose turn it is. */
    int port() {
        return ports.get(Math.floorMod(turn.getAndIncrement(), ports.size()));
    }

    int port(int service) {
        return ports.get(service);
    }

    Api api() {
        return new HttpApi(this::port, TOKEN);
    }

    Properties kafkaClient() {
        return kafkaClient;
    }

    EmbeddedPostgres postgres() {
        return postgres;
    }

    Path directory() {
        return directory;
    }

    ServerProcess service(int number) {
        return services.get(number);
    }

    /** Creates what the load writes in; answers a revision from before the load. */
    long prepare(int namespaces) throws IOException {
        try (LeanConnection connection = LeanConnection.to(ports.getFirst(), TOKEN)) {
            for (int i = 0; i < namespaces; i++) {
                connection.ask(
                        "POST",
                        "/api/v1/namespaces",
                        "json",
                        "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"ns" + i + "\"}}");
            }
        }
        try (Api api = api()) {
            return api.list(Call.Selection.ALL, -1, 0).revision();
        }
    }

    /** Does it, mends it, and answers how long it took until what was hurt served again. */
    Duration inject(Fault fault) throws IOException, InterruptedException, SQLException {
        long began = System.nanoTime();
        switch (fault) {
            case API_KILL -> restart(ThreadLocalRandom.current().nextInt(services.size()));
            case PUBLISHER_KILL -> restart(publisher());
            case API_PAUSE -> {
                ServerProcess service = services.get(ThreadLocalRandom.current().nextInt(services.size()));
                service.pause();
                Thread.sleep(HELD);
                service.resume();
            }
            case BACKEND_KILL -> {
                List<Long> backends = numbers("select pid from pg_stat_activity"
                        + " where backend_type = 'client backend' and pid <> pg_backend_pid()");
                long chosen = backends.get(ThreadLocalRandom.current().nextInt(backends.size()));
                ProcessHandle.of(chosen).ifPresent(ProcessHandle::destroyForcibly);
            }
            case SESSIONS_CUT ->
                sql("select pg_terminate_backend(pid) from pg_stat_activity"
                        + " where application_name like 'quarterdeck-%' and pid <> pg_backend_pid()");
            case POSTGRES_KILL -> {
                long killed = postgres.pid();
                postgres.kill();
                await("PostgreSQL", () -> postgres.pid() != killed);
            }
            case POSTGRES_PAUSE -> {
                List<ProcessHandle> all = new ArrayList<>();
                ProcessHandle postmaster = ProcessHandle.of(postgres.pid()).orElseThrow();
                all.add(postmaster);
                postmaster.descendants().forEach(all::add);
                ServerProcess.signal("STOP", all);
                Thread.sleep(HELD);
                ServerProcess.signal("CONT", all);
            }
            case CONNECTIONS_TAKEN -> takeConnections();
            case KAFKA_KILL -> {
                kafka.kill();
                startKafka();
            }
            case KAFKA_PAUSE -> {
                kafka.pause();
                Thread.sleep(HELD);
                kafka.resume();
            }
            case KAFKA_WIPE -> {
                kafka.kill();
                delete(directory.resolve("kafka").resolve("logs"));
                startKafka();
            }
        }
        return Duration.ofNanos(System.nanoTime() - began);
    }

    private void restart(int service) throws IOException, InterruptedException {
        services.get(service).kill();
        services.get(service).start();
        awaitReady(service);
    }

    /** The service whose session holds the relay's lock; any when none does. */
    private int publisher() throws SQLException {
        try (Connection connection = patiently();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select a.client_port from pg_locks l"
                        + " join pg_stat_activity a on a.pid = l.pid where l.locktype = 'advisory'"
                        + " and l.granted and a.application_name = 'quarterdeck-publisher'")) {
            if (!row.next()) {
                return 0;
            }
            int port = row.getInt(1);
            for (int i = 0; i < services.size(); i++) {
                if (services.get(i).ownsPort(port)) {
                    return i;
                }
            }
            return 0;
        }
    }

    /** While PostgreSQL recovers from the last fault it takes nobody. */
    private Connection patiently() throws SQLException {
        for (int attempt = 0; ; attempt++) {
            try {
                return connect();
            } catch (SQLException recovering) {
                if (attempt == ATTEMPTS) {
                    throw recovering;
                }
                try {
                    Thread.sleep(PAUSE);
                } catch (InterruptedException stopped) {
                    Thread.currentThread().interrupt();
                    throw recovering;
                }
            }
        }
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection(postgres.jdbcUrl(), postgres.username(), postgres.password());
    }

    void sql(String statement) throws SQLException {
        try (Connection connection = patiently();
                Statement work = connection.createStatement()) {
            work.execute(statement);
        }
    }

    private List<Long> numbers(String query) throws SQLException {
        List<Long> numbers = new ArrayList<>();
        try (Connection connection = patiently();
                Statement work = connection.createStatement();
                ResultSet rows = work.executeQuery(query)) {
            while (rows.next()) {
                numbers.add(rows.getLong(1));
            }
        }
        return numbers;
    }

    private void takeConnections() throws SQLException, InterruptedException {
        List<Connection> taken = new ArrayList<>();
        try {
            taken.add(patiently());
            try (Statement work = taken.getFirst().createStatement()) {
                work.execute("select pg_terminate_backend(pid) from pg_stat_activity"
                        + " where backend_type = 'client backend' and pid <> pg_backend_pid()");
            }
            while (taken.size() < MOST_CONNECTIONS) {
                taken.add(connect());
            }
        } catch (SQLException full) {
            Thread.sleep(HELD);
        } finally {
            for (Connection connection : taken) {
                connection.close();
            }
        }
    }

    static void delete(Path tree) throws IOException {
        if (!Files.exists(tree)) {
            return;
        }
        try (Stream<Path> paths = Files.walk(tree)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }

    @Override
    public void close() {
        try {
            for (ServerProcess service : services) {
                service.close();
            }
            kafka.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        postgres.close();
    }
}
