package io.quarterdeck.api.kinds.resource;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.kinds.TableColumns;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.model.GroupResource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Resource claims: devices that a pod asks for. */
@Component
final class ResourceClaimStrategy implements KindStrategy {

    private static final Rules RULES = Rules.of(Rules.at("spec", Rules.immutable()));

    @Override
    public GroupResource resource() {
        return new GroupResource("resource.k8s.io", "resourceclaims");
    }

    @Override
    public Rules rules() {
        return RULES;
    }

    @Override
    public void prepareForUpdate(Document next, Document old, RequestInfo request) {
        next.keep("status", old);
    }

    private static String state(Document claim) {
        List<String> states = new ArrayList<>();
        if (claim.deleting()) {
            states.add("deleted");
        }
        if (!claim.has("status.allocation")) {
            if (!claim.deleting()) {
                states.add("pending");
            }
        } else {
            states.add("allocated");
            states.add(claim.items("status.reservedFor").isEmpty() ? "" : "reserved");
            states.remove("");
        }
        return String.join(",", states);
    }

    @Override
    public Optional<Columns> columns() {
        return TableColumns.of("resourceclaims.resource.k8s.io")
                .text("State", ResourceClaimStrategy::state)
                .columns();
    }
}
