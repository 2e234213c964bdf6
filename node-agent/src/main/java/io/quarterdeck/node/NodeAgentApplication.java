package io.quarterdeck.node;

import io.quarterdeck.client.ClientService;
import org.springframework.boot.SpringApplication;
import org.springframework.context.annotation.Import;

/** The node-agent as a service of its own. */
@ClientService
@Import(NodeAgentConfiguration.class)
public class NodeAgentApplication {

    public static void main(String[] arguments) {
        SpringApplication.run(NodeAgentApplication.class, arguments);
    }
}
