package io.quarterdeck.api.kinds.certificates;

import io.quarterdeck.api.kinds.certificates.Der.Value;
import io.quarterdeck.model.GoQuote;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.crypto.ec.CustomNamedCurves;

/**
 * What a PKCS#10 request has to look like, and whether its holder shows that the key is his. Pure.
 *
 * <p>Source: RFC 2986; what upstream's library (Go's crypto/x509) asks for, in its order.
 */
final class RequestSyntax {

    private static final String RSA = "1.2.840.113549.1.1.1";
    private static final String DSA = "1.2.840.10040.4.1";
    private static final String ECDSA = "1.2.840.10045.2.1";
    private static final String ED25519 = "1.3.101.112";
    private static final String EXTENSION_REQUEST = "1.2.840.113549.1.9.14";
    private static final String ALTERNATIVE_NAMES = "2.5.29.17";
    private static final String PSS = "1.2.840.113549.1.1.10";
    private static final byte[] NULL = {5, 0};
    private static final Pattern SCHEME = Pattern.compile("^[A-Za-z][A-Za-z0-9+.-]*:");

    /** Host and what is behind it, up to the path. */
    private static final Pattern HOST =
            Pattern.compile("^(?:[A-Za-z][A-Za-z0-9+.-]*:)?//(?:[^/?#@]*@)?(\\[[^\\]]*]|[^/?#:]*)([^/?#]*)");

    private static final Map<String, String> CURVES = Map.of(
            "1.3.132.0.33", "P224",
            "1.2.840.10045.3.1.7", "P256",
            "1.3.132.0.34", "P384",
            "1.3.132.0.35", "P521");

    /** Of the coordinates on each curve. */
    private static final Map<String, Integer> LENGTHS = Map.of("P224", 28, "P256", 32, "P384", 48, "P521", 66);

    /** By their object identifiers: whose keys make such signatures, and the digest. */
    private static final Map<String, Signing> SIGNATURES = Map.ofEntries(
            Map.entry("1.2.840.113549.1.1.4", new Signing("RSA", "MD5")),
            Map.entry("1.2.840.113549.1.1.5", new Signing("RSA", "SHA1")),
            Map.entry("1.3.14.3.2.29", new Signing("RSA", "SHA1")),
            Map.entry("1.2.840.113549.1.1.11", new Signing("RSA", "SHA256")),
            Map.entry("1.2.840.113549.1.1.12", new Signing("RSA", "SHA384")),
            Map.entry("1.2.840.113549.1.1.13", new Signing("RSA", "SHA512")),
            Map.entry("1.2.840.10040.4.3", new Signing("DSA", "SHA1")),
            Map.entry("2.16.840.1.101.3.4.3.2", new Signing("DSA", "SHA256")),
            Map.entry("1.2.840.10045.4.1", new Signing("ECDSA", "SHA1")),
            Map.entry("1.2.840.10045.4.3.2", new Signing("ECDSA", "SHA256")),
            Map.entry("1.2.840.10045.4.3.3", new Signing("ECDSA", "SHA384")),
            Map.entry("1.2.840.10045.4.3.4", new Signing("ECDSA", "SHA512")),
            Map.entry(ED25519, new Signing("Ed25519", "")));

    private record Signing(String family, String digest) {

        /** As Java calls it. */
        String algorithm() {
            return digest.isEmpty() ? family : digest + (digest.endsWith("PSS") ? "" : "with" + family);
        }
    }

    /** @param parameters with tag and length; empty when there are none */
    private record Algorithm(String identifier, byte[] parameters) {}

    private RequestSyntax() {}

