package io.quarterdeck.api.operations.history;

import io.quarterdeck.api.store.BodySeal;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.persistence.autoconfigure.EntityScan;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.context.annotation.PropertySource;
import org.springframework.data.jpa.repository.config.EnableJpaRepositories;
import org.springframework.data.repository.config.BootstrapMode;

/** History pages, where the log is in PostgreSQL. Repositories are made when they are first asked. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty(name = "quarterdeck.store.adapter", havingValue = "postgres", matchIfMissing = true)
// Requests are answered without JPA: none needs an open session.
@PropertySource("classpath:io/quarterdeck/api/history.properties")
@EntityScan(basePackageClasses = LoggedChange.class)
@EnableJpaRepositories(basePackageClasses = ChangeHistory.class, bootstrapMode = BootstrapMode.LAZY)
public class HistoryConfiguration {

    @Bean
    HistoryEndpoint historyEndpoint(@Lazy ChangeHistory history, BodySeal seal) {
        return new HistoryEndpoint(history, seal);
    }
}
