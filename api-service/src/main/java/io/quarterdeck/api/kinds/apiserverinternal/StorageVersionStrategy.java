package io.quarterdeck.api.kinds.apiserverinternal;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.Cells;
import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.kinds.TableColumns;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.model.GroupResource;
import java.util.Optional;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/** Which version each server stores a resource in. */
@Component
final class StorageVersionStrategy implements KindStrategy {

    private static final Rules RULES = Rules.of(StorageVersionStrategy::name);

    @Override
    public GroupResource resource() {
        return new GroupResource("internal.apiserver.k8s.io", "storageversions");
    }

    @Override
    public Rules rules() {
        return RULES;
    }

    private static void name(Field version) {
        Field name = version.at("metadata.name");
        if (!name.text().contains(".")) {
            name.invalid("name must be in the form of <group>.<resource>");
        }
    }

    private static String versions(Document version) {
        return version.items("status.storageVersions").stream()
                .map(each -> each.path("apiServerID").asString("") + "="
                        + each.path("encodingVersion").asString(""))
                .collect(Collectors.joining(","));
    }

    @Override
    public Optional<Columns> columns() {
        return TableColumns.of("storageversions.internal.apiserver.k8s.io")
                .text("CommonEncodingVersion", object -> Cells.orUnset(object.text("status.commonEncodingVersion")))
                .text("StorageVersions", object -> Cells.orUnset(versions(object)))
                .columns();
    }
}