    /** @throws MalformedRequestException in upstream's words */
    static void check(byte[] request) throws MalformedRequestException {
        Der outside = new Der(request);
        Der whole = outside.expect(Der.SEQUENCE, "certificateRequest").inside();
        Value signed = whole.expect(Der.SEQUENCE, "tbsCertificateRequest");
        Der asked = signed.inside();
        Der.checkInteger(asked.expect(Der.INTEGER, "int").content());
        Value subject = asked.any();
        Value keyInfo = asked.expect(Der.SEQUENCE, "publicKeyInfo");
        Der publicKey = keyInfo.inside();
        Algorithm keyType = algorithm(publicKey);
        byte[] key = publicKey.bits();
        List<Value> attributes = asked.expectTagged(0).inside().all(-1);
        Algorithm algorithm = algorithm(whole);
        byte[] signature = whole.bits();
        if (!outside.atEnd()) {
            throw MalformedRequestException.syntax("trailing data");
        }
        String family = checkKey(keyType, key);
        checkName(new Der(subject.whole()));
        checkExtensions(attributes);
        Signing signing = signing(algorithm, family, key);
        if (!RequestSignature.holds(signing.algorithm(), keyInfo.whole(), signed.whole(), signature)) {
            throw new MalformedRequestException(
                    family.equals("RSA")
                            ? "crypto/rsa: verification error"
                            : "x509: %s verification failure".formatted(family));
        }
    }

    private static Algorithm algorithm(Der in) throws MalformedRequestException {
        Der algorithm = in.expect(Der.SEQUENCE, "AlgorithmIdentifier").inside();
        String identifier = algorithm.objectIdentifier();
        return new Algorithm(
                identifier, algorithm.atEnd() ? new byte[0] : algorithm.any().whole());
    }

    /** @return the family of the key; empty for one that nobody knows */
    private static String checkKey(Algorithm type, byte[] key) throws MalformedRequestException {
        return switch (type.identifier()) {
            case RSA -> {
                checkRsa(type.parameters(), key);
                yield "RSA";
            }
            case ECDSA -> {
                checkPoint(type.parameters(), key);
                yield "ECDSA";
            }
            case ED25519 -> {
                if (type.parameters().length > 0) {
                    throw new MalformedRequestException("x509: Ed25519 key encoded with illegal parameters");
                }
                if (key.length != 32) {
                    throw new MalformedRequestException("x509: wrong Ed25519 public key size");
                }
                yield "Ed25519";
            }
            case DSA -> {
                if (strict(new Der(key), Der.INTEGER).isEmpty()) {
                    throw new MalformedRequestException("x509: invalid DSA public key");
                }
                yield "DSA";
            }
            default -> "";
        };
    }

    private static void checkRsa(byte[] parameters, byte[] key) throws MalformedRequestException {
        if (!Arrays.equals(parameters, NULL)) {
            throw new MalformedRequestException("x509: RSA key missing NULL parameters");
        }
        Der numbers = strict(new Der(key), Der.SEQUENCE)
                .orElseThrow(() -> new MalformedRequestException("x509: invalid RSA public key"))
                .inside();
        BigInteger modulus =
                integer(numbers).orElseThrow(() -> new MalformedRequestException("x509: invalid RSA modulus"));
        BigInteger exponent = integer(numbers)
                .filter(number -> number.bitLength() < 64)
                .orElseThrow(() -> new MalformedRequestException("x509: invalid RSA public exponent"));
        if (modulus.signum() <= 0) {
            throw new MalformedRequestException("x509: RSA modulus is not a positive number");
        }
        if (exponent.signum() <= 0) {
            throw new MalformedRequestException("x509: RSA public exponent is not a positive number");
        }
    }

    private static void checkPoint(byte[] parameters, byte[] key) throws MalformedRequestException {
        Value curve = strict(new Der(parameters), Der.OBJECT_IDENTIFIER)
                .orElseThrow(() -> new MalformedRequestException("x509: invalid ECDSA parameters"));
        String identifier = identifier(curve.content());
        String name = CURVES.get(identifier);
        if (name == null) {
            throw new MalformedRequestException("x509: unsupported elliptic curve");
        }
        if (key.length == 0 || key[0] != 4) {
            throw new MalformedRequestException("ecdsa: invalid uncompressed public key");
        }
        if (key.length != 1 + 2 * LENGTHS.getOrDefault(name, 0)) {
            throw new MalformedRequestException("invalid " + name + " point encoding");
        }
        try {
            CustomNamedCurves.getByOID(new ASN1ObjectIdentifier(identifier))
                    .getCurve()
                    .decodePoint(key);
        } catch (IllegalArgumentException e) {
            throw new MalformedRequestException(name + " point not on curve");
        }
    }

