package io.quarterdeck.standalone.server;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Whether this machine's node takes pods. */
public final class NodeReadiness {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    private NodeReadiness() {}

    static void await(AdminHttp admin, String node) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!ready(admin, node)) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException(
                        "the node " + node + " did not become Ready within " + PATIENCE.toSeconds() + " s");
            }
            Thread.sleep(50);
        }
    }

    /** The node's condition Ready is True. */
    public static boolean ready(AdminHttp admin, String node) throws InterruptedException {
        try {
            HttpResponse<String> answer = admin.get("/api/v1/nodes/" + node);
            if (answer.statusCode() != 200) {
                return false;
            }
            for (JsonNode condition :
                    JSON.readTree(answer.body()).path("status").path("conditions")) {
                if (condition.path("type").asString("").equals("Ready")) {
                    return condition.path("status").asString("").equals("True");
                }
            }
            return false;
        } catch (IOException e) {
            return false;
        }
    }
}
