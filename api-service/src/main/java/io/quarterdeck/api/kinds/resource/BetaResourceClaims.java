package io.quarterdeck.api.kinds.resource;

import io.quarterdeck.api.document.Document;
import java.util.List;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.ObjectNode;

/** The claims of resource.k8s.io/v1beta1, whose requests say themselves what {@code exactly} says in v1. */
@Component
final class BetaResourceClaims extends BetaConverter {

    private static final String REQUESTS = "spec.devices.requests";

    BetaResourceClaims() {
        super("ResourceClaim");
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
