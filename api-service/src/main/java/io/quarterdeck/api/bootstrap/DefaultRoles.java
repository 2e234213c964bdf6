package io.quarterdeck.api.bootstrap;

import io.quarterdeck.api.document.Document;
import java.util.List;

/** The roles and bindings that every cluster has. Source: a new cluster of Kubernetes 1.36. */
public final class DefaultRoles {

    private static final List<Document> ALL = BootstrapData.read("rbac.json");

    private DefaultRoles() {}

    /** Roles before the bindings that name them. Copies. */
    static List<Document> all() {
        return ALL.stream().map(Document::copy).toList();
    }

    /** @throws IllegalArgumentException when there is no such default */
    public static Document clusterRole(String name) {
        return ALL.stream()
                .filter(role -> role.kind().equals("ClusterRole") && role.name().equals(name))
                .findFirst()
                .map(Document::copy)
                .orElseThrow(() -> new IllegalArgumentException("no default ClusterRole " + name));
    }
}
