package io.quarterdeck.api.http;

import jakarta.servlet.http.HttpUpgradeHandler;
import jakarta.servlet.http.WebConnection;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The container's side of a connection that left HTTP behind. */
public final class TunnelUpgrade implements HttpUpgradeHandler {

    private static final Logger log = LoggerFactory.getLogger(TunnelUpgrade.class);

    private Exchange.@Nullable Tunnel tunnel;

    void carry(Exchange.Tunnel carried) {
        this.tunnel = carried;
    }

    @Override
    public void init(WebConnection connection) {
        // Stays on the container's (virtual) thread: the poller must not read beside the tunnel.
        try (connection) {
            Objects.requireNonNull(tunnel).run(connection.getInputStream(), connection.getOutputStream());
        } catch (Exception e) {
            log.debug("tunnel ended: {}", e.toString());
        }
    }

    @Override
    public void destroy() {}
}
