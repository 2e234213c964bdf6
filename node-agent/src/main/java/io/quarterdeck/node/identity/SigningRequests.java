package io.quarterdeck.node.identity;

import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequest;

/** The API's certificate requests, under one identity. */
interface SigningRequests extends AutoCloseable {

    /** @throws io.quarterdeck.model.StatusException as the API answers */
    CertificateSigningRequest create(CertificateSigningRequest request);

    /** @throws io.quarterdeck.model.StatusException as the API answers */
    CertificateSigningRequest get(String name);

    @Override
    void close();
}
