package io.quarterdeck.node.identity;

import io.quarterdeck.pki.CertificateFiles;
import io.quarterdeck.pki.Pem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * One certificate's files under the kubelet's names: {@code NAME-TIME.pem} holds a certificate and its key, and the link
 * {@code NAME-current.pem} leads to the newest. A new one is there at once and whole, or not at all (0600).
 */
final class CertificateStore {

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd-HH-mm-ss").withZone(ZoneOffset.UTC);

    private final Path directory;
    private final String name;

    CertificateStore(Path directory, String name) {
        this.directory = directory;
        this.name = name;
    }

    Path currentPath() {
        return directory.resolve(name + "-current.pem").toAbsolutePath();
    }

    /** Empty when there is none, or none that can be read. */
    Optional<NodeCertificate> current() {
        if (!Files.exists(currentPath())) {
            return Optional.empty();
        }
        try {
            return Optional.of(NodeCertificate.read(currentPath(), currentPath()));
        } catch (IllegalArgumentException unreadable) {
            return Optional.empty();
        }
    }

    /** @throws NotIssuedException when the certificate is for another key */
    NodeCertificate replace(String chainPem, KeyPair keys, Instant now) throws NotIssuedException {
        List<X509Certificate> chain;
        try {
            chain = Pem.certificates(chainPem);
        } catch (IllegalArgumentException malformed) {
            throw new NotIssuedException("what the signer issued is no certificate");
        }
        if (!Arrays.equals(
                chain.getFirst().getPublicKey().getEncoded(), keys.getPublic().getEncoded())) {
            throw new NotIssuedException("the certificate that was issued is for another key");
        }
        CertificateFiles.privateDirectory(directory);
        Path file = directory.resolve(name + "-" + TIME.format(now) + ".pem");
        CertificateFiles.writeSecret(
                file,
                chain.stream().map(Pem::encode).collect(Collectors.joining())
                        + Pem.encodeForClients(keys.getPrivate()));
        try {
            Path link = directory.resolve("." + name + "-current.pem.new");
            Files.deleteIfExists(link);
            Files.createSymbolicLink(link, file.getFileName());
            Files.move(link, currentPath(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException("writing " + currentPath(), e);
        }
        return new NodeCertificate(chain, keys.getPrivate());
    }
}
