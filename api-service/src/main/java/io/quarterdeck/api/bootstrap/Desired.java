package io.quarterdeck.api.bootstrap;

import io.quarterdeck.api.document.Document;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What becomes of an object that must be there when it is there already: how far an administrator's changes are kept.
 * Pure.
 */
final class Desired {

    private static final String RBAC_AUTOUPDATE = "rbac.authorization.kubernetes.io/autoupdate";
    private static final String FLOW_AUTOUPDATE = "apf.kubernetes.io/autoupdate-spec";

    private Desired() {}

    /**
     * The next state of {@code existing}, or empty when it may stay.
     *
     * <p>Source: Kubernetes documentation, "Auto-reconciliation" (RBAC) and "Defaults" (API Priority and Fairness).
     */
    static Optional<Document> reconciled(Document desired, Document existing) {
        Document next = existing.copy();
        switch (desired.kind()) {
            case "ClusterRole", "Role" -> role(desired, next);
            case "ClusterRoleBinding", "RoleBinding" -> binding(desired, next);
            case "FlowSchema", "PriorityLevelConfiguration" -> flow(desired, next);
            case "ConfigMap" -> next.set("data", desired.at("data").deepCopy());
            default -> {
                // Made when absent, and then its owner's.
            }
        }
        return next.equals(existing) ? Optional.empty() : Optional.of(next);
    }

    /** Whether the binding names another role: that cannot be changed, so the binding is made anew. */
    static boolean mustBeReplaced(Document desired, Document existing) {
        return desired.kind().endsWith("RoleBinding")
                && !"false".equals(existing.annotation(RBAC_AUTOUPDATE))
                && !desired.same("roleRef", existing);
    }

    private static void role(Document desired, Document next) {
        if ("false".equals(next.annotation(RBAC_AUTOUPDATE))) {
            return;
        }
        addMetadata(desired, next);
        if (desired.has("aggregationRule")) {
            // Its rules are gathered by a controller.
            next.set("aggregationRule", desired.at("aggregationRule").deepCopy());
            return;
        }
        addMissing(desired, next, "rules");
    }

    private static void binding(Document desired, Document next) {
        if ("false".equals(next.annotation(RBAC_AUTOUPDATE))) {
            return;
        }
        addMetadata(desired, next);
        addMissing(desired, next, "subjects");
    }

    private static void addMetadata(Document desired, Document next) {
        for (String map : List.of("labels", "annotations")) {
            if (!desired.has("metadata." + map)) {
                continue;
            }
            ObjectNode target = next.object("metadata." + map);
            desired.at("metadata." + map).properties().forEach(entry -> {
                if (!target.has(entry.getKey())) {
                    target.set(entry.getKey(), entry.getValue());
                }
            });
        }
    }

    private static void addMissing(Document desired, Document next, String list) {
        Set<JsonNode> present = new LinkedHashSet<>(next.items(list));
        List<JsonNode> missing = new ArrayList<>();
        desired.items(list).stream()
                .filter(item -> present.stream().noneMatch(item::equals))
                .forEach(missing::add);
        if (!missing.isEmpty()) {
            ArrayNode array =
                    next.at(list) instanceof ArrayNode kept ? kept : next.tree().putArray(list);
            missing.forEach(item -> array.add(item.deepCopy()));
        }
    }

    /** The two that everything falls back to are always as they must be; the others while they are marked so. */
    private static void flow(Document desired, Document next) {
        boolean mandatory = List.of("exempt", "catch-all").contains(desired.name());
        if (mandatory || "true".equals(next.annotation(FLOW_AUTOUPDATE))) {
            next.set("spec", desired.at("spec").deepCopy());
        }
    }
}
