package io.quarterdeck.api.proxy;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/** The content of a chunked HTTP/1.1 body. */
final class ChunkedInput extends InputStream {

    private final InputStream in;
    private long left;
    private boolean first = true;
    private boolean ended;

    ChunkedInput(InputStream in) {
        this.in = in;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (left == 0 && !ended) {
            nextChunk();
        }
        if (ended) {
            return -1;
        }
        int read = in.read(bytes, offset, (int) Math.min(length, left));
        if (read < 0) {
            throw new EOFException("the body ended within a chunk");
        }
        left -= read;
        return read;
    }

    private void nextChunk() throws IOException {
        if (!first) {
            line(in);
        }
        first = false;
        String size = line(in);
        int extension = size.indexOf(';');
        try {
            left = Long.parseLong((extension < 0 ? size : size.substring(0, extension)).trim(), 16);
        } catch (NumberFormatException e) {
            throw new IOException("no chunk size", e);
        }
        if (left == 0) {
            ended = true;
            while (!line(in).isEmpty()) {
                // trailers say nothing to us
            }
        }
    }

    /** @throws EOFException when nothing more comes: such a body is not whole */
    static String line(InputStream in) throws IOException {
        String line = AnswerHead.line(in);
        if (line == null) {
            throw new EOFException("the body ended between chunks");
        }
        return line;
    }
}
