package io.quarterdeck.api.kinds.core;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.kinds.TableColumns;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.model.GroupResource;
import java.util.Optional;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** The columns of component statuses, which nobody writes. */
@Component
final class ComponentStatusStrategy implements KindStrategy {

    @Override
    public GroupResource resource() {
        return new GroupResource("", "componentstatuses");
    }

    @Override
    public Optional<Columns> columns() {
        return TableColumns.of("componentstatuses")
                .text("Status", ComponentStatusStrategy::health)
                .text("Message", status -> condition(status).path("message").asString(""))
                .text("Error", status -> condition(status).path("error").asString(""))
                .columns();
    }

    private static String health(Document status) {
        return switch (condition(status).path("status").asString("")) {
            case "True" -> "Healthy";
            case "False" -> "Unhealthy";
            default -> "Unknown";
        };
    }

    private static JsonNode condition(Document status) {
        return status.at("conditions")
                .valueStream()
                .filter(condition -> condition.path("type").asString("").equals("Healthy"))
                .findFirst()
                .orElseGet(JsonNodeFactory.instance::objectNode);
    }
}
