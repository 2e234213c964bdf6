package io.quarterdeck.controller.csrsigning;

import io.quarterdeck.pki.CertificateAuthority;
import io.quarterdeck.pki.CertificateProfile.Usage;
import java.io.IOException;
import java.io.StringReader;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x500.style.IETFUtils;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;
import org.jspecify.annotations.Nullable;

/**
 * What a PKCS#10 request asks for. Immutable.
 *
 * @param names alternative names of all kinds; null when it asks for none
 */
public record RequestedCertificate(
        X500Name subject, @Nullable GeneralNames names, PublicKey key) {

    private static final String SIGNATURE = "digital signature";
    private static final String ENCIPHERMENT = "key encipherment";
    private static final String CLIENT = "client auth";
    private static final String SERVER = "server auth";

    /** @throws IllegalArgumentException when it is no such request; never quotes it */
    public static RequestedCertificate parse(String pem) {
        try (PEMParser parser = new PEMParser(new StringReader(pem))) {
            if (!(parser.readObject() instanceof PKCS10CertificationRequest request)) {
                throw new IllegalArgumentException("PEM block type must be CERTIFICATE REQUEST");
            }
            Extensions extensions = request.getRequestedExtensions();
            return new RequestedCertificate(
                    request.getSubject(),
                    extensions == null
                            ? null
                            : GeneralNames.fromExtensions(extensions, Extension.subjectAlternativeName),
                    new JcaPKCS10CertificationRequest(request).getPublicKey());
        } catch (IOException | GeneralSecurityException malformed) {
            throw new IllegalArgumentException("malformed certificate request", malformed);
        }
    }

    public String commonName() {
        List<String> names = values(BCStyle.CN);
        return names.isEmpty() ? "" : names.getLast();
    }

    private List<String> values(ASN1ObjectIdentifier attribute) {
        return Arrays.stream(subject.getRDNs(attribute))
                .flatMap(rdn -> Arrays.stream(rdn.getTypesAndValues()))
                .filter(value -> value.getType().equals(attribute))
                .map(value -> IETFUtils.valueToString(value.getValue()).replaceAll("\\\\(.)", "$1"))
                .toList();
    }

    private boolean asksFor(int kindOfName) {
        return names != null && Arrays.stream(names.getNames()).anyMatch(name -> name.getTagNo() == kindOfName);
    }

    /**
     * Why a signer refuses it, in upstream's words; empty when it does not.
     *
     * <p>Source: Kubernetes documentation, "Certificate Signing Requests", Kubernetes signers.
     */
    public String refusal(String signer, List<String> usages) {
        return switch (signer) {
            case "kubernetes.io/kube-apiserver-client" -> refusalOfClient(usages);
            case "kubernetes.io/kube-apiserver-client-kubelet" -> refusalOfNodesClient(usages);
            case "kubernetes.io/kubelet-serving" -> refusalOfNodesServer(usages);
            default -> "unknown signer";
        };
    }

    private static String refusalOfClient(List<String> usages) {
        for (String usage : usages) {
            if (!Set.of(SIGNATURE, ENCIPHERMENT, CLIENT).contains(usage)) {
                return "invalid usage for client certificate: " + usage;
            }
        }
        return usages.contains(CLIENT) ? "" : "missing required usage for client certificate: " + CLIENT;
    }

    private String refusalOfNodesClient(List<String> usages) {
        if (!values(BCStyle.O).equals(List.of("system:nodes"))) {
            return "subject organization is not system:nodes";
        }
        if (asksFor(GeneralName.dNSName)) {
            return "DNS subjectAltNames are not allowed";
        }
        if (asksFor(GeneralName.rfc822Name)) {
            return "Email subjectAltNames are not allowed";
        }
        if (asksFor(GeneralName.iPAddress)) {
            return "IP subjectAltNames are not allowed";
        }
        if (asksFor(GeneralName.uniformResourceIdentifier)) {
            return "URI subjectAltNames are not allowed";
        }
        if (!commonName().startsWith("system:node:")) {
            return "subject common name does not begin with system:node:";
        }
        return refusalOfUsages(usages, CLIENT);
    }

    private String refusalOfNodesServer(List<String> usages) {
        if (!values(BCStyle.O).equals(List.of("system:nodes"))) {
            return "subject organization is not system:nodes";
        }
        if (!asksFor(GeneralName.dNSName) && !asksFor(GeneralName.iPAddress)) {
            return "DNS or IP subjectAltName is required";
        }
        if (asksFor(GeneralName.rfc822Name)) {
            return "Email subjectAltNames are not allowed";
        }
        if (asksFor(GeneralName.uniformResourceIdentifier)) {
            return "URI subjectAltNames are not allowed";
        }
        String refusal = refusalOfUsages(usages, SERVER);
        if (!refusal.isEmpty()) {
            return refusal;
        }
        return commonName().startsWith("system:node:") ? "" : "subject common name does not begin with system:node:";
    }

    /** RSA keys encipher, others need not: all three usages or all but that one. */
    private static String refusalOfUsages(List<String> usages, String purpose) {
        Set<String> given = Set.copyOf(usages);
        return given.equals(Set.of(SIGNATURE, purpose)) || given.equals(Set.of(SIGNATURE, ENCIPHERMENT, purpose))
                ? ""
                : "usages did not match [" + String.join(" ", new TreeSet<>(Set.of(SIGNATURE, ENCIPHERMENT, purpose)))
                        + "]";
    }

    /** What the authority is to issue: subject and names as they stand in the request. */
    CertificateAuthority.Order order(List<String> usages) {
        EnumSet<Usage> wanted = EnumSet.noneOf(Usage.class);
        for (String usage : usages) {
            switch (usage) {
                case CLIENT -> wanted.add(Usage.CLIENT);
                case SERVER -> wanted.add(Usage.SERVER);
                case SIGNATURE -> wanted.add(Usage.DIGITAL_SIGNATURE);
                case ENCIPHERMENT -> wanted.add(Usage.KEY_ENCIPHERMENT);
                default -> throw new IllegalArgumentException("no signer takes the usage " + usage);
            }
        }
        return new CertificateAuthority.Order(subject, names, wanted, key);
    }
}
