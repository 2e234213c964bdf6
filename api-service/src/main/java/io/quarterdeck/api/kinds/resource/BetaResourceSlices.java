package io.quarterdeck.api.kinds.resource;

import io.quarterdeck.api.document.Document;
import java.util.List;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.ObjectNode;

/** The slices of resource.k8s.io/v1beta1, whose devices say in {@code basic} what they say themselves in v1. */
@Component
final class BetaResourceSlices extends BetaConverter {

    private static final String DEVICES = "spec.devices";

    BetaResourceSlices() {
        super("ResourceSlice");
    }

    @Override
    void newer(Document object) {
        object.items(DEVICES).forEach(device -> raise((ObjectNode) device, "basic"));
    }

    @Override
    void older(Document object) {
        object.items(DEVICES).forEach(device -> sink((ObjectNode) device, "basic", List.of("name")));
    }
}
