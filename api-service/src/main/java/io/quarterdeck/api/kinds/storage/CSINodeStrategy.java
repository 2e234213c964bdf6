package io.quarterdeck.api.kinds.storage;

import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.kinds.TableColumns;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.model.Formats;
import io.quarterdeck.model.GroupResource;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.springframework.stereotype.Component;

/** What CSI drivers a node has. */
@Component
final class CSINodeStrategy implements KindStrategy {

    private static final int LONGEST_NAME = 63;
    private static final int LONGEST_ID = 256;
    private static final Rules RULES = Rules.of(CSINodeStrategy::check);

    @Override
    public GroupResource resource() {
        return new GroupResource("storage.k8s.io", "csinodes");
    }

    @Override
    public boolean allowsUnconditionalUpdate() {
        return false;
    }

    @Override
    public boolean repeatsMetadataFindings() {
        return false;
    }

    @Override
    public Rules rules() {
        return RULES;
    }

    private static void check(Field node) {
        Set<String> names = new HashSet<>();
        Field drivers = node.at("spec.drivers");
        for (Field driver : drivers.items()) {
            Field name = driver.at("name");
            if (name.require()) {
                if (name.text().length() > LONGEST_NAME) {
                    name.tooLong(LONGEST_NAME);
                }
                Formats.subdomain(Formats.lower(name.text())).forEach(name::invalid);
            }
            Field id = driver.at("nodeID");
            id.require();
            if (id.text().length() > LONGEST_ID) {
                id.invalid("must be " + LONGEST_ID + " characters or less");
            }
            driver.at("allocatable.count").nonNegative();
            if (!names.add(name.text())) {
                name.duplicate();
            }
        }
    }

    @Override
    public Optional<Columns> columns() {
        return TableColumns.of("csinodes.storage.k8s.io")
                .number("Drivers", object -> object.items("spec.drivers").size())
                .columns();
    }
}
