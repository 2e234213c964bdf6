package io.quarterdeck.api;

import io.quarterdeck.pki.ClusterPki;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;

/** The API server as a service of its own. */
@SpringBootApplication
@ConfigurationPropertiesScan(basePackageClasses = ApiServiceProperties.class)
public class ApiServiceApplication {

    private static final String FIRST_SERVICE_ADDRESS = "10.96.0.1";

    public static void main(String[] args) {
        SpringApplication application = new SpringApplication(ApiServiceApplication.class);
        application.addInitializers(context -> ClusterPki.ensure(
                Path.of(context.getEnvironment().getProperty("quarterdeck.api.pki-directory", "data/pki")),
                List.of(),
                FIRST_SERVICE_ADDRESS,
                "cluster.local",
                Instant.now()));
        application.run(args);
    }
}
