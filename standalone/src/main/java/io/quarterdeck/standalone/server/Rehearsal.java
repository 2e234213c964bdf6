package io.quarterdeck.standalone.server;

import io.quarterdeck.standalone.instance.Instance;
import java.io.IOException;

/** The first requests that any client sends, so that the recorded start holds the classes that serve them. */
final class Rehearsal {
    private static final String CONFIG_MAP = """
            {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"rehearsal","namespace":"default"},"data":{"a":"b"}}""";

    private Rehearsal() {}

    static void of(Instance instance, int port) throws IOException, InterruptedException {
        try (var admin = new AdminHttp(instance, port)) {
            for (String path : new String[] {
                "/version", "/api", "/apis", "/api/v1", "/openapi/v2", "/openapi/v3", "/api/v1/nodes", "/api/v1/pods"
            }) {
                admin.get(path);
            }
            admin.send("POST", "/api/v1/namespaces/default/configmaps", CONFIG_MAP);
            admin.send("PUT", "/api/v1/namespaces/default/configmaps/rehearsal", CONFIG_MAP);
            admin.send("DELETE", "/api/v1/namespaces/default/configmaps/rehearsal", "");
        }
    }
}
