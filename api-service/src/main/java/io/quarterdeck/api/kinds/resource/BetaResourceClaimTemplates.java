package io.quarterdeck.api.kinds.resource;

import io.quarterdeck.api.document.Document;
import java.util.List;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.ObjectNode;

/** The templates of claims of resource.k8s.io/v1beta1, whose requests say themselves what {@code exactly} says in v1. */
@Component
final class BetaResourceClaimTemplates extends BetaConverter {

    private static final String REQUESTS = "spec.spec.devices.requests";

    BetaResourceClaimTemplates() {
        super("ResourceClaimTemplate");
    }

    @Override
    void newer(Document object) {
        object.items(REQUESTS)
                .forEach(request -> sink((ObjectNode) request, "exactly", List.of("name", "firstAvailable")));
    }

    @Override
    void older(Document object) {
        object.items(REQUESTS).forEach(request -> raise((ObjectNode) request, "exactly"));
    }
}
