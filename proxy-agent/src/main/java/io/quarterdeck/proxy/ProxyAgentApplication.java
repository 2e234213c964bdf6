package io.quarterdeck.proxy;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Import;

/** The proxy as a service of its own. */
@SpringBootConfiguration
@EnableAutoConfiguration
@Import(ProxyAgentConfiguration.class)
public class ProxyAgentApplication {

    public static void main(String[] arguments) {
        SpringApplication.run(ProxyAgentApplication.class, arguments);
    }
}
