package io.quarterdeck.node.runtime;

import java.io.IOException;
import java.io.OutputStream;

/** A process's standard streams. One thread may write while another copies. Closing ends both. */
public interface ContainerStream extends AutoCloseable {

    OutputStream stdin();

    /** Ends standard input; output goes on. */
    void endStdin() throws IOException;

    /** Copies output until the process ends or the stream is closed. With a terminal everything goes to {@code stdout}. */
    void copyOutput(OutputStream stdout, OutputStream stderr) throws IOException;

    void resize(int width, int height);

    /** Of an executed command whose output has ended; of an attached container always 0. */
    int exitCode();

    @Override
    void close();
}
