package io.quarterdeck.api.kinds.storagemigration;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.kinds.TableColumns;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.model.GroupResource;
import java.util.Optional;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** Orders to write all objects of a resource anew, in the version that is stored today. */
@Component
final class StorageVersionMigrationStrategy implements KindStrategy {

    private static final Rules RULES = Rules.of(Rules.at("spec", StorageVersionMigrationStrategy::spec));

    @Override
    public GroupResource resource() {
        return new GroupResource("storagemigration.k8s.io", "storageversionmigrations");
    }

    @Override
    public Rules rules() {
        return RULES;
    }

    private static void spec(Field spec) {
        Field resource = spec.at("resource.resource");
        if (resource.empty()) {
            resource.required("resource is required to be set");
        }
        spec.immutable();
    }

    private static String state(Document migration) {
        for (JsonNode condition : migration.items("status.conditions")) {
            if (condition.path("status").asString("").equals("True")) {
                return condition.path("type").asString("");
            }
        }
        return "";
    }

    private static String migrated(Document migration) {
        String group = migration.text("spec.resource.group");
        return migration.text("spec.resource.resource") + (group.isEmpty() ? "" : "." + group);
    }

    @Override
    public Optional<Columns> columns() {
        return TableColumns.of("storageversionmigrations.storagemigration.k8s.io")
                .text("Resource", StorageVersionMigrationStrategy::migrated)
                .text("Status", StorageVersionMigrationStrategy::state)
                .columns();
    }
}
