package io.quarterdeck.proxy;

import io.quarterdeck.client.ClientService;
import org.springframework.boot.SpringApplication;
import org.springframework.context.annotation.Import;

/** The proxy as a service of its own. */
@ClientService
@Import(ProxyAgentConfiguration.class)
public class ProxyAgentApplication {

    public static void main(String[] arguments) {
        SpringApplication.run(ProxyAgentApplication.class, arguments);
    }
}
