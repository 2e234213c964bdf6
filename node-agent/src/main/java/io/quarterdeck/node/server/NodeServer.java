package io.quarterdeck.node.server;

import io.quarterdeck.client.ApiClient;
import io.quarterdeck.node.pods.PodSource;
import io.quarterdeck.node.pods.PodWorkers;
import io.quarterdeck.node.runtime.ContainerRuntime;
import io.quarterdeck.node.stats.StatsSummary;
import jakarta.servlet.Servlet;
import java.nio.file.Path;
import java.time.InstantSource;

/** Makes the node's servlet out of what it serves. */
public final class NodeServer {

    private NodeServer() {}

    /** @param clientCa the authority whose client certificates are believed */
    public static Servlet servlet(
            Path clientCa,
            String nodeName,
            ApiClient api,
            PodSource pods,
            PodWorkers workers,
            ContainerRuntime runtime,
            StatsSummary stats,
            InstantSource clock) {
        return new NodeServlet(
                new CallerAuthentication(clientCa, api),
                new CallerAuthorization(api, nodeName),
                pods,
                workers,
                runtime,
                api.serialization(),
                stats,
                clock);
    }
}
