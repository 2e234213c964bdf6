package io.quarterdeck.node.server.streams;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * Header blocks of SPDY/3: counted names and values, compressed with a dictionary that the specification gives, one
 * compression context for all blocks of one direction.
 */
final class SpdyHeaders {

    private static final int MAX_BLOCK = 64 * 1024;

    /** SPDY Protocol, draft 3, section 2.6.10.1: these words, each with its length before it, then the tail. */
    private static final String[] WORDS = {
        "options",
        "head",
        "post",
        "put",
        "delete",
        "trace",
        "accept",
        "accept-charset",
        "accept-encoding",
        "accept-language",
        "accept-ranges",
        "age",
        "allow",
        "authorization",
        "cache-control",
        "connection",
        "content-base",
        "content-encoding",
        "content-language",
        "content-length",
        "content-location",
        "content-md5",
        "content-range",
        "content-type",
        "date",
        "etag",
        "expect",
        "expires",
        "from",
        "host",
        "if-match",
        "if-modified-since",
        "if-none-match",
        "if-range",
        "if-unmodified-since",
        "last-modified",
        "location",
        "max-forwards",
        "pragma",
        "proxy-authenticate",
        "proxy-authorization",
        "range",
        "referer",
        "retry-after",
        "server",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "user-agent",
        "vary",
        "via",
        "warning",
        "www-authenticate",
        "method",
        "get",
        "status",
        "200 OK",
        "version",
        "HTTP/1.1",
        "url",
        "public",
        "set-cookie",
        "keep-alive",
        "origin"
    };

    private static final String TAIL =
            "100101201202205206300302303304305306307402405406407408409410411412413414415416417"
                    + "502504505203 Non-Authoritative Information204 No Content301 Moved Permanently400 Bad Request"
                    + "401 Unauthorized403 Forbidden404 Not Found500 Internal Server Error501 Not Implemented"
                    + "503 Service UnavailableJan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 "
                    + "Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMTchunked,text/html,image/png,image/jpg,image/gif,"
                    + "application/xml,application/xhtml+xml,text/plain,text/javascript,publicprivatemax-age="
                    + "gzip,deflate,sdchcharset=utf-8charset=iso-8859-1,utf-,*,enq=0.";

    static final byte[] DICTIONARY = dictionary();

    private final Inflater inflater = new Inflater();
    private final Deflater deflater = new Deflater();

    SpdyHeaders() {
        deflater.setDictionary(DICTIONARY);
    }

    private static byte[] dictionary() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (String word : WORDS) {
            bytes.writeBytes(new byte[] {0, 0, 0, (byte) word.length()});
            bytes.writeBytes(word.getBytes(StandardCharsets.US_ASCII));
        }
        bytes.writeBytes(TAIL.getBytes(StandardCharsets.US_ASCII));
        return bytes.toByteArray();
    }

    Map<String, String> read(byte[] block) throws IOException {
        byte[] plain = inflate(block);
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(plain));
        Map<String, String> headers = new LinkedHashMap<>();
        int count = in.readInt();
        for (int i = 0; i < count; i++) {
            String name = text(in).toLowerCase(Locale.ROOT);
            headers.put(name, text(in));
        }
        return headers;
    }

    private static String text(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > MAX_BLOCK) {
            throw new IOException("malformed SPDY header");
        }
        return new String(in.readNBytes(length), StandardCharsets.UTF_8);
    }

    private byte[] inflate(byte[] block) throws IOException {
        ByteArrayOutputStream plain = new ByteArrayOutputStream();
        byte[] buffer = new byte[4096];
        inflater.setInput(block);
        try {
            while (true) {
                int n = inflater.inflate(buffer);
                plain.write(buffer, 0, n);
                if (plain.size() > MAX_BLOCK) {
                    throw new IOException("SPDY header block too large");
                }
                if (n == 0) {
                    if (inflater.needsDictionary()) {
                        inflater.setDictionary(DICTIONARY);
                    } else {
                        return plain.toByteArray();
                    }
                }
            }
        } catch (DataFormatException e) {
            throw new IOException("malformed SPDY header block", e);
        }
    }

    byte[] write(Map<String, String> headers) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeInt(headers.size());
        for (Map.Entry<String, String> header : headers.entrySet()) {
            for (String text : new String[] {header.getKey(), header.getValue()}) {
                byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
                out.writeInt(encoded.length);
                out.write(encoded);
            }
        }
        deflater.setInput(bytes.toByteArray());
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        byte[] buffer = new byte[4096];
        int n;
        do {
            n = deflater.deflate(buffer, 0, buffer.length, Deflater.SYNC_FLUSH);
            compressed.write(buffer, 0, n);
        } while (n == buffer.length);
        return compressed.toByteArray();
    }

    void end() {
        inflater.end();
        deflater.end();
    }
}
