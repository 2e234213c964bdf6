package io.quarterdeck.api.http;

import java.nio.file.Path;
import org.apache.catalina.connector.Connector;
import org.apache.coyote.http11.AbstractHttp11Protocol;
import org.apache.coyote.http2.GatheringHttp2Protocol;
import org.apache.coyote.http2.Http2Protocol;
import org.apache.tomcat.util.buf.EncodedSolidusHandling;
import org.apache.tomcat.util.net.SSLHostConfig;
import org.apache.tomcat.util.net.SSLHostConfigCertificate;
import org.springframework.boot.tomcat.TomcatConnectorCustomizer;

/** The container's connector as Kubernetes clients need it: TLS, HTTP/2 for hundreds of watches, paths left alone. */
final class ApiConnector implements TomcatConnectorCustomizer {

    private static final int HEADER_BYTES = 64 * 1024;
    private static final int STREAMS = 2000;
    private static final int CONNECTIONS = 50_000;

    /**
     * What a client may send ahead of who reads it: two buffers of this size are held for each stream with a body, before
     * anybody has looked at who asks. Less than this would be overrun by clients that do not wait for our settings.
     */
    private static final int WINDOW_BYTES = 65_535;

    private static final int IDLE_MILLIS = 180_000;

    private final Path certificate;
    private final Path key;

    ApiConnector(Path certificate, Path key) {
        this.certificate = certificate;
        this.key = key;
    }

    @Override
    public void customize(Connector connector) {
        connector.setScheme("https");
        connector.setSecure(true);
        connector.setAllowTrace(true);
        connector.setEncodedSolidusHandling(EncodedSolidusHandling.PASS_THROUGH.getValue());
        connector.setEncodedReverseSolidusHandling(EncodedSolidusHandling.PASS_THROUGH.getValue());
        connector.setXpoweredBy(false);
        AbstractHttp11Protocol<?> http = (AbstractHttp11Protocol<?>) connector.getProtocolHandler();
        http.setMaxHttpHeaderSize(HEADER_BYTES);
        http.setMaxHttpRequestHeaderSize(HEADER_BYTES);
        http.setRelaxedPathChars("\"<>[\\]^`{|}");
        http.setRelaxedQueryChars("\"<>[\\]^`{|}");
        http.setMaxKeepAliveRequests(-1);
        http.setKeepAliveTimeout(IDLE_MILLIS);
        http.setMaxConnections(CONNECTIONS);
        http.setAcceptCount(1024);
        http.setTcpNoDelay(true);
        http.setServerRemoveAppProvidedValues(true);
        http.setSSLEnabled(true);
        http.addSslHostConfig(tls());

        Http2Protocol http2 = new GatheringHttp2Protocol();
        http2.setMaxConcurrentStreams(STREAMS);
        http2.setMaxConcurrentStreamExecution(STREAMS);
        http2.setInitialWindowSize(WINDOW_BYTES);
        http2.setMaxHeaderCount(1000);
        http2.setKeepAliveTimeout(IDLE_MILLIS);
        // Watches are streams that neither read nor write for minutes.
        http2.setStreamReadTimeout(-1);
        http2.setReadTimeout(30_000);
        http2.setOverheadCountFactor(1);
        // A request earns 20. So who takes back what was just asked, over and over, is cut off at once
        // (CVE-2023-44487), and
        // who has worked for a while may cancel many watches together.
        http2.setOverheadResetFactor(21);
        connector.addUpgradeProtocol(http2);
    }

    private SSLHostConfig tls() {
        SSLHostConfig host = new SSLHostConfig();
        host.setProtocols("TLSv1.2+TLSv1.3");
        // Any certificate passes the handshake; the authenticators judge it, so that an unknown one is a 401.
        host.setCertificateVerification("optional");
        host.setTrustManagerClassName(UnjudgedCertificates.class.getName());
        SSLHostConfigCertificate own = new SSLHostConfigCertificate(host, SSLHostConfigCertificate.Type.UNDEFINED);
        own.setCertificateKeystore(KeyFiles.store(certificate, key));
        own.setCertificateKeystorePassword(KeyFiles.PASSWORD);
        own.setCertificateKeyAlias(KeyFiles.ALIAS);
        host.addCertificate(own);
        return host;
    }
}
