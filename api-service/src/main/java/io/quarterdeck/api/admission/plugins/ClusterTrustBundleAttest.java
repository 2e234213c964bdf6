package io.quarterdeck.api.admission.plugins;

import io.quarterdeck.api.admission.AdmissionPlugin;
import io.quarterdeck.api.admission.AdmissionRequest;
import io.quarterdeck.api.admission.AdmissionRequest.Operation;
import io.quarterdeck.api.authz.AuthorizerChain;
import io.quarterdeck.api.document.Document;
import org.springframework.stereotype.Component;

/** Roots of trust are published in a signer's name only by those who may attest for it. */
@Component
final class ClusterTrustBundleAttest implements AdmissionPlugin {

    private final AuthorizerChain authorizer;

    ClusterTrustBundleAttest(AuthorizerChain authorizer) {
        this.authorizer = authorizer;
    }

    @Override
    public String name() {
        return "ClusterTrustBundleAttest";
    }

    @Override
    public void validate(AdmissionRequest request) {
        if (!request.is(Operation.CREATE, "certificates.k8s.io", "clustertrustbundles")
                && !request.is(Operation.UPDATE, "certificates.k8s.io", "clustertrustbundles")) {
            return;
        }
        String signer = request.body().text("spec.signerName");
        Document old = request.old();
        boolean onlyGarbageCollected =
                old != null && withoutGarbageCollection(old).equals(withoutGarbageCollection(request.body()));
        if (!signer.isEmpty()
                && !onlyGarbageCollected
                && !SignerPermission.has(authorizer, request.request().user(), "attest", signer)) {
            throw request.forbidden("user not permitted to attest for signerName \"" + signer + "\"");
        }
    }

    /** What the garbage collector and migrations leave alone. */
    private static Document withoutGarbageCollection(Document bundle) {
        Document rest = bundle.copy();
        rest.remove("metadata.finalizers");
        rest.remove("metadata.ownerReferences");
        rest.remove("metadata.managedFields");
        return rest;
    }
}
