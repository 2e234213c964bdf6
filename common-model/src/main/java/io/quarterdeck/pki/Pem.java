package io.quarterdeck.pki;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.RSAPublicKeySpec;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.ECNamedCurveTable;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.util.io.pem.PemObject;
import org.jspecify.annotations.Nullable;

/**
 * The text form of keys and certificates. Reads what kubeadm, openssl and cert-manager write (PKCS#1, SEC 1, PKCS#8,
 * PKIX). Malformed text is an {@link IllegalArgumentException} that never quotes it, since it may be a key.
 */
public final class Pem {

    private static final Pattern CERTIFICATE =
            Pattern.compile("-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", Pattern.DOTALL);

    private Pem() {}

    public static String encode(X509Certificate certificate) {
        return write(certificate);
    }

    public static String encode(PublicKey key) {
        return write(key);
    }

    static String encode(PKCS10CertificationRequest request) {
        return write(request);
    }

    /** PKCS#8, the form that servers (Tomcat, Kafka, PostgreSQL) read for every kind of key. */
    public static String encode(PrivateKey key) {
        return write(new PemObject("PRIVATE KEY", key.getEncoded()));
    }

    /**
     * The form for kubeconfig files: EC keys as SEC 1, since some client libraries take a bare PKCS#8 key for RSA; others
     * as PKCS#8.
     */
    public static String encodeForClients(PrivateKey key) {
        if (!(key instanceof ECPrivateKey elliptic)) {
            return encode(key);
        }
        try {
            PrivateKeyInfo info = PrivateKeyInfo.getInstance(key.getEncoded());
            int bits = elliptic.getParams().getOrder().bitLength();
            byte[] sec1 = new org.bouncycastle.asn1.sec.ECPrivateKey(
                            bits, elliptic.getS(), info.getPrivateKeyAlgorithm().getParameters())
                    .getEncoded();
            return write(new PemObject("EC PRIVATE KEY", sec1));
        } catch (IOException impossible) {
            throw new IllegalStateException("writing to memory", impossible);
        }
    }

    private static String write(Object object) {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter pem = new JcaPEMWriter(text)) {
            pem.writeObject(object);
        } catch (IOException impossible) {
            throw new IllegalStateException("writing to memory", impossible);
        }
        return text.toString();
    }

    /** The certificates of the text that can be read, in order, as Go's pools take them; at least one. */
    public static List<X509Certificate> readableCertificates(String text) {
        List<X509Certificate> readable = new ArrayList<>();
        Matcher block = CERTIFICATE.matcher(text);
        while (block.find()) {
            try {
                readable.addAll(certificates(block.group()));
            } catch (IllegalArgumentException passedOver) {
                // another one may do
            }
        }
        if (readable.isEmpty()) {
            throw new IllegalArgumentException("no certificate found");
        }
        return readable;
    }

    /** All certificates of the text, in order; at least one. */
    public static List<X509Certificate> certificates(String text) {
        List<X509Certificate> certificates = new ArrayList<>();
        JcaX509CertificateConverter converter = new JcaX509CertificateConverter();
        try {
            for (Object object : objects(text)) {
                if (object instanceof X509CertificateHolder holder) {
                    certificates.add(converter.getCertificate(holder));
                }
            }
        } catch (GeneralSecurityException malformed) {
            throw new IllegalArgumentException("not a certificate", malformed);
        }
        if (certificates.isEmpty()) {
            throw new IllegalArgumentException("no certificate found");
        }
        return certificates;
    }

    public static X509Certificate certificate(String text) {
        return certificates(text).getFirst();
    }

    public static PrivateKey privateKey(String text) {
        JcaPEMKeyConverter converter = new JcaPEMKeyConverter();
        try {
            for (Object object : objects(text)) {
                if (object instanceof PEMKeyPair pair) {
                    return converter.getPrivateKey(pair.getPrivateKeyInfo());
                }
                if (object instanceof PrivateKeyInfo info) {
                    return converter.getPrivateKey(info);
                }
            }
        } catch (IOException malformed) {
            throw new IllegalArgumentException("not a private key", malformed);
        }
        throw new IllegalArgumentException("no private key found");
    }

    /** All public keys of the text, in order; private keys and certificates count with their public half. */
    public static List<PublicKey> publicKeys(String text) {
        List<PublicKey> keys = new ArrayList<>();
        JcaPEMKeyConverter converter = new JcaPEMKeyConverter();
        try {
            for (Object object : objects(text)) {
                switch (object) {
                    case SubjectPublicKeyInfo info -> keys.add(converter.getPublicKey(info));
                    case X509CertificateHolder holder ->
                        keys.add(converter.getPublicKey(holder.getSubjectPublicKeyInfo()));
                    case PEMKeyPair pair
                    when pair.getPublicKeyInfo() != null -> keys.add(converter.getPublicKey(pair.getPublicKeyInfo()));
                    default -> {}
                }
            }
        } catch (IOException malformed) {
            throw new IllegalArgumentException("not a public key", malformed);
        }
        return keys;
    }

    /** A private key, RSA or of a named curve, with its public half, which need not stand beside it. */
    public static KeyPair keyPair(String text) {
        PrivateKey key = privateKey(text);
        try {
            return new KeyPair(publicHalf(key), key);
        } catch (GeneralSecurityException | IOException malformed) {
            throw new IllegalArgumentException("not a private key", malformed);
        }
    }

    private static PublicKey publicHalf(PrivateKey key) throws GeneralSecurityException, IOException {
        if (key instanceof RSAPrivateCrtKey rsa) {
            return KeyFactory.getInstance("RSA")
                    .generatePublic(new RSAPublicKeySpec(rsa.getModulus(), rsa.getPublicExponent()));
        }
        AlgorithmIdentifier algorithm =
                PrivateKeyInfo.getInstance(key.getEncoded()).getPrivateKeyAlgorithm();
        if (!(key instanceof ECPrivateKey elliptic)
                || !(algorithm.getParameters() instanceof ASN1ObjectIdentifier name)) {
            throw new IllegalArgumentException("neither an RSA key nor one of a named curve");
        }
        byte[] point = ECNamedCurveTable.getByOID(name)
                .getG()
                .multiply(elliptic.getS())
                .getEncoded(false);
        return new JcaPEMKeyConverter().getPublicKey(new SubjectPublicKeyInfo(algorithm, point));
    }

    private static List<Object> objects(String text) {
        List<Object> objects = new ArrayList<>();
        try (PEMParser parser = new PEMParser(new StringReader(text))) {
            @Nullable Object next;
            while ((next = parser.readObject()) != null) {
                objects.add(next);
            }
        } catch (IOException | IllegalArgumentException malformed) {
            throw new IllegalArgumentException("malformed PEM text");
        }
        return objects;
    }
}
