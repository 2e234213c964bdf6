package io.quarterdeck.embedded.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.quarterdeck.embedded.Ports;
import io.quarterdeck.embedded.ProcessEnd;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedPostgresIT {
    @TempDir
    Path directory;

    private PostgresSettings settings() {
        return PostgresSettings.in(directory.resolve("postgres")).withBinaries(Path.of("target", "postgres-programs"));
    }

    @Test
    void keepsDataOverARestartWithDurableSettings() throws Exception {
        try (var postgres = EmbeddedPostgres.start(settings());
                var connection = connect(postgres)) {
            execute(connection, "CREATE TABLE kept (id int)");
            execute(connection, "INSERT INTO kept VALUES (7)");
            assertThat(show(connection, "fsync")).isEqualTo("on");
            assertThat(show(connection, "synchronous_commit")).isEqualTo("on");
            assertThat(show(connection, "full_page_writes")).isEqualTo("on");
        }
        try (var postgres = EmbeddedPostgres.start(settings());
                var connection = connect(postgres)) {
            assertThat(query(connection, "SELECT id FROM kept")).isEqualTo("7");
        }
    }

    @Test
    void asksForThePasswordWhichOnlyItsOwnerMayRead() throws Exception {
        try (var postgres = EmbeddedPostgres.start(settings())) {
            assertThatThrownBy(() -> DriverManager.getConnection(postgres.jdbcUrl(), postgres.username(), "wrong"))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("password authentication failed");
            Path password = directory.resolve("postgres").resolve("password");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(password)))
                    .isEqualTo("rw-------");
        }
    }

    @Test
    void recoversWhenThePostmasterIsKilled() throws Exception {
        try (var postgres = EmbeddedPostgres.start(settings())) {
            try (var connection = connect(postgres)) {
                execute(connection, "CREATE TABLE kept AS SELECT 1 AS id");
            }
            long before = postgres.pid();
            postgres.kill();
            await().atMost(Duration.ofSeconds(90)).ignoreExceptions().untilAsserted(() -> {
                assertThat(postgres.pid()).isNotEqualTo(before);
                try (var connection = connect(postgres)) {
                    assertThat(query(connection, "SELECT id FROM kept")).isEqualTo("1");
                }
            });
        }
    }

    @Test
    void stopsTheServerThatAKilledJvmLeftBehind() throws Exception {
        PostgresSettings settings = settings();
        ProcessHandle leftover = ProcessHandle.of(LeftBehind.by(settings)).orElseThrow();
        assertThat(ProcessEnd.hasEnded(leftover)).isFalse();
        try (var postgres = EmbeddedPostgres.start(settings);
                var connection = connect(postgres)) {
            assertThat(ProcessEnd.hasEnded(leftover)).isTrue();
            assertThat(query(connection, "SELECT 1")).isEqualTo("1");
        }
    }

    @Test
    void refusesASecondServerOnTheSameData() {
        try (var _ = EmbeddedPostgres.start(settings())) {
            assertThatThrownBy(() -> EmbeddedPostgres.start(settings()))
                    .isInstanceOf(PostgresException.class)
                    .hasMessageContaining("Another process uses the database");
        }
    }

    @Test
    void takesAnotherPortWhenTheRememberedOneIsTaken() throws Exception {
        int remembered;
        try (var postgres = EmbeddedPostgres.start(settings())) {
            remembered = postgres.port();
        }
        try (var _ = new ServerSocket(remembered, 1, InetAddress.getByName("127.0.0.1"));
                var postgres = EmbeddedPostgres.start(settings());
                var connection = connect(postgres)) {
            assertThat(postgres.port()).isNotEqualTo(remembered);
            assertThat(query(connection, "SELECT 1")).isEqualTo("1");
        }
    }

    @Test
    void leavesAPortThatIsPromisedByNow() throws Exception {
        int remembered;
        try (var postgres = EmbeddedPostgres.start(settings())) {
            remembered = postgres.port();
        }
        try (var postgres = EmbeddedPostgres.start(settings().withPorts(Ports.besides(Set.of(remembered))))) {
            assertThat(postgres.port()).isNotEqualTo(remembered);
        }
    }

    @Test
    void saysInOneLineThatAFixedPortIsTaken() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            assertThatThrownBy(() -> EmbeddedPostgres.start(settings().withPort(taken.getLocalPort())))
                    .isInstanceOf(PostgresException.class)
                    .hasMessage("Port " + taken.getLocalPort() + " on 127.0.0.1 is taken");
        }
    }

    @Test
    void startsBelowADirectoryThatOnlyItsOwnerMayEnter() throws Exception {
        Path closed = Files.createDirectory(
                directory.resolve("closed"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        try (var postgres = EmbeddedPostgres.start(PostgresSettings.in(closed.resolve("postgres"))
                        .withBinaries(Path.of("target", "postgres-programs")));
                var connection = connect(postgres)) {
            assertThat(query(connection, "SELECT 1")).isEqualTo("1");
        }
    }

    @Test
    void saysInOneLineThatTheDataIsDamaged() throws Exception {
        EmbeddedPostgres.start(settings()).close();
        Files.writeString(directory.resolve("postgres/data/PG_VERSION"), "9.3\n");
        assertThatThrownBy(() -> EmbeddedPostgres.start(settings()))
                .isInstanceOf(PostgresException.class)
                .hasMessageContaining("database files are incompatible with server");
    }

    private static Connection connect(EmbeddedPostgres postgres) throws SQLException {
        return DriverManager.getConnection(postgres.jdbcUrl(), postgres.username(), postgres.password());
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String show(Connection connection, String setting) throws SQLException {
        return query(connection, "SHOW " + setting);
    }

    private static String query(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }
}
