package io.quarterdeck.controller.csrsigning;

import io.quarterdeck.pki.CertificateProfile;
import java.io.IOException;
import java.io.StringReader;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x500.style.IETFUtils;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;

/**
 * What a PKCS#10 request asks for. Immutable.
 *
 * @param addresses DNS names and IP addresses
 * @param otherNames whether it asks for names of other kinds: mail, URI
 */
public record RequestedCertificate(
        String commonName, List<String> organizations, List<String> addresses, boolean otherNames, PublicKey key) {

    private static final Set<String> CLIENT = Set.of("client auth", "digital signature", "key encipherment");
    private static final Set<String> SERVER = Set.of("server auth", "digital signature", "key encipherment");

    /** @throws IllegalArgumentException when it is no such request; never quotes it */
    public static RequestedCertificate parse(String pem) {
        try (PEMParser parser = new PEMParser(new StringReader(pem))) {
            if (!(parser.readObject() instanceof PKCS10CertificationRequest request)) {
                throw new IllegalArgumentException("PEM block type must be CERTIFICATE REQUEST");
            }
            List<String> addresses = new ArrayList<>();
            boolean others = false;
            Extensions extensions = request.getRequestedExtensions();
            GeneralNames names = extensions == null
                    ? null
                    : GeneralNames.fromExtensions(extensions, Extension.subjectAlternativeName);
            for (GeneralName name : names == null ? new GeneralName[0] : names.getNames()) {
                switch (name.getTagNo()) {
                    case GeneralName.dNSName -> addresses.add(name.getName().toString());
                    case GeneralName.iPAddress ->
                        addresses.add(InetAddress.getByAddress(DEROctetString.getInstance(name.getName())
                                        .getOctets())
                                .getHostAddress());
                    default -> others = true;
                }
            }
            List<String> commonNames = values(request, BCStyle.CN);
            return new RequestedCertificate(
                    commonNames.isEmpty() ? "" : commonNames.getFirst(),
                    values(request, BCStyle.O),
                    addresses,
                    others,
                    new JcaPKCS10CertificationRequest(request).getPublicKey());
        } catch (UnknownHostException malformed) {
            throw new IllegalArgumentException("malformed address", malformed);
        } catch (IOException | GeneralSecurityException malformed) {
            throw new IllegalArgumentException("malformed certificate request", malformed);
        }
    }

    private static List<String> values(PKCS10CertificationRequest request, ASN1ObjectIdentifier attribute) {
        return Arrays.stream(request.getSubject().getRDNs(attribute))
                .flatMap(rdn -> Arrays.stream(rdn.getTypesAndValues()))
                .filter(value -> value.getType().equals(attribute))
                .map(value -> IETFUtils.valueToString(value.getValue()).replaceAll("\\\\(.)", "$1"))
                .toList();
    }

    /**
     * Why a signer refuses it, in upstream's words; empty when it does not.
     *
     * <p>Source: Kubernetes documentation, "Certificate Signing Requests", Kubernetes signers.
     */
    public String refusal(String signer, List<String> usages) {
        return switch (signer) {
            case "kubernetes.io/kube-apiserver-client" ->
                CLIENT.containsAll(usages) && usages.contains("client auth")
                        ? ""
                        : "usages did not match " + CLIENT.stream().sorted().toList();
            case "kubernetes.io/kube-apiserver-client-kubelet" ->
                !node()
                        ? "subject is not that of a node"
                        : !addresses.isEmpty() || otherNames
                                ? "subjectAltNames are not allowed"
                                : fits(usages, CLIENT, "client auth");
            case "kubernetes.io/kubelet-serving" ->
                !node()
                        ? "subject is not that of a node"
                        : otherNames
                                ? "email and URI subjectAltNames are not allowed"
                                : addresses.isEmpty()
                                        ? "DNS or IP subjectAltName is required"
                                        : fits(usages, SERVER, "server auth");
            default -> "unknown signer";
        };
    }

    private boolean node() {
        return organizations.equals(List.of("system:nodes"))
                && commonName.startsWith("system:node:")
                && commonName.length() > "system:node:".length();
    }

    private static String fits(List<String> usages, Set<String> allowed, String needed) {
        return allowed.containsAll(usages) && usages.contains(needed) && usages.contains("digital signature")
                ? ""
                : "usages did not match " + allowed.stream().sorted().toList();
    }

    CertificateProfile profile(List<String> usages, Duration lifetime) {
        EnumSet<CertificateProfile.Usage> purposes = EnumSet.noneOf(CertificateProfile.Usage.class);
        if (usages.contains("client auth")) {
            purposes.add(CertificateProfile.Usage.CLIENT);
        }
        if (usages.contains("server auth")) {
            purposes.add(CertificateProfile.Usage.SERVER);
        }
        return new CertificateProfile(commonName, organizations, addresses, purposes, lifetime);
    }
}
