package io.quarterdeck.api.kinds.core;

import io.quarterdeck.api.document.Document;
import tools.jackson.databind.JsonNode;

/**
 * What a Service's type and policies ask for.
 *
 * @param external whether it is reached from outside the cluster
 * @param clusterIp whether it has an address of its own
 * @param opensPorts whether its type has ports that open on every node
 * @param nodePorts whether each of its ports gets one
 * @param healthCheck whether a port tells load balancers which nodes have endpoints
 */
record ServiceShape(
        String type,
        boolean headless,
        boolean external,
        boolean clusterIp,
        boolean opensPorts,
        boolean nodePorts,
        boolean healthCheck) {

    static ServiceShape of(Document service) {
        return of(service.tree());
    }

    static ServiceShape of(JsonNode service) {
        JsonNode spec = service.path("spec");
        String type = spec.path("type").asString("");
        boolean balanced = type.equals("LoadBalancer");
        boolean headless = spec.path("clusterIP").asString("").equals("None")
                || spec.path("clusterIPs").path(0).asString("").equals("None");
        boolean external = balanced
                || type.equals("NodePort")
                || (type.equals("ClusterIP") && !spec.path("externalIPs").isEmpty());
        boolean opensPorts = balanced || type.equals("NodePort");
        boolean clusterIp = opensPorts || type.equals("ClusterIP");
        boolean nodePorts = type.equals("NodePort")
                || (balanced && spec.path("allocateLoadBalancerNodePorts").asBoolean(true));
        boolean healthCheck =
                balanced && spec.path("externalTrafficPolicy").asString("").equals("Local");
        return new ServiceShape(type, headless, external, clusterIp, opensPorts, nodePorts, healthCheck);
    }
}
