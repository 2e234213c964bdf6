package io.quarterdeck.node.host;

import java.security.cert.X509Certificate;
import javax.net.ssl.X509TrustManager;

/**
 * Takes every certificate in the handshake. Of callers, since they are verified afterwards, so that an unknown one is
 * answered with 401 and not with a broken connection (Tomcat makes it by name); of probed containers, since upstream does
 * not verify theirs either.
 */
public final class AnyCertificate implements X509TrustManager {

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }
}