    private static String identifier(byte[] curve) throws MalformedRequestException {
        try {
            return Der.objectIdentifier(curve);
        } catch (MalformedRequestException e) {
            throw new MalformedRequestException("x509: invalid ECDSA parameters");
        }
    }

    private static Optional<BigInteger> integer(Der numbers) {
        return strict(numbers, Der.INTEGER).map(value -> new BigInteger(value.content()));
    }

    /** For what upstream reads by a stricter library, which does not say what is wrong. */
    private static Optional<Value> strict(Der in, int tag) {
        try {
            Value value = in.any();
            boolean good = value.is(tag)
                    && value.compound() == (tag == Der.SEQUENCE)
                    && (tag != Der.INTEGER || (value.content().length > 0 && Der.isMinimal(value.content())));
            return good ? Optional.of(value) : Optional.empty();
        } catch (MalformedRequestException e) {
            return Optional.empty();
        }
    }

    private static void checkName(Der subject) throws MalformedRequestException {
        for (Value set : subject.expect(Der.SEQUENCE, "RDNSequence").inside().all(Der.SET)) {
            for (Value pair : set.inside().all(Der.SEQUENCE)) {
                Der parts = pair.inside();
                parts.objectIdentifier();
                Der.checkText(parts.any());
            }
        }
    }

    /** Attributes that cannot be read are passed over, the extensions in one that can be are not. */
    private static void checkExtensions(List<Value> attributes) throws MalformedRequestException {
        Set<String> seen = new HashSet<>();
        List<byte[]> names = new ArrayList<>();
        for (Value attribute : attributes) {
            Optional<Value> requested = requested(attribute);
            if (requested.isEmpty()) {
                continue;
            }
            Der list = new Der(requested.get().whole());
            for (Value extension : list.expect(Der.SEQUENCE, "").inside().all(Der.SEQUENCE)) {
                Der parts = extension.inside();
                String identifier = parts.objectIdentifier();
                if (parts.isNext(Der.BOOLEAN)) {
                    Der.checkBoolean(parts.any().content());
                }
                byte[] value = parts.expect(Der.OCTET_STRING, "").content();
                if (!seen.add(identifier)) {
                    throw new MalformedRequestException(
                            "x509: certificate request contains duplicate requested extensions");
                }
                if (identifier.equals(ALTERNATIVE_NAMES)) {
                    names.add(value);
                }
            }
        }
        for (byte[] extension : names) {
            checkAlternativeNames(extension);
        }
    }

    private static Optional<Value> requested(Value attribute) {
        try {
            Der parts = new Der(attribute.whole()).expect(Der.SEQUENCE, "").inside();
            String identifier = parts.objectIdentifier();
            List<Value> values = parts.expect(Der.SET, "").inside().all(-1);
            return identifier.equals(EXTENSION_REQUEST) ? values.stream().findFirst() : Optional.empty();
        } catch (MalformedRequestException unreadable) {
            return Optional.empty();
        }
    }

    private static void checkAlternativeNames(byte[] extension) throws MalformedRequestException {
        Der names = strict(new Der(extension), Der.SEQUENCE)
                .orElseThrow(() -> new MalformedRequestException("x509: invalid subject alternative names"))
                .inside();
        while (!names.atEnd()) {
            Value name;
            try {
                name = names.any();
            } catch (MalformedRequestException e) {
                throw new MalformedRequestException("x509: invalid subject alternative name");
            }
            if (name.kind() == 2 && !name.compound()) {
                checkAlternativeName(name.tag(), name.content());
            }
        }
    }

