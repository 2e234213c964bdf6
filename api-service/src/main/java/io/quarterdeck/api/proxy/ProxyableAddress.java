package io.quarterdeck.api.proxy;

import io.quarterdeck.model.StatusException;
import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * Addresses that users may have this server connect to: none of its own and none of its link. A name is resolved once, and
 * the connection goes to the address that was judged, so that no second answer of the DNS can lead elsewhere.
 */
final class ProxyableAddress {

    private ProxyableAddress() {}

    /** @throws StatusException 400 when the host is none to connect to */
    static String of(String host) {
        try {
            InetAddress address = InetAddress.getByName(host);
            if (host.isEmpty()
                    || address.isLoopbackAddress()
                    || address.isLinkLocalAddress()
                    || address.isAnyLocalAddress()
                    || address.isMulticastAddress()) {
                throw StatusException.badRequest("address not allowed");
            }
            return address.getHostAddress();
        } catch (UnknownHostException unknown) {
            throw StatusException.badRequest("address not allowed");
        }
    }
}
