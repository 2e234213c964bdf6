package io.quarterdeck.api.admission.plugins;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.model.Quantity;
import java.util.Map;

/** {@link io.quarterdeck.quota.PodResources} of documents. */
final class PodResources {

    private PodResources() {}

    /** @param list {@code requests} or {@code limits} */
    static Map<String, Quantity> total(Document pod, String list) {
        return io.quarterdeck.quota.PodResources.total(pod.tree(), list);
    }
}
