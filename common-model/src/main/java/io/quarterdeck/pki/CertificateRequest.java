package io.quarterdeck.pki;

import java.io.IOException;
import java.security.KeyPair;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.pkcs.PKCS10CertificationRequestBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/** What the holder of a key asks an authority for, as PKCS#10 in PEM. */
public final class CertificateRequest {

    private CertificateRequest() {}

    /** The subject and addresses of {@code profile}; its usages and lifetime are not part of a PKCS#10 request. */
    public static String pem(CertificateProfile profile, KeyPair keys) {
        PKCS10CertificationRequestBuilder builder =
                new JcaPKCS10CertificationRequestBuilder(CertificateAuthority.subject(profile), keys.getPublic());
        if (!profile.addresses().isEmpty()) {
            ExtensionsGenerator extensions = new ExtensionsGenerator();
            try {
                extensions.addExtension(
                        Extension.subjectAlternativeName, false, CertificateAuthority.names(profile.addresses()));
            } catch (IOException impossible) {
                throw new IllegalStateException("writing to memory", impossible);
            }
            builder.addAttribute(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, extensions.generate());
        }
        return Pem.encode(builder.build(CertificateAuthority.signer(keys.getPrivate())));
    }
}
