package io.quarterdeck.node.server.streams;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;

/**
 * What a client of exec or attach has opened, whatever the protocol. Output streams exist only when they were asked for.
 */
public interface RemoteStreams {

    Optional<InputStream> stdin();

    OutputStream stdout();

    OutputStream stderr();

    /** Blocks until the next size or the end of the connection, which is empty. */
    Optional<Size> nextSize() throws IOException;

    /** Says how it ended and closes. The JSON is a {@code Status}; protocols before v4 get plain text of failures only. */
    void finish(String statusJson, Optional<String> plainError) throws IOException;

    record Size(int width, int height) {}
}
