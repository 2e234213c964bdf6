package io.quarterdeck.standalone.server;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Whether this machine's node takes pods. */
public final class NodeReadiness {
    private static final JsonMapper JSON = new JsonMapper();

    private NodeReadiness() {}

    /** Waits without limit: a node that is not Ready is no reason to take the API away from whoever looks for the cause. */
    static void await(AdminHttp admin, String node) throws InterruptedException {
        while (obstacle(admin, node).isPresent()) {
            Thread.sleep(50);
        }
    }

    /** Why the node takes no pods, in a few words; empty when its condition Ready is True. */
    public static Optional<String> obstacle(AdminHttp admin, String node) throws InterruptedException {
        try {
            HttpResponse<String> answer = admin.get("/api/v1/nodes/" + node);
            return answer.statusCode() == 200
                    ? obstacle(JSON.readTree(answer.body()))
                    : Optional.of(answer.statusCode() == 404 ? "it has not registered" : "the API does not tell");
        } catch (IOException e) {
            return Optional.of("the API does not answer");
        }
    }

    static Optional<String> obstacle(JsonNode node) {
        for (JsonNode condition : node.path("status").path("conditions")) {
            if (condition.path("type").asString("").equals("Ready")) {
                return condition.path("status").asString("").equals("True")
                        ? Optional.empty()
                        : Optional.of(condition.path("message").asString(""));
            }
        }
        return Optional.of("it has told no status");
    }
}
