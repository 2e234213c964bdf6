package io.quarterdeck.api.kinds.apps;

import static io.quarterdeck.api.validation.Rules.at;
import static io.quarterdeck.api.validation.Rules.nonNegative;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.Cells;
import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.kinds.TableColumns;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.model.GroupResource;
import java.util.Locale;
import java.util.Optional;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** Snapshots of a template that a controller goes back to. Their data never changes. */
@Component
final class ControllerRevisionStrategy implements KindStrategy {

    private static final Rules RULES =
            Rules.of(at("data", ControllerRevisionStrategy::data), at("revision", nonNegative()));

    @Override
    public GroupResource resource() {
        return new GroupResource("apps", "controllerrevisions");
    }

    @Override
    public Rules rules() {
        return RULES;
    }

    private static void data(Field data) {
        if (!data.present()) {
            data.required("data is mandatory");
        } else if (!data.node().isObject()) {
            data.required("data must be a valid JSON object");
        }
        data.immutable();
    }

    @Override
    public Optional<Columns> columns() {
        return TableColumns.of("controllerrevisions.apps")
                .text("Controller", ControllerRevisionStrategy::controller)
                .number("Revision", "revision")
                .columns();
    }

    private static String controller(Document revision) {
        for (JsonNode owner : revision.items("metadata.ownerReferences")) {
            if (owner.path("controller").asBoolean(false)) {
                String apiVersion = owner.path("apiVersion").asString("");
                String group = apiVersion.contains("/") ? "." + apiVersion.substring(0, apiVersion.indexOf('/')) : "";
                return owner.path("kind").asString("").toLowerCase(Locale.ROOT) + group + "/"
                        + owner.path("name").asString("");
            }
        }
        return Cells.NONE;
    }
}
