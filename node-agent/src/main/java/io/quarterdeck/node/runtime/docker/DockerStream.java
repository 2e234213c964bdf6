package io.quarterdeck.node.runtime.docker;

import io.quarterdeck.node.runtime.ContainerStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.function.IntSupplier;
import java.util.function.ObjIntConsumer;

/**
 * A process's streams over one upgraded connection. Without a terminal, Docker frames the output: one byte for the
 * stream, three zero bytes, four bytes of length, then the bytes.
 */
final class DockerStream implements ContainerStream {

    private static final int STDERR = 2;

    private final DockerSocket socket;
    private final boolean tty;
    private final ObjIntConsumer<Integer> resize;
    private final IntSupplier exitCode;

    DockerStream(DockerSocket socket, boolean tty, ObjIntConsumer<Integer> resize, IntSupplier exitCode) {
        this.socket = socket;
        this.tty = tty;
        this.resize = resize;
        this.exitCode = exitCode;
    }

    @Override
    public OutputStream stdin() {
        return socket.output();
    }

    @Override
    public void endStdin() throws IOException {
        socket.endOutput();
    }

    @Override
    public void copyOutput(OutputStream stdout, OutputStream stderr) throws IOException {
        InputStream in = socket.input();
        byte[] buffer = new byte[16 * 1024];
        if (tty) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                stdout.write(buffer, 0, n);
                stdout.flush();
            }
            return;
        }
        DataInputStream frames = new DataInputStream(in);
        while (true) {
            int stream = frames.read();
            if (stream < 0) {
                return;
            }
            try {
                frames.readFully(buffer, 0, 3);
                int left = frames.readInt();
                OutputStream target = stream == STDERR ? stderr : stdout;
                while (left > 0) {
                    int n = frames.read(buffer, 0, Math.min(left, buffer.length));
                    if (n < 0) {
                        return;
                    }
                    target.write(buffer, 0, n);
                    left -= n;
                }
                target.flush();
            } catch (EOFException cutShort) {
                return;
            }
        }
    }

    @Override
    public void resize(int width, int height) {
        resize.accept(width, height);
    }

    @Override
    public int exitCode() {
        return exitCode.getAsInt();
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException alreadyGone) {
            // Closed is closed.
        }
    }
}
