package io.quarterdeck.api.operations.history;

import static io.quarterdeck.api.store.Samples.PODS;
import static io.quarterdeck.api.store.Samples.pod;
import static io.quarterdeck.api.store.Samples.put;
import static io.quarterdeck.api.store.Samples.remove;
import static io.quarterdeck.api.store.Samples.tx;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quarterdeck.api.cache.Freshness;
import io.quarterdeck.api.cache.WatchCache;
import io.quarterdeck.api.encryption.EncryptionAtRestConfiguration;
import io.quarterdeck.api.operations.StoreConfiguration;
import io.quarterdeck.api.registry.Catalog;
import io.quarterdeck.api.registry.ResourceCatalog;
import io.quarterdeck.api.store.OrderedStore;
import io.quarterdeck.embedded.postgres.EmbeddedPostgres;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** The wiring as Spring Boot does it, on a database that nobody has migrated; and history through it. */
class StoreConfigurationIT {

    private static EmbeddedPostgres server;

    @BeforeAll
    static void startServer() {
        server = EmbeddedPostgres.temporary();
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @Configuration(proxyBeanMethods = false)
    @Import({StoreConfiguration.class, EncryptionAtRestConfiguration.class})
    @ImportAutoConfiguration({
        DataSourceAutoConfiguration.class,
        FlywayAutoConfiguration.class,
        HibernateJpaAutoConfiguration.class,
        DataJpaRepositoriesAutoConfiguration.class
    })
    static class Wiring {
        @Bean
        ResourceCatalog catalog() {
            return new Catalog(List.of(), List.of());
        }

        @Bean
        MeterRegistry meters() {
            return new SimpleMeterRegistry();
        }
    }

    @Test
    void migratesOpensAndTellsHistory() {
        try (ConfigurableApplicationContext context = new SpringApplicationBuilder(Wiring.class)
                .web(WebApplicationType.NONE)
                .properties(
                        "spring.datasource.url=" + server.jdbcUrl(),
                        "spring.datasource.username=" + server.username(),
                        "spring.datasource.password=" + server.password(),
                        "spring.jpa.hibernate.ddl-auto=none")
                .run()) {
            OrderedStore store = context.getBean(OrderedStore.class);
            long first = store.commit(tx(put(pod("ns", "a"), 0, "x")))
                    .join()
                    .getFirst()
                    .revision();
            store.commit(tx(put(pod("ns", "b"), 0, "x"))).join();
            store.commit(tx(remove(pod("ns", "a"), first))).join();

            WatchCache cache = context.getBean(WatchCache.class);
            assertThat(cache.get(PODS, pod("ns", "b").key(), new Freshness.Consistent()))
                    .isPresent();
            HistoryEndpoint history = context.getBean(HistoryEndpoint.class);
            HistoryEndpoint.Page page = history.page(null, null, null, null, 2);
            assertThat(page.changes()).extracting(HistoryRow::revision).containsExactly(first + 2, first + 1);
            assertThat(history.page(null, null, null, page.below(), 2).changes())
                    .extracting(HistoryRow::revision)
                    .containsExactly(first);
            assertThat(history.page("", "pods", "ns/a", null, null).changes())
                    .extracting(HistoryRow::change, HistoryRow::actor)
                    .containsExactly(tuple("DELETED", "tester"), tuple("ADDED", "tester"));
            assertThat(history.state(first)
                            .object()
                            .at("/metadata/resourceVersion")
                            .stringValue())
                    .isEqualTo(Long.toString(first));
            assertThat(history.state(first + 99)).isNull();
        }
    }
}
