package io.quarterdeck.node;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Import;

/** The node-agent as a service of its own. */
@SpringBootConfiguration
@EnableAutoConfiguration
@Import(NodeAgentConfiguration.class)
public class NodeAgentApplication {

    public static void main(String[] arguments) {
        SpringApplication.run(NodeAgentApplication.class, arguments);
    }
}
