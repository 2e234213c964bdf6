package io.quarterdeck.api.admission.plugins;

import io.quarterdeck.api.admission.AdmissionPlugin;
import io.quarterdeck.api.admission.AdmissionRequest;
import io.quarterdeck.api.admission.AdmissionRequest.Operation;
import io.quarterdeck.api.authz.AuthorizerChain;
import org.springframework.stereotype.Component;

/** A certificate is put into a request only by those who may sign for its signer. */
@Component
final class CertificateSigning implements AdmissionPlugin {

    private final AuthorizerChain authorizer;

    CertificateSigning(AuthorizerChain authorizer) {
        this.authorizer = authorizer;
    }

    @Override
    public String name() {
        return "CertificateSigning";
    }

    @Override
    public void validate(AdmissionRequest request) {
        if (request.operation() != Operation.UPDATE
                || !request.resource().plural().equals("certificatesigningrequests")
                || !request.request().subresource().equals("status")
                || (request.body().same("status.certificate", request.stored())
                        && request.body().same("status.conditions", request.stored()))) {
            return;
        }
        String signer = request.stored().text("spec.signerName");
        if (!SignerPermission.has(authorizer, request.request().user(), "sign", signer)) {
            throw request.forbidden("user not permitted to sign requests with signerName \"" + signer + "\"");
        }
    }
}
