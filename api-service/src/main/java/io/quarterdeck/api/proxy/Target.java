package io.quarterdeck.api.proxy;

import java.util.List;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Where a connection goes.
 *
 * @param tls whether the far side speaks TLS
 * @param judged whether its certificate must come from the kubelets' authority
 * @param path undecoded, with query
 * @param peer how the far side is spoken to when it is an API server of its own
 */
record Target(
        String host,
        int port,
        boolean tls,
        boolean judged,
        String path,
        @Nullable Peer peer) {

    /**
     * @param tls our certificate, and whom to believe
     * @param serverName what the far side's certificate must name; nothing is asked of it when empty
     * @param headers the user on whose behalf we ask, and nothing else of who we are
     */
    record Peer(SSLContext tls, String serverName, List<String[]> headers) {}

    Target(String host, int port, boolean tls, boolean judged, String path) {
        this(host, port, tls, judged, path, null);
    }

    String authority() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
