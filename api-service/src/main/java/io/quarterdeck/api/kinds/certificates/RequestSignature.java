package io.quarterdeck.api.kinds.certificates;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Map;
import java.util.Optional;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.RSASSAPSSparams;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

/** Signatures of certificate requests, of all kinds that upstream knows. Pure. */
final class RequestSignature {

    /** Knows curves that Java's own has no more. */
    private static final Provider PROVIDER = new BouncyCastleProvider();

    private static final Map<String, String> DIGESTS = Map.of(
            "2.16.840.1.101.3.4.2.1", "SHA256",
            "2.16.840.1.101.3.4.2.2", "SHA384",
            "2.16.840.1.101.3.4.2.3", "SHA512");

    private static final Map<String, Integer> SALTS = Map.of("SHA256", 32, "SHA384", 48, "SHA512", 64);

    private RequestSignature() {}

    /** Whether the holder of the key signed; false also for what is no signature, or no key. */
    static boolean holds(String algorithm, byte[] keyInfo, byte[] signed, byte[] signature) {
        try {
            String family = algorithm.contains("RSA") || algorithm.endsWith("PSS")
                    ? "RSA"
                    : algorithm.endsWith("ECDSA") ? "EC" : algorithm;
            PublicKey key = KeyFactory.getInstance(family, PROVIDER).generatePublic(new X509EncodedKeySpec(keyInfo));
            Signature verifying = Signature.getInstance(
                    algorithm.endsWith("PSS") ? algorithm.replace("PSS", "withRSAandMGF1") : algorithm, PROVIDER);
            verifying.initVerify(key);
            verifying.update(signed);
            return verifying.verify(signature);
        } catch (GeneralSecurityException | RuntimeException unreadable) {
            return false;
        }
    }

    /** What PSS parameters come to, {@code SHA256PSS}; empty for those that are not one digest's usual ones. */
    static Optional<String> pss(byte[] parameters) {
        try {
            RSASSAPSSparams read = RSASSAPSSparams.getInstance(parameters);
            AlgorithmIdentifier hash = read.getHashAlgorithm();
            AlgorithmIdentifier mask = read.getMaskGenAlgorithm();
            AlgorithmIdentifier maskHash = AlgorithmIdentifier.getInstance(mask.getParameters());
            String digest = DIGESTS.get(hash.getAlgorithm().getId());
            boolean usual = digest != null
                    && bare(hash)
                    && bare(maskHash)
                    && mask.getAlgorithm().equals(PKCSObjectIdentifiers.id_mgf1)
                    && maskHash.getAlgorithm().equals(hash.getAlgorithm())
                    && read.getSaltLength().intValueExact() == SALTS.getOrDefault(digest, -1)
                    && read.getTrailerField().intValueExact() == 1;
            return usual ? Optional.of(digest + "PSS") : Optional.empty();
        } catch (RuntimeException unreadable) {
            return Optional.empty();
        }
    }

    private static boolean bare(AlgorithmIdentifier algorithm) {
        return algorithm.getParameters() == null || algorithm.getParameters().equals(DERNull.INSTANCE);
    }
}
