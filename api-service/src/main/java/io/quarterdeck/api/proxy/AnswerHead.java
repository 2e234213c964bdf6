package io.quarterdeck.api.proxy;

import io.quarterdeck.model.GoQuote;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The head of an HTTP/1.x answer, read and judged as Go's client does it: what is damaged is no answer. Immutable.
 *
 * @param headers name and value, in their order
 * @param length of the body; -1 when it is not told
 */
record AnswerHead(int status, List<String[]> headers, long length, boolean chunked) {

    private static final int LONGEST_LINE = 64 << 10;
    private static final int MOST_HEADERS = 1_000;
    private static final String BROKEN = "net/http: HTTP/1.x transport connection broken: ";
    private static final Pattern VERSION = Pattern.compile("HTTP/[0-9]\\.[0-9]");
    private static final Pattern NAME = Pattern.compile("[!#$%&'*+\\-.^_`|~0-9A-Za-z]+");

    /** @throws IOException in Go's words */
    static AnswerHead read(InputStream in) throws IOException {
        String first = line(in);
        if (first == null) {
            throw new EOFException("EOF");
        }
        int status = status(first);
        List<String[]> headers = headers(in);
        return new AnswerHead(status, headers, length(headers), chunked(headers));
    }

    private static int status(String line) throws IOException {
        int space = line.indexOf(' ');
        if (space < 0) {
            throw broken("malformed HTTP response " + GoQuote.quote(line));
        }
        String code = line.substring(space).stripLeading().split(" ", 2)[0];
        if (!code.matches("[1-9][0-9][0-9]")) {
            throw broken("malformed HTTP status code " + GoQuote.quote(code));
        }
        String version = line.substring(0, space);
        if (!VERSION.matcher(version).matches()) {
            throw broken("malformed HTTP version " + GoQuote.quote(version));
        }
        return Integer.parseInt(code);
    }

    private static List<String[]> headers(InputStream in) throws IOException {
        List<String[]> headers = new ArrayList<>();
        while (true) {
            String line = line(in);
            if (line == null) {
                throw broken("unexpected EOF");
            }
            if (line.isEmpty()) {
                return headers;
            }
            if (headers.size() == MOST_HEADERS) {
                throw broken("too many headers");
            }
            if ((line.startsWith(" ") || line.startsWith("\t")) && !headers.isEmpty()) {
                headers.getLast()[1] += " " + line.strip();
                continue;
            }
            int colon = line.indexOf(':');
            if (colon < 0) {
                throw broken("malformed MIME header: missing colon: " + GoQuote.quote(line));
            }
            String name = line.substring(0, colon);
            if (!NAME.matcher(name).matches()) {
                throw broken("malformed MIME header line: " + line);
            }
            headers.add(new String[] {name, line.substring(colon + 1).strip()});
        }
    }

    private static long length(List<String[]> headers) throws IOException {
        Set<String> told = new LinkedHashSet<>(all(headers, "Content-Length"));
        if (told.isEmpty()) {
            return -1;
        }
        if (told.size() > 1) {
            throw broken("http: message cannot contain multiple Content-Length headers; got "
                    + GoQuote.listed(all(headers, "Content-Length")));
        }
        String length = told.iterator().next();
        if (!length.matches("[0-9]{1,18}")) {
            throw broken("bad Content-Length " + GoQuote.quote(length));
        }
        return Long.parseLong(length);
    }

    private static boolean chunked(List<String[]> headers) throws IOException {
        List<String> told = all(headers, "Transfer-Encoding");
        if (told.isEmpty()) {
            return false;
        }
        if (told.size() > 1) {
            throw broken("too many transfer encodings: " + GoQuote.listed(told));
        }
        if (!told.getFirst().toLowerCase(Locale.ROOT).equals("chunked")) {
            throw broken("unsupported transfer encoding: " + GoQuote.quote(told.getFirst()));
        }
        return true;
    }

    private static List<String> all(List<String[]> headers, String name) {
        return headers.stream()
                .filter(header -> header[0].equalsIgnoreCase(name))
                .map(header -> header[1])
                .toList();
    }

    private static IOException broken(String why) {
        return new IOException(BROKEN + why);
    }

    /** A line without its end; null when nothing more comes. */
    static @Nullable String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        int c = in.read();
        if (c < 0) {
            return null;
        }
        while (c >= 0 && c != '\n') {
            if (line.length() == LONGEST_LINE) {
                throw broken("the line is too long");
            }
            line.append((char) c);
            c = in.read();
        }
        if (!line.isEmpty() && line.charAt(line.length() - 1) == '\r') {
            line.setLength(line.length() - 1);
        }
        return line.toString();
    }

    /** The header's first value, or "". */
    String header(String name) {
        for (String[] header : headers) {
            if (header[0].equalsIgnoreCase(name)) {
                return header[1];
            }
        }
        return "";
    }

    /** Whether an answer to such a request has a body at all. */
    boolean hasBody(String method) {
        return !method.equals("HEAD") && status != 204 && status != 304 && length != 0;
    }
}
