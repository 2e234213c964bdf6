package io.quarterdeck.standalone.instance;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The ports of an instance. Another API port shifts all others by as much, so that instances do not meet.
 *
 * @param api HTTPS of the Kubernetes API
 */
public record PortPlan(int api) {
    public static final int DEFAULT_API = 6443;

    private static final int NODE_SERVER = 10250;
    private static final int API_MANAGEMENT = 8080;
    private static final int CONTROLLERS_MANAGEMENT = 10257;
    private static final int SCHEDULER_MANAGEMENT = 10259;
    private static final int NODE_MANAGEMENT = 10248;
    private static final int PROXY_MANAGEMENT = 10249;
    private static final int DASHBOARD = 8090;

    public PortPlan {
        if (api < 1 || api > 65535) {
            throw new IllegalArgumentException("no port: " + api);
        }
    }

    /** HTTPS of the node, for logs and exec. */
    public int nodeServer() {
        return shifted(NODE_SERVER);
    }

    /** Actuator of one part, on loopback. */
    public int management(Role role) {
        return shifted(
                switch (role) {
                    case API -> API_MANAGEMENT;
                    case CONTROLLERS -> CONTROLLERS_MANAGEMENT;
                    case SCHEDULER -> SCHEDULER_MANAGEMENT;
                    case NODE -> NODE_MANAGEMENT;
                    case PROXY -> PROXY_MANAGEMENT;
                });
    }

    /** The operations dashboard, on loopback. */
    public int dashboard() {
        return shifted(DASHBOARD);
    }

    /** Every port that these parts will listen on, by what it is for. */
    public Map<String, Integer> of(Set<Role> roles) {
        Map<String, Integer> ports = new LinkedHashMap<>();
        ports.put("API", api);
        if (roles.contains(Role.NODE)) {
            ports.put("node server", nodeServer());
        }
        roles.stream().sorted().forEach(role -> ports.put(role.label() + " management", management(role)));
        ports.put("dashboard", dashboard());
        return ports;
    }

    private int shifted(int usual) {
        int port = usual + api - DEFAULT_API;
        // High API ports would push the others beyond the last port: fold them back below.
        return port > 65535 ? port - 20_000 : port < 1 ? port + 20_000 : port;
    }
}
