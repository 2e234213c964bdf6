package io.quarterdeck.api.kinds.core;

import io.quarterdeck.api.cache.CachedObjects;
import io.quarterdeck.api.cache.WatchCache;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.KindPart;
import io.quarterdeck.api.registry.ComputedResource;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.ObjectKey;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

/**
 * Whether the store, the controllers and the scheduler are well. Upstream asks the two at their health port on its own
 * machine; here their leases tell, wherever they run.
 */
@Component
final class ComponentStatuses implements ComputedResource, KindPart {

    private static final GroupResource LEASES = new GroupResource("coordination.k8s.io", "leases");

    private final ObjectProvider<WatchCache> cache;

    ComponentStatuses(ObjectProvider<WatchCache> cache) {
        this.cache = cache;
    }

    @Override
    public GroupResource resource() {
        return new GroupResource("", "componentstatuses");
    }

    @Override
    public List<Document> objects(Instant now) {
        CachedObjects objects = new CachedObjects(cache.getObject());
        return List.of(
                led("controller-manager", "kube-controller-manager", objects, now),
                led("scheduler", "kube-scheduler", objects, now),
                // The answer is made of what the store holds: it answered.
                status("etcd-0", ""));
    }

    private static Document led(String name, String lease, CachedObjects objects, Instant now) {
        return status(name, trouble(lease, objects.find(LEASES, ObjectKey.namespaced("kube-system", lease)), now));
    }

    /** Why nobody leads, or "". */
    static String trouble(String name, Optional<Document> found, Instant now) {
        if (found.isEmpty()) {
            return "lease kube-system/%s: not found".formatted(name);
        }
        Document lease = found.get();
        try {
            Instant end = Instant.parse(lease.text("spec.renewTime"))
                    .plusSeconds(lease.number("spec.leaseDurationSeconds", 0));
            return now.isBefore(end)
                    ? ""
                    : "lease kube-system/%s: last renewed at %s by %s"
                            .formatted(name, lease.text("spec.renewTime"), lease.text("spec.holderIdentity"));
        } catch (DateTimeException unreadable) {
            return "lease kube-system/%s: never renewed".formatted(name);
        }
    }

    private static Document status(String name, String trouble) {
        Document status = Document.empty();
        status.set("apiVersion", "v1").set("kind", "ComponentStatus").set("metadata.name", name);
        status.tree()
                .putArray("conditions")
                .addObject()
                .put("type", "Healthy")
                .put("status", trouble.isEmpty() ? "True" : "False")
                .put("message", trouble.isEmpty() ? "ok" : trouble);
        return status;
    }
}
