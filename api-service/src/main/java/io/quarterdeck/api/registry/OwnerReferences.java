package io.quarterdeck.api.registry;

import io.quarterdeck.api.document.Document;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/** Drops owner references that are there twice, and says so. Pure. Source: KEP-2336 and upstream's write handlers. */
final class OwnerReferences {

    private static final String PATH = "metadata.ownerReferences";
    private static final String SENT = "";
    private static final String ADMITTED = " after mutating admission happens";

    private OwnerReferences() {}

    /** As the client sent them. */
    static void dedupSent(Document object, RequestInfo request) {
        dedup(object, request, SENT);
    }

    /** As admission left them. */
    static void dedupAdmitted(Document object, RequestInfo request) {
        dedup(object, request, ADMITTED);
    }

    private static void dedup(Document object, RequestInfo request, String when) {
        if (!(object.at(PATH) instanceof ArrayNode references) || references.size() < 2) {
            return;
        }
        Set<JsonNode> seen = new LinkedHashSet<>();
        List<String> repeated = new ArrayList<>();
        references.forEach(reference -> {
            if (!seen.add(reference)) {
                repeated.add(reference.path("uid").asString(""));
            }
        });
        if (repeated.isEmpty()) {
            return;
        }
        references.removeAll().addAll(seen);
        request.warn(
                ".metadata.ownerReferences contains duplicate entries%s; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: %s"
                        .formatted(when, String.join(", ", repeated)));
    }
}
