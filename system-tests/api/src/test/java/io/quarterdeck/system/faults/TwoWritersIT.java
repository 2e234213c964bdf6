package io.quarterdeck.system.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quarterdeck.api.cache.CacheLimits;
import io.quarterdeck.api.cache.StoreWatchCache;
import io.quarterdeck.api.registry.StreamingHeaderReader;
import io.quarterdeck.api.store.postgres.ConnectionSource;
import io.quarterdeck.api.store.postgres.PostgresOrderedStore;
import io.quarterdeck.api.store.postgres.StoreProperties;
import io.quarterdeck.embedded.postgres.EmbeddedPostgres;
import io.quarterdeck.system.history.HistoryChecker;
import io.quarterdeck.system.history.InProcessApi;
import io.quarterdeck.system.history.Load;
import io.quarterdeck.system.history.Violation;
import io.quarterdeck.system.history.Violation.Rule;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/** Three replicas on one database: with the lock of the counter they are one store, without it the checker sees that. */
class TwoWritersIT {

    private static final int REPLICAS = 3;
    private static final long ENOUGH = 4_000;

    private EmbeddedPostgres server;
    private HikariDataSource pool;

    @BeforeEach
    void startServer() {
        server = EmbeddedPostgres.temporary();
        pool = new HikariDataSource();
        pool.setJdbcUrl(server.jdbcUrl());
        pool.setUsername(server.username());
        pool.setPassword(server.password());
        Flyway.configure().dataSource(pool).load().migrate();
    }

    @AfterEach
    void stopServer() {
        pool.close();
        server.close();
    }

    private PostgresOrderedStore store() {
        return new PostgresOrderedStore(
                pool,
                ConnectionSource.of(server.jdbcUrl(), server.username(), server.password(), "replica"),
                new StreamingHeaderReader(storage -> List.of()),
                new Binder(new MapConfigurationPropertySource(Map.of()))
                        .bindOrCreate("quarterdeck.store", StoreProperties.class),
                new SimpleMeterRegistry());
    }

    private List<Violation> violations(boolean toTheEnd) throws Exception {
        List<PostgresOrderedStore> stores = new ArrayList<>();
        List<StoreWatchCache> caches = new ArrayList<>();
        for (int i = 0; i < REPLICAS; i++) {
            stores.add(store());
            stores.get(i).register(InProcessApi.STORAGE);
            caches.add(new StoreWatchCache(stores.get(i), CacheLimits.standard()));
            caches.get(i).start();
        }
        try (Load load = new Load(
                new Load.Shape(12, 3, 6, 0, 2, 12, Duration.ofMillis(5)),
                number -> new InProcessApi(stores.get(number % REPLICAS), caches.get(number % REPLICAS)))) {
            load.start(0);
            while (load.history().size() < ENOUGH) {
                Thread.sleep(10);
            }
            if (toTheEnd) {
                assertThat(load.end()).isTrue();
            }
            load.close();
            return HistoryChecker.check(load.history(), 100_000).violations();
        } finally {
            for (StoreWatchCache cache : caches) {
                cache.close();
            }
            stores.forEach(PostgresOrderedStore::close);
        }
    }

    @Test
    void threeReplicasAreOneStore() throws Exception {
        assertThat(violations(true)).isEmpty();
    }

    /** The seeded bug: no lock, and no primary key that would notice. */
    @Test
    void writersWithoutTheLockAreFound() throws Exception {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement()) {
            String function;
            try (ResultSet row = statement.executeQuery("select pg_get_functiondef('store_commit'::regproc)")) {
                row.next();
                function = row.getString(1);
            }
            assertThat(function).contains("from store_meta for update");
            statement.execute(function.replace("from store_meta for update", "from store_meta"));
            statement.execute("alter table object_change drop constraint object_change_pkey");
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
        assertThat(violations(false)).extracting(Violation::rule).contains(Rule.UNIQUE_REVISION);
    }
}
