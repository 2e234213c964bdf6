package io.quarterdeck.node.identity;

import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequest;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequestBuilder;
import io.quarterdeck.pki.CertificateProfile;
import io.quarterdeck.pki.CertificateRequest;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.util.Base64;
import java.util.List;

/**
 * What a node asks a signer for. Source: Kubernetes documentation, "TLS bootstrapping" and "Certificates and Certificate
 * Signing Requests", Kubernetes signers.
 */
record WantedCertificate(String signer, List<String> usages, CertificateProfile profile) {

    static WantedCertificate client(String nodeName) {
        return new WantedCertificate(
                "kubernetes.io/kube-apiserver-client-kubelet",
                List.of("digital signature", "client auth"),
                CertificateProfile.client("system:node:" + nodeName, "system:nodes"));
    }

    /** @param addresses under which the node is reached */
    static WantedCertificate serving(String nodeName, List<String> addresses) {
        return new WantedCertificate(
                "kubernetes.io/kubelet-serving",
                List.of("digital signature", "server auth"),
                CertificateProfile.server("system:node:" + nodeName, addresses).inOrganizations("system:nodes"));
    }

    /** For a node that comes again after a crash: the same key leads to the request that it has made already. */
    CertificateSigningRequest requestOnce(KeyPair keys) {
        return request(keys)
                .editOrNewMetadata()
                .withName("node-csr-" + digest(keys.getPublic()))
                .endMetadata()
                .build();
    }

    CertificateSigningRequest requestAnew(KeyPair keys) {
        return request(keys)
                .editOrNewMetadata()
                .withGenerateName("csr-")
                .endMetadata()
                .build();
    }

    private CertificateSigningRequestBuilder request(KeyPair keys) {
        String pem = CertificateRequest.pem(profile, keys);
        return new CertificateSigningRequestBuilder()
                .withNewSpec()
                .withSignerName(signer)
                .withUsages(usages)
                .withRequest(Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.UTF_8)))
                .endSpec();
    }

    private String digest(PublicKey key) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-512/256");
            digest.update(key.getEncoded());
            for (List<String> part : List.of(List.of(profile.commonName()), profile.organizations(), usages)) {
                digest.update((byte) '|');
                digest.update(String.join("|", part).getBytes(StandardCharsets.UTF_8));
            }
            return Base64.getUrlEncoder().withoutPadding().encodeToString(digest.digest());
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("SHA-512/256 is part of every Java runtime", impossible);
        }
    }
}
