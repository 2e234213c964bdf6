package io.quarterdeck.node.identity;

import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequest;
import io.quarterdeck.client.ApiClient;
import io.quarterdeck.client.ResourceType;
import io.quarterdeck.model.ObjectKey;

/** @param whenClosed closes what was opened for {@code api} */
record ApiSigningRequests(ApiClient api, Runnable whenClosed) implements SigningRequests {

    private static final ResourceType<CertificateSigningRequest> REQUESTS =
            ResourceType.of(CertificateSigningRequest.class);

    @Override
    public CertificateSigningRequest create(CertificateSigningRequest request) {
        return api.create(REQUESTS, request);
    }

    @Override
    public CertificateSigningRequest get(String name) {
        return api.get(REQUESTS, ObjectKey.clusterScoped(name));
    }

    @Override
    public void close() {
        whenClosed.run();
    }
}
