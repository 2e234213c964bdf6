package io.quarterdeck.api.store.postgres;

import com.zaxxer.hikari.HikariDataSource;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quarterdeck.api.registry.SelectableField;
import io.quarterdeck.api.registry.StreamingHeaderReader;
import io.quarterdeck.api.store.BodySeal;
import io.quarterdeck.api.store.HeaderReader;
import io.quarterdeck.embedded.postgres.EmbeddedPostgres;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.flywaydb.core.Flyway;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/** A fresh, migrated database on a server, for one test. */
public final class TestDatabase implements AutoCloseable {

    private static final HeaderReader HEADERS =
            new StreamingHeaderReader(storage -> List.of(SelectableField.of("spec.nodeName")));

    private final EmbeddedPostgres server;
    private final String url;
    private final HikariDataSource pool;

    public TestDatabase(EmbeddedPostgres server) throws SQLException {
        this.server = server;
        String name = "t" + UUID.randomUUID().toString().replace("-", "");
        try (Connection connection =
                        DriverManager.getConnection(server.jdbcUrl(), server.username(), server.password());
                Statement statement = connection.createStatement()) {
            statement.execute("create database " + name);
        }
        this.url = server.jdbcUrl(name);
        this.pool = new HikariDataSource();
        pool.setJdbcUrl(url);
        pool.setUsername(server.username());
        pool.setPassword(server.password());
        pool.setMaximumPoolSize(4);
        pool.setMinimumIdle(0);
        pool.setConnectionTimeout(30_000);
        Flyway.configure().dataSource(pool).load().migrate();
    }

    public PostgresOrderedStore store() {
        // A killed server may take its time to recover.
        return store(Map.of("write-deadline", "2m"));
    }

    /** A store with some properties that differ from the defaults. */
    public PostgresOrderedStore store(Map<String, String> properties) {
        return store(properties, Partitions.LEAST_WIDTH);
    }

    private PostgresOrderedStore store(Map<String, String> properties, long leastPartition) {
        Map<String, String> named = new HashMap<>();
        properties.forEach((name, value) -> named.put("quarterdeck.store." + name, value));
        return new PostgresOrderedStore(
                pool,
                connections(),
                HEADERS,
                BodySeal.CLEAR,
                new Binder(new MapConfigurationPropertySource(named))
                        .bindOrCreate("quarterdeck.store", StoreProperties.class),
                new SimpleMeterRegistry(),
                leastPartition);
    }

    /** A store whose log has small partitions. */
    PostgresOrderedStore storeWithPartitions(long revisions, Map<String, String> properties) {
        return store(properties, revisions);
    }

    public ConnectionSource connections() {
        return ConnectionSource.of(url, server.username(), server.password(), "quarterdeck-test");
    }

    public HikariDataSource pool() {
        return pool;
    }

    public String url() {
        return url;
    }

    public EmbeddedPostgres server() {
        return server;
    }

    public void execute(String sql) throws SQLException {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    public long number(String sql) throws SQLException {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }

    @Override
    public void close() {
        pool.close();
    }
}
