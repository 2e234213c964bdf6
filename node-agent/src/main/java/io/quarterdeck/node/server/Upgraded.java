package io.quarterdeck.node.server;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpUpgradeHandler;
import jakarta.servlet.http.WebConnection;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes a connection out of HTTP's hands and gives its bytes to somebody else, on a virtual thread. */
public final class Upgraded implements HttpUpgradeHandler {

    private static final Logger LOG = LoggerFactory.getLogger(Upgraded.class);

    interface Conversation {
        void hold(InputStream in, OutputStream out) throws IOException;
    }

    private @Nullable Conversation conversation;

    /** The response's headers must have been set; the container adds the status 101. */
    static void begin(HttpServletRequest request, Conversation conversation) throws IOException, ServletException {
        request.upgrade(Upgraded.class).conversation = conversation;
    }

    @Override
    public void init(WebConnection connection) {
        Conversation held = conversation;
        Thread.ofVirtual().name("upgraded").start(() -> {
            try (connection) {
                if (held != null) {
                    // Buffered not only for speed: the container's stream blocks when asked for zero bytes.
                    held.hold(new BufferedInputStream(connection.getInputStream()), connection.getOutputStream());
                }
            } catch (IOException clientLeft) {
                LOG.debug("A stream ended: {}", clientLeft.getMessage());
            } catch (Exception e) {
                LOG.warn("A stream ended", e);
            }
        });
    }

    @Override
    public void destroy() {}
}
