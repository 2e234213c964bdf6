package io.quarterdeck.standalone.server;

import java.io.IOException;
import java.net.http.HttpResponse;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Whether this machine's node takes pods. */
public final class NodeReadiness {
    private static final JsonMapper JSON = new JsonMapper();

    private NodeReadiness() {}

    /** Waits without limit: a node that is not Ready is no reason to take the API away from whoever looks for the cause. */
    static void await(AdminHttp admin, String node) throws InterruptedException {
        while (!ready(admin, node)) {
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