    private static void checkAlternativeName(int type, byte[] name) throws MalformedRequestException {
        boolean plain = true;
        for (byte octet : name) {
            plain &= octet >= 0;
        }
        switch (type) {
            case 1 -> require(plain, "x509: SAN rfc822Name is malformed");
            case 2 -> require(plain, "x509: SAN dNSName is malformed");
            case 6 -> {
                require(plain, "x509: SAN uniformResourceIdentifier is malformed");
                checkAddress(new String(name, StandardCharsets.US_ASCII));
            }
            case 7 ->
                require(
                        name.length == 4 || name.length == 16,
                        "x509: cannot parse IP address of length " + name.length);
            default -> {
                // Says nothing to anybody here.
            }
        }
    }

    /** Of what can be wrong with a URI: what people get wrong. */
    private static void checkAddress(String address) throws MalformedRequestException {
        Optional<String> problem = problem(address);
        if (problem.isPresent()) {
            String shown = GoQuote.quote(address);
            throw new MalformedRequestException(
                    "x509: cannot parse URI %s: parse %s: %s".formatted(shown, shown, problem.get()));
        }
        Matcher host = HOST.matcher(address);
        require(
                !host.find() || !host.group(1).contains(".."),
                "x509: cannot parse URI " + GoQuote.quote(address) + ": invalid domain");
    }

    private static Optional<String> problem(String address) {
        if (address.chars().anyMatch(character -> character < ' ' || character == 0x7f)) {
            return Optional.of("net/url: invalid control character in URL");
        }
        if (address.startsWith(":")) {
            return Optional.of("missing protocol scheme");
        }
        if (!SCHEME.matcher(address).find() && address.split("/", 2)[0].contains(":")) {
            return Optional.of("first path segment in URL cannot contain colon");
        }
        Matcher host = HOST.matcher(address);
        if (host.find() && !host.group(2).matches("(:[0-9]*)?")) {
            return Optional.of("invalid port %s after host".formatted(GoQuote.quote(host.group(2))));
        }
        return Optional.empty();
    }

    private static Signing signing(Algorithm algorithm, String family, byte[] key) throws MalformedRequestException {
        Signing signing = algorithm.identifier().equals(PSS)
                ? RequestSignature.pss(algorithm.parameters())
                        .map(name -> new Signing("RSA", name))
                        .orElse(null)
                : SIGNATURES.get(algorithm.identifier());
        boolean bare = !algorithm.identifier().equals(ED25519) || algorithm.parameters().length == 0;
        if (signing == null || !bare) {
            throw new MalformedRequestException("x509: cannot verify signature: algorithm unimplemented");
        }
        require(
                !signing.digest().equals("MD5"),
                "x509: cannot verify signature: insecure algorithm MD5-" + signing.family());
        require(!family.isEmpty() && !family.equals("DSA"), "x509: cannot verify signature: algorithm unimplemented");
        require(
                signing.family().equals(family),
                "x509: signature algorithm specifies an %s public key, but have public key of type %s"
                        .formatted(signing.family(), goType(family)));
        if (family.equals("RSA")) {
            checkStrength(new Der(key).any().inside());
        }
        return signing;
    }

    /** Keys that upstream's library does not verify by. */
    private static void checkStrength(Der numbers) throws MalformedRequestException {
        BigInteger modulus = integer(numbers).orElse(BigInteger.ZERO);
        BigInteger exponent = integer(numbers).orElse(BigInteger.ZERO);
        require(
                modulus.bitLength() >= 1024,
                "crypto/rsa: %d-bit keys are insecure (see https://go.dev/pkg/crypto/rsa#hdr-Minimum_key_size)"
                        .formatted(modulus.bitLength()));
        require(modulus.testBit(0), "crypto/rsa: public modulus is even");
        require(exponent.compareTo(BigInteger.TWO) >= 0, "crypto/rsa: public exponent too small or negative");
        require(exponent.testBit(0), "crypto/rsa: public exponent is even");
        require(exponent.bitLength() < 32, "crypto/rsa: public exponent too large");
    }

    private static String goType(String family) {
        return switch (family) {
            case "RSA" -> "*rsa.PublicKey";
            case "ECDSA" -> "*ecdsa.PublicKey";
            default -> "ed25519.PublicKey";
        };
    }

    private static void require(boolean good, String otherwise) throws MalformedRequestException {
        if (!good) {
            throw new MalformedRequestException(otherwise);
        }
    }
}
