package org.apache.coyote.http2;

import org.apache.coyote.Adapter;
import org.apache.coyote.Request;
import org.apache.coyote.http11.upgrade.InternalHttpUpgradeHandler;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;

/** HTTP/2 in which the small frames that many streams of a connection send at the same time leave together. */
public final class GatheringHttp2Protocol extends Http2Protocol {

    @Override
    @SuppressWarnings(
            "NullAway") // Tomcat has no request where the connection began as HTTP/2, and does not annotate it.
    public InternalHttpUpgradeHandler getInternalUpgradeHandler(
            SocketWrapperBase<?> socket, Adapter adapter, @Nullable Request request) {
        return socket.hasAsyncIO()
                ? new GatheringUpgradeHandler(this, adapter, request, socket)
                : super.getInternalUpgradeHandler(socket, adapter, request);
    }
}
