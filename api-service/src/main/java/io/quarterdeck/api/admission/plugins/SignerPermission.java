package io.quarterdeck.api.admission.plugins;

import io.quarterdeck.api.authn.User;
import io.quarterdeck.api.authz.AccessRequest;
import io.quarterdeck.api.authz.AuthorizerChain;

/** Whether someone may approve, sign or attest for a signer, by its name or by its domain. */
final class SignerPermission {

    private SignerPermission() {}

    static boolean has(AuthorizerChain authorizer, User user, String verb, String signer) {
        if (allows(authorizer, user, verb, signer)) {
            return true;
        }
        int slash = signer.indexOf('/');
        return slash > 0 && allows(authorizer, user, verb, signer.substring(0, slash) + "/*");
    }

    private static boolean allows(AuthorizerChain authorizer, User user, String verb, String signer) {
        return authorizer.allows(
                AccessRequest.resource(user, verb, "certificates.k8s.io", "*", "signers", "", "", signer));
    }
}
