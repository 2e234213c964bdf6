package io.quarterdeck.api.admission.plugins;

import io.quarterdeck.api.admission.AdmissionPlugin;
import io.quarterdeck.api.admission.AdmissionRequest;
import io.quarterdeck.api.admission.AdmissionRequest.Operation;
import io.quarterdeck.api.authn.User;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x500.style.IETFUtils;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.springframework.stereotype.Component;

/** Nobody asks the API's own signer for a certificate of the group that may do everything. */
@Component
final class CertificateSubjectRestriction implements AdmissionPlugin {

    @Override
    public String name() {
        return "CertificateSubjectRestriction";
    }

    @Override
    public void validate(AdmissionRequest request) {
        if (request.is(Operation.CREATE, "certificates.k8s.io", "certificatesigningrequests")
                && request.body().text("spec.signerName").equals("kubernetes.io/kube-apiserver-client")
                && asksForMasters(request, request.body().text("spec.request"))) {
            throw request.forbidden(
                    "use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed");
        }
    }

    private static boolean asksForMasters(AdmissionRequest request, String base64) {
        try (PEMParser parser = new PEMParser(
                new StringReader(new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8)))) {
            return parser.readObject() instanceof PKCS10CertificationRequest csr
                    && Arrays.stream(csr.getSubject().getRDNs(BCStyle.O))
                            .flatMap(rdn -> Arrays.stream(rdn.getTypesAndValues()))
                            .anyMatch(value ->
                                    IETFUtils.valueToString(value.getValue()).equals(User.MASTERS));
        } catch (IOException | IllegalArgumentException malformed) {
            throw request.forbidden("failed to parse CSR");
        }
    }
}
