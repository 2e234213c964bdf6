package io.quarterdeck.api.kinds.autoscaling;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What an autoscaler does where its author says little about its behavior. Source: KEP-853. */
final class BehaviorDefaults {

    private BehaviorDefaults() {}

    static void apply(ObjectNode behavior) {
        ObjectNode up = rules(behavior, "scaleUp");
        if (!up.has("stabilizationWindowSeconds")) {
            up.put("stabilizationWindowSeconds", 0);
        }
        if (policies(up).isEmpty()) {
            policy(policies(up), "Pods", 4, 15);
            policy(policies(up), "Percent", 100, 15);
        }
        ObjectNode down = rules(behavior, "scaleDown");
        if (policies(down).isEmpty()) {
            policy(policies(down), "Percent", 100, 15);
        }
    }

    private static ObjectNode rules(ObjectNode behavior, String direction) {
        ObjectNode rules =
                behavior.path(direction) instanceof ObjectNode present ? present : behavior.putObject(direction);
        if (!rules.has("selectPolicy")) {
            rules.put("selectPolicy", "Max");
        }
        return rules;
    }

    private static ArrayNode policies(ObjectNode rules) {
        return rules.path("policies") instanceof ArrayNode present ? present : rules.putArray("policies");
    }

    private static void policy(ArrayNode policies, String type, int value, int period) {
        policies.addObject().put("type", type).put("value", value).put("periodSeconds", period);
    }
}
