package io.quarterdeck.node.server;

import io.quarterdeck.node.host.AnyCertificate;
import io.quarterdeck.node.identity.NodeCertificate;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
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

    private final Supplier<NodeCertificate> certificate;
    private final List<AbstractHttp11Protocol<?>> protocols = new CopyOnWriteArrayList<>();

    /** @param certificate asked at the start, and when it is {@link #renewed} */
    public NodeServerTls(Supplier<NodeCertificate> certificate) {
        this.certificate = certificate;
    }

    @Override
    public void customize(TomcatServletWebServerFactory factory) {
        factory.addConnectorCustomizers(this::secure);
    }

    /** Read here, because Tomcat's own reader does not take every form of an EC key. */
    private KeyStore keyStore() {
        try {
            NodeCertificate own = certificate.get();
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry(
                    "node", own.key(), IN_MEMORY.toCharArray(), own.chain().toArray(X509Certificate[]::new));
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
            protocols.add(protocol);
            protocol.addSslHostConfig(host());
        }
    }

    private SSLHostConfig host() {
        SSLHostConfig host = new SSLHostConfig();
        host.setProtocols("TLSv1.2+TLSv1.3");
        host.setCertificateVerification(CertificateVerification.OPTIONAL.name());
        host.setTrustManagerClassName(AnyCertificate.class.getName());
        SSLHostConfigCertificate own = new SSLHostConfigCertificate(host, Type.UNDEFINED);
        own.setCertificateKeystore(keyStore());
        own.setCertificateKeystorePassword(IN_MEMORY);
        host.addCertificate(own);
        return host;
    }

    /** Takes over a new certificate for connections from now on. */
    public void renewed() {
        protocols.forEach(protocol -> protocol.addSslHostConfig(host(), true));
    }
}
