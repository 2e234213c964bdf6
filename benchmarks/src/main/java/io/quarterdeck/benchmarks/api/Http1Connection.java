package io.quarterdeck.benchmarks.api;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** HTTP/1.1 with keep-alive, as little of it as API servers answer with. */
final class Http1Connection implements Connection {

    private final Socket socket;
    private final InputStream in;
    private final String common;
    private final byte[] buffer = new byte[64 * 1024];
    private int at;
    private int end;
    private volatile long pieces;

    Http1Connection(Socket socket, String authority, String authorization) throws IOException {
        this.socket = socket;
        this.in = socket.getInputStream();
        this.common = "Host: " + authority + "\r\n"
                + (authorization.isEmpty() ? "" : "Authorization: " + authorization + "\r\n")
                + "User-Agent: quarterdeck-benchmarks\r\n";
    }

    @Override
    public Answer call(Call call, Sink sink) throws IOException {
        send(call);
        return receive(sink);
    }

    void send(Call call) throws IOException {
        StringBuilder head = new StringBuilder(256)
                .append(call.method())
                .append(' ')
                .append(call.path())
                .append(" HTTP/1.1\r\n")
                .append(common)
                .append("Accept: ")
                .append(call.accept())
                .append("\r\n");
        if (call.gzip()) {
            head.append("Accept-Encoding: gzip\r\n");
        }
        if (call.body().length > 0) {
            head.append("Content-Type: ").append(call.contentType()).append("\r\n");
        }
        if (call.body().length > 0 || !call.method().equals("GET")) {
            head.append("Content-Length: ").append(call.body().length).append("\r\n");
        }
        byte[] top = head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
        byte[] whole = new byte[top.length + call.body().length];
        System.arraycopy(top, 0, whole, 0, top.length);
        System.arraycopy(call.body(), 0, whole, top.length, call.body().length);
        socket.getOutputStream().write(whole);
    }

    Answer receive(Sink sink) throws IOException {
        String status = line();
        int code = Integer.parseInt(status.substring(9, 12));
        long length = 0;
        boolean chunked = false;
        for (String header = line(); !header.isEmpty(); header = line()) {
            String lower = header.toLowerCase(Locale.ROOT);
            if (lower.startsWith("content-length:")) {
                length = Long.parseLong(lower.substring(15).trim());
            } else if (lower.startsWith("transfer-encoding:") && lower.contains("chunked")) {
                chunked = true;
            }
        }
        if (!chunked) {
            pass(length, sink);
            pieces++;
            return new Answer(code, length);
        }
        long total = 0;
        while (true) {
            long size = Long.parseLong(line(), 16);
            if (size == 0) {
                line();
                return new Answer(code, total);
            }
            pieces++;
            pass(size, sink);
            line();
            total += size;
        }
    }

    private void pass(long length, Sink sink) throws IOException {
        long left = length;
        while (left > 0) {
            if (at == end) {
                fill();
            }
            int some = (int) Math.min(left, end - at);
            sink.data(buffer, at, some);
            at += some;
            left -= some;
        }
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder(64);
        while (true) {
            if (at == end) {
                fill();
            }
            byte b = buffer[at++];
            if (b == '\n') {
                line.setLength(line.length() - 1);
                return line.toString();
            }
            line.append((char) b);
        }
    }

    private void fill() throws IOException {
        at = 0;
        end = in.read(buffer);
        if (end <= 0) {
            end = 0;
            throw new EOFException("the server closed the connection");
        }
    }

    @Override
    public long pieces() {
        return pieces;
    }

    @Override
    public void close() {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException gone) {
            // It is closed.
        }
    }
}
