package io.quarterdeck.node.server;

import java.nio.file.Path;
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
            own.setCertificateFile(certificate.toString());
            own.setCertificateKeyFile(key.toString());
            host.addCertificate(own);
            protocol.addSslHostConfig(host);
        }
    }
}
