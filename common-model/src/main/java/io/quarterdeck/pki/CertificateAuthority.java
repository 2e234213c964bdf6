package io.quarterdeck.pki;

import io.quarterdeck.pki.CertificateProfile.Usage;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/** Issues certificates under its own self-signed one. Thread-safe. */
public final class CertificateAuthority {

    private static final SecureRandom RANDOM = new SecureRandom();

    /** Clocks of a cluster differ a little: what is issued is valid from a moment ago. */
    private static final Duration BACKDATE = Duration.ofMinutes(5);

    private final KeyedCertificate self;

    public CertificateAuthority(KeyedCertificate self) {
        this.self = self;
    }

    /** A new authority that lives ten years, as kubeadm's do. */
    public static CertificateAuthority create(String commonName, Instant now) {
        KeyPair keys = Keys.ellipticCurve();
        X500Name name = new X500NameBuilder(BCStyle.INSTANCE)
                .addRDN(BCStyle.CN, commonName)
                .build();
        X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                name,
                serial(),
                date(now.minus(BACKDATE)),
                date(now.plus(Duration.ofDays(3650))),
                name,
                keys.getPublic());
        try {
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
            builder.addExtension(
                    Extension.keyUsage,
                    true,
                    new KeyUsage(KeyUsage.digitalSignature | KeyUsage.keyEncipherment | KeyUsage.keyCertSign));
            builder.addExtension(
                    Extension.subjectKeyIdentifier,
                    false,
                    new JcaX509ExtensionUtils().createSubjectKeyIdentifier(keys.getPublic()));
            builder.addExtension(
                    Extension.subjectAlternativeName,
                    false,
                    new GeneralNames(new GeneralName(GeneralName.dNSName, commonName)));
        } catch (IOException | GeneralSecurityException impossible) {
            throw new IllegalStateException("building the authority " + commonName, impossible);
        }
        return new CertificateAuthority(new KeyedCertificate(sign(builder, keys.getPrivate()), keys.getPrivate()));
    }

    public X509Certificate certificate() {
        return self.certificate();
    }

    public String certificatePem() {
        return self.certificatePem();
    }

    KeyedCertificate keyed() {
        return self;
    }

    /** A certificate for a new key. */
    public KeyedCertificate issue(CertificateProfile profile, Instant now) {
        KeyPair keys = Keys.ellipticCurve();
        return new KeyedCertificate(issue(profile, keys.getPublic(), now), keys.getPrivate());
    }

    /** A certificate for a key that someone else holds. It never outlives the authority. */
    public X509Certificate issue(CertificateProfile profile, PublicKey key, Instant now) {
        Set<Usage> usages = EnumSet.of(Usage.DIGITAL_SIGNATURE, Usage.KEY_ENCIPHERMENT);
        usages.addAll(profile.usages());
        GeneralNames names = profile.addresses().isEmpty() ? null : names(profile.addresses());
        return issue(new Order(subject(profile), names, usages, key), now.plus(profile.lifetime()), now);
    }

    /**
     * What somebody asks for.
     *
     * @param subject as it is to stand in the certificate
     * @param names alternative names of any kind; null for none
     */
    public record Order(X500Name subject, @Nullable GeneralNames names, Set<Usage> usages, PublicKey key) {}

    /** As it is ordered, but not beyond the authority's own end. */
    public X509Certificate issue(Order order, Instant end, Instant now) {
        Instant latest = certificate().getNotAfter().toInstant();
        X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                X500Name.getInstance(certificate().getSubjectX500Principal().getEncoded()),
                serial(),
                date(now.minus(BACKDATE)),
                date(end.isAfter(latest) ? latest : end),
                order.subject(),
                order.key());
        try {
            JcaX509ExtensionUtils extensions = new JcaX509ExtensionUtils();
            int bits = (order.usages().contains(Usage.DIGITAL_SIGNATURE) ? KeyUsage.digitalSignature : 0)
                    | (order.usages().contains(Usage.KEY_ENCIPHERMENT) ? KeyUsage.keyEncipherment : 0);
            if (bits != 0) {
                builder.addExtension(Extension.keyUsage, true, new KeyUsage(bits));
            }
            builder.addExtension(Extension.extendedKeyUsage, false, purposes(order.usages()));
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            builder.addExtension(
                    Extension.authorityKeyIdentifier,
                    false,
                    extensions.createAuthorityKeyIdentifier(certificate().getPublicKey()));
            if (order.names() != null) {
                builder.addExtension(Extension.subjectAlternativeName, false, order.names());
            }
        } catch (IOException | GeneralSecurityException impossible) {
            throw new IllegalStateException("building a certificate for " + order.subject(), impossible);
        }
        return sign(builder, self.key());
    }

    static X500Name subject(CertificateProfile profile) {
        X500NameBuilder subject = new X500NameBuilder(BCStyle.INSTANCE);
        profile.organizations().forEach(organization -> subject.addRDN(BCStyle.O, organization));
        return subject.addRDN(BCStyle.CN, profile.commonName()).build();
    }

    private static ExtendedKeyUsage purposes(Set<Usage> usages) {
        List<KeyPurposeId> purposes = new ArrayList<>();
        if (usages.contains(Usage.SERVER)) {
            purposes.add(KeyPurposeId.id_kp_serverAuth);
        }
        if (usages.contains(Usage.CLIENT)) {
            purposes.add(KeyPurposeId.id_kp_clientAuth);
        }
        return new ExtendedKeyUsage(purposes.toArray(KeyPurposeId[]::new));
    }

    static GeneralNames names(List<String> addresses) {
        return new GeneralNames(addresses.stream()
                .map(address -> new GeneralName(
                        CertificateFiles.isIpAddress(address) ? GeneralName.iPAddress : GeneralName.dNSName, address))
                .toArray(GeneralName[]::new));
    }

    private static X509Certificate sign(X509v3CertificateBuilder builder, PrivateKey key) {
        try {
            return new JcaX509CertificateConverter().getCertificate(builder.build(signer(key)));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("signing a certificate", impossible);
        }
    }

    static ContentSigner signer(PrivateKey key) {
        String algorithm = key.getAlgorithm().startsWith("EC") ? "SHA256withECDSA" : "SHA256withRSA";
        try {
            return new JcaContentSignerBuilder(algorithm).build(key);
        } catch (OperatorCreationException impossible) {
            throw new IllegalStateException("every Java runtime signs by " + algorithm, impossible);
        }
    }

    private static BigInteger serial() {
        return new BigInteger(127, RANDOM).add(BigInteger.ONE);
    }

    private static Date date(Instant instant) {
        return Date.from(instant);
    }
}
