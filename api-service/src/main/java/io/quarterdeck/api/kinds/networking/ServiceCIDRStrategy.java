package io.quarterdeck.api.kinds.networking;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.Cells;
import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.kinds.TableColumns;
import io.quarterdeck.api.patch.SettableFields;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.model.Addresses;
import io.quarterdeck.model.GroupResource;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Blocks of addresses for Services. */
@Component
final class ServiceCIDRStrategy implements KindStrategy {

    private static final SettableFields OF_STATUS = SettableFields.allBut("spec", "metadata");

    private static final Rules RULES = Rules.of(Rules.at("spec.cidrs", ServiceCIDRStrategy::blocks));

    @Override
    public GroupResource resource() {
        return new GroupResource("networking.k8s.io", "servicecidrs");
    }

    @Override
    public SettableFields settable(String subresource, boolean statusApart) {
        return subresource.equals("status") ? OF_STATUS : KindStrategy.super.settable(subresource, statusApart);
    }

    @Override
    public void prepareForStatusUpdate(Document next, Document old, RequestInfo request) {
        KindStrategy.keepMetadata(next, old);
    }

    @Override
    public Rules rules() {
        return RULES;
    }

    @Override
    public void prepareForUpdate(Document next, Document old, RequestInfo request) {
        next.keep("status", old);
    }

    private static void blocks(Field blocks) {
        if (blocks.empty()) {
            blocks.required("at least one CIDR required");
            return;
        }
        List<Field> items = blocks.items();
        if (items.size() > 2) {
            blocks.invalid("may only hold up to 2 values");
        }
        if (items.size() == 2
                && items.get(0).text().contains(":") == items.get(1).text().contains(":")) {
            blocks.invalid("may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64");
        }
        items.forEach(block -> block.format(Addresses::canonicalBlock));
        if (blocks.changed()) {
            boolean grows = blocks.old().size() == 1
                    && items.size() == 2
                    && blocks.old().get(0).equals(blocks.node().get(0));
            if (!grows) {
                blocks.invalid("field is immutable");
            }
        }
    }

    @Override
    public Optional<Columns> columns() {
        return TableColumns.of("servicecidrs.networking.k8s.io")
                .text("CIDRs", object -> Cells.join(object.at("spec.cidrs"), block -> block.asString("")))
                .columns();
    }
}
