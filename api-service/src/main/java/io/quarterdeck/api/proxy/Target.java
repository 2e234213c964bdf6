package io.quarterdeck.api.proxy;

/**
 * Where a connection goes.
 *
 * @param tls whether the far side speaks TLS
 * @param judged whether its certificate must come from the kubelets' authority
 * @param path undecoded, with query
 */
record Target(String host, int port, boolean tls, boolean judged, String path) {

    String authority() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
