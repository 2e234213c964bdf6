package io.quarterdeck.api.kinds.storage;

import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.kinds.TableColumns;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.model.GroupResource;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Volume attributes classes: what may be changed of a volume in use. */
@Component
final class VolumeAttributesClassStrategy implements KindStrategy {

    private static final Rules RULES = Rules.of(VolumeAttributesClassStrategy::check);

    @Override
    public GroupResource resource() {
        return new GroupResource("storage.k8s.io", "volumeattributesclasses");
    }

    @Override
    public Rules rules() {
        return RULES;
    }

    private static void check(Field attributes) {
        StorageRules.provisioner(attributes.at("driverName"));
        StorageRules.parameters(attributes.at("parameters"), true);
        if (attributes.at("driverName").changed()) {
            attributes.at("driverName").forbidden("updates to driverName are forbidden.");
        }
        if (attributes.at("parameters").changed()) {
            attributes.at("parameters").forbidden("updates to parameters are forbidden.");
        }
    }

    @Override
    public Optional<Columns> columns() {
        return TableColumns.of("volumeattributesclasses.storage.k8s.io")
                .text("DriverName", "driverName")
                .columns();
    }
}
