package io.quarterdeck.api.bootstrap;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.ObjectKey;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;

/** Says that this server lives, for those who look after what several servers share. */
final class IdentityLease {

    private static final GroupResource LEASES = new GroupResource("coordination.k8s.io", "leases");
    private static final DateTimeFormatter MICROS =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);
    private static final long DURATION_SECONDS = 3600;

    private final String identity;

    /** @param identity of this server: stable over restarts, unlike any other server's */
    IdentityLease(String identity) {
        this.identity = identity;
    }

    void renew(ServerObjects objects, String hostname, Instant now) {
        ObjectKey key = ObjectKey.namespaced("kube-system", identity);
        Optional<Document> existing = objects.get(LEASES, key);
        Document lease = existing.map(Document::copy)
                .orElseGet(() -> ClusterObjects.object("coordination.k8s.io/v1", "Lease", "kube-system", identity));
        lease.object("metadata.labels").put("apiserver.kubernetes.io/identity", "kube-apiserver");
        lease.object("metadata.labels").put("kubernetes.io/hostname", hostname);
        lease.set("spec.holderIdentity", identity);
        lease.set("spec.leaseDurationSeconds", DURATION_SECONDS);
        lease.set("spec.renewTime", MICROS.format(now));
        if (existing.isPresent()) {
            objects.update(LEASES, lease, "kube-apiserver");
        } else {
            objects.create(LEASES, lease, "kube-apiserver");
        }
    }
}
