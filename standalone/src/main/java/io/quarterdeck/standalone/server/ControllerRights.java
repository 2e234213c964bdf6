package io.quarterdeck.standalone.server;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.HashSet;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Lets the controllers do their work under the one identity that they share here. Upstream's default roles give each
 * controller's rights to a service account of its own; a controller manager that runs all loops with its own credential
 * "must be granted all the relevant roles" (Kubernetes documentation, "Using RBAC Authorization", controller roles).
 */
final class ControllerRights {
    private static final String ROLES = "/apis/rbac.authorization.k8s.io/v1/clusterroles";
    private static final String BINDINGS = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings";
    private static final String ROLE_PREFIX = "system:controller:";
    private static final String BINDING_PREFIX = "quarterdeck:controller:";
    private static final String USER = "system:kube-controller-manager";
    private static final JsonMapper JSON = new JsonMapper();

    private ControllerRights() {}

    /** Adds the bindings that are missing. Idempotent. */
    static void grant(AdminHttp admin) throws IOException, InterruptedException {
        Set<String> bound = names(admin, BINDINGS);
        for (String role : names(admin, ROLES)) {
            String binding = BINDING_PREFIX + role.replaceFirst("^" + ROLE_PREFIX, "");
            if (role.startsWith(ROLE_PREFIX) && !bound.contains(binding)) {
                HttpResponse<String> answer = admin.send("POST", BINDINGS, binding(binding, role));
                if (answer.statusCode() != 201 && answer.statusCode() != 409) {
                    throw new IllegalStateException(
                            "the controllers did not get the role " + role + ": status " + answer.statusCode());
                }
            }
        }
    }

    private static Set<String> names(AdminHttp admin, String path) throws IOException, InterruptedException {
        Set<String> names = new HashSet<>();
        for (JsonNode item : JSON.readTree(admin.get(path).body()).path("items")) {
            names.add(item.path("metadata").path("name").asString(""));
        }
        return names;
    }

    private static String binding(String name, String role) {
        ObjectNode binding = JSON.createObjectNode();
        binding.put("apiVersion", "rbac.authorization.k8s.io/v1").put("kind", "ClusterRoleBinding");
        binding.putObject("metadata").put("name", name);
        binding.putObject("roleRef")
                .put("apiGroup", "rbac.authorization.k8s.io")
                .put("kind", "ClusterRole")
                .put("name", role);
        binding.putArray("subjects")
                .addObject()
                .put("apiGroup", "rbac.authorization.k8s.io")
                .put("kind", "User")
                .put("name", USER);
        return binding.toString();
    }
}
