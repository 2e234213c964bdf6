package io.quarterdeck.node.server;

import io.quarterdeck.node.host.AnyCertificate;
import io.quarterdeck.pki.Pem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import org.apache.catalina.connector.Connector;
import org.apache.coyote.http11.AbstractHttp11Protocol;
import org.apache.tomcat.util.net.SSLHostConfig;
import org.apache.tomcat.util.net.SSLHostConfig.CertificateVerification;
import org.apache.tomcat.util.net.SSLHostConfigCertificate;
import org.apache.tomcat.util.net.SSLHostConfigCertificate.Type;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;

/** TLS for the node's port: its own certificate, and a client's asked for but verified later. */
public final class NodeServerTls implements WebServerFactoryCustomizer<TomcatServletWebServerFactory> {

    private static final int MAX_HEADER = 64 * 1024;

    /** A key store wants a password; this one is never written anywhere. */
    private static final String IN_MEMORY = "in-memory";

    private final Path certificate;
    private final Path key;

    public NodeServerTls(Path certificate, Path key) {
        this.certificate = certificate;
        this.key = key;
    }

    @Override
    public void customize(TomcatServletWebServerFactory factory) {
        factory.addConnectorCustomizers(this::secure);
    }

    /** Read here, because Tomcat's own reader does not take every form of an EC key. */
    private KeyStore keyStore() {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry(
                    "node",
                    Pem.privateKey(Files.readString(key)),
                    IN_MEMORY.toCharArray(),
                    Pem.certificates(Files.readString(certificate)).toArray(X509Certificate[]::new));
            return store;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the node's certificate and key do not serve", e);
        }
    }

    private void secure(Connector connector) {
        connector.setScheme("https");
        connector.setSecure(true);
        if (connector.getProtocolHandler() instanceof AbstractHttp11Protocol<?> protocol) {
            protocol.setSSLEnabled(true);
            protocol.setMaxHttpRequestHeaderSize(MAX_HEADER);
            SSLHostConfig host = new SSLHostConfig();
            host.setProtocols("TLSv1.2+TLSv1.3");
            host.setCertificateVerification(CertificateVerification.OPTIONAL.name());
            host.setTrustManagerClassName(AnyCertificate.class.getName());
            SSLHostConfigCertificate own = new SSLHostConfigCertificate(host, Type.UNDEFINED);
            own.setCertificateKeystore(keyStore());
            own.setCertificateKeystorePassword(IN_MEMORY);
            host.addCertificate(own);
            protocol.addSslHostConfig(host);
        }
    }
}
