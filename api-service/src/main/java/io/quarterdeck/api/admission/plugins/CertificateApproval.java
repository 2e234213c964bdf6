package io.quarterdeck.api.admission.plugins;

import io.quarterdeck.api.admission.AdmissionPlugin;
import io.quarterdeck.api.admission.AdmissionRequest;
import io.quarterdeck.api.admission.AdmissionRequest.Operation;
import io.quarterdeck.api.authz.AuthorizerChain;
import org.springframework.stereotype.Component;

/** A request is approved only by those who may approve for its signer. */
@Component
final class CertificateApproval implements AdmissionPlugin {

    private final AuthorizerChain authorizer;

    CertificateApproval(AuthorizerChain authorizer) {
        this.authorizer = authorizer;
    }

    @Override
    public String name() {
        return "CertificateApproval";
    }

    @Override
    public void validate(AdmissionRequest request) {
        if (request.operation() != Operation.UPDATE
                || !request.resource().plural().equals("certificatesigningrequests")
                || !request.request().subresource().equals("approval")) {
            return;
        }
        String signer = request.stored().text("spec.signerName");
        if (!SignerPermission.has(authorizer, request.request().user(), "approve", signer)) {
            throw request.forbidden("user not permitted to approve requests with signerName \"" + signer + "\"");
        }
    }
}
