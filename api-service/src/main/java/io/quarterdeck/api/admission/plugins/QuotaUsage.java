package io.quarterdeck.api.admission.plugins;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.Quantity;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** {@link io.quarterdeck.quota.QuotaUsage} of documents: admission and the quota controller count alike. */
final class QuotaUsage {

    private QuotaUsage() {}

    static Map<String, Quantity> of(GroupResource resource, Document object) {
        return io.quarterdeck.quota.QuotaUsage.of(resource, object.tree());
    }

    /** Whose objects the name counts; empty for names that nobody counts. */
    static Optional<GroupResource> counted(String name) {
        return io.quarterdeck.quota.QuotaUsage.counted(name);
    }

    /** Whether a pod is one that ends by itself after a time. */
    static boolean isTerminating(Document pod) {
        return io.quarterdeck.quota.QuotaUsage.isTerminating(pod.tree());
    }

    /** Whether a quota's scopes take in the object; only pods and volume claims have anything that scopes speak of. */
    static boolean inScope(Document quota, GroupResource resource, Document object) {
        return io.quarterdeck.quota.QuotaUsage.inScope(quota.tree(), resource, object.tree());
    }

    /** What each container of a pod must say because the quota counts it: {@code name for: containers}. */
    static List<String> missing(Set<String> constrained, Document pod) {
        return io.quarterdeck.quota.QuotaUsage.missing(constrained, pod.tree());
    }
}
