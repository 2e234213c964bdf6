package io.quarterdeck.standalone.dashboard;

import de.codecentric.boot.admin.server.config.EnableAdminServer;
import de.codecentric.boot.admin.server.domain.values.Registration;
import de.codecentric.boot.admin.server.services.InstanceRegistry;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.SecurityFilterChain;

/** Spring Boot Admin with the parts of this instance in it, behind a generated password. */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
@EnableAdminServer
@EnableConfigurationProperties(DashboardProperties.class)
public class DashboardApplication {

    @Bean
    ApplicationRunner parts(InstanceRegistry registry, DashboardProperties properties) {
        return _ -> properties.parts().forEach((name, port) -> {
            String management = "http://127.0.0.1:" + port + "/actuator";
            registry.register(Registration.create(name, management + "/health")
                            .managementUrl(management)
                            .source("quarterdeck")
                            .build())
                    .block();
        });
    }

    @Bean
    SecurityFilterChain everythingNeedsThePassword(HttpSecurity http) throws Exception {
        return http.authorizeHttpRequests(requests -> requests.anyRequest().authenticated())
                .httpBasic(Customizer.withDefaults())
                .csrf(csrf -> csrf.disable())
                .build();
    }
}
