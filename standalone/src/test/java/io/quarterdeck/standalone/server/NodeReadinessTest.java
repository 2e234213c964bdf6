package io.quarterdeck.standalone.server;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class NodeReadinessTest {

    @Test
    void nothingHindersANodeThatIsReady() {
        assertThat(NodeReadiness.obstacle(node("{\"type\":\"Ready\",\"status\":\"True\",\"message\":\"all is well\"}")))
                .isEmpty();
    }

    @Test
    void aNodeSaysItselfWhyItIsNotReady() {
        assertThat(NodeReadiness.obstacle(
                        node("{\"type\":\"Ready\",\"status\":\"False\",\"message\":\"container runtime is down\"}")))
                .contains("container runtime is down");
        assertThat(NodeReadiness.obstacle(node(""))).contains("it has told no status");
    }

    private static JsonNode node(String conditions) {
        return new JsonMapper().readTree("{\"status\":{\"conditions\":[" + conditions + "]}}");
    }
}
