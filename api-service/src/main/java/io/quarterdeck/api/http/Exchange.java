package io.quarterdeck.api.http;

import io.quarterdeck.api.audit.AuditIds;
import io.quarterdeck.api.audit.AuditRecord;
import io.quarterdeck.api.authn.User;
import io.quarterdeck.model.StatusException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.coyote.ActionCode;
import org.apache.coyote.http2.StreamState;
import org.jspecify.annotations.Nullable;

/**
 * One request and its answer, as handlers see them. Used by one thread at a time; warnings may be added by any.
 */
public final class Exchange {

    /** Bodies above this are compressed for clients that accept it; source: upstream's gzip threshold. */
    static final int GZIP_THRESHOLD = 128 * 1024;

    private static final String CONTENT_ENCODING = "Content-Encoding";

    private static final int PIECE = 64 * 1024;
    /** Characters of all warnings of an answer; where there are more, each is cut. Source: upstream's warning recorder. */
    private static final int MOST_WARNED = 4096;

    private static final int MOST_WARNED_AT_ONCE = 256;

    private final Request request;
    private final Response response;
    private final RequestPath path;
    private final String auditId;
    private final InstantSource clock;
    private final Instant now;
    private final Set<String> warnings = Collections.synchronizedSet(new LinkedHashSet<>());
    private final BodyBudget bodies;
    private long bodyBytes;
    private @Nullable Runnable initialized;
    private boolean tables = true;
    private Query query;
    private User user = User.ANONYMOUS;
    private Instant deadline = Instant.MAX;
    private final boolean stream;
    private volatile boolean upgraded;
    private AuditRecord audit = AuditRecord.NONE;

    Exchange(Request request, Response response, InstantSource clock, BodyBudget bodies) {
        this.request = request;
        this.response = response;
        this.clock = clock;
        this.now = clock.instant();
        this.bodies = bodies;
        this.query = new Query(request.getQueryString());
        this.path = RequestPath.of(request.getMethod(), rawPath(request), query);
        this.stream = request.getProtocol() != null && !request.getProtocol().startsWith("HTTP/1");
        this.auditId = AuditIds.of(request.getHeader(AuditIds.HEADER));
    }

    private static String rawPath(Request request) {
        String uri = request.getRequestURI();
        return uri == null ? "/" : uri;
    }

    public String method() {
        return request.getMethod();
    }

    public RequestPath path() {
        return path;
    }

    public Query query() {
        return query;
    }

    /** Admission wants the request to ask for something else. */
    void ask(Query other) {
        this.query = other;
    }

    public User user() {
        return user;
    }

    void identify(User caller) {
        this.user = caller;
    }

    /** What is recorded of this request. */
    public AuditRecord audit() {
        return audit;
    }

    void record(AuditRecord opened) {
        this.audit = opened;
    }

    /** Where the request came from: what proxies say first, then who is connected. */
    List<String> sources() {
        Set<String> sources = new LinkedHashSet<>();
        for (String forwarded : headers("X-Forwarded-For")) {
            for (String address : forwarded.split(",")) {
                if (isAddress(address.strip())) {
                    sources.add(address.strip());
                }
            }
        }
        if (isAddress(header("X-Real-Ip"))) {
            sources.add(header("X-Real-Ip"));
        }
        // Who has hung up meanwhile has no address any more.
        if (request.getRemoteAddr() != null) {
            sources.add(request.getRemoteAddr());
        }
        return List.copyOf(sources);
    }

    private static boolean isAddress(String text) {
        return !text.isEmpty() && text.length() <= 45 && text.matches("[0-9a-fA-F.:]+");
    }

    public String auditId() {
        return auditId;
    }

    /** The one instant of this request. */
    public Instant now() {
        return now;
    }

    /** The time as it is now, for what outlives an instant: watches. */
    Instant time() {
        return clock.instant();
    }

    /** The header's first value, or "". */
    public String header(String name) {
        String value = request.getHeader(name);
        return value == null ? "" : value;
    }

    public List<String> headers(String name) {
        return Collections.list(request.getHeaders(name));
    }

    public List<String> headerNames() {
        return Collections.list(request.getHeaderNames());
    }

    public String remoteAddress() {
        return request.getRemoteAddr();
    }

    /** The client's chain as presented; empty when there is none. */
    List<X509Certificate> certificates() {
        return request.getAttribute("jakarta.servlet.request.X509Certificate") instanceof X509Certificate[] chain
                ? List.of(chain)
                : List.of();
    }

    /** Adds a Warning header; a text that is empty or holds control characters is none. */
    public void warn(String text) {
        if (!text.isEmpty() && text.codePoints().noneMatch(Character::isISOControl)) {
            warnings.add(text);
        }
    }

    /** The media type of the body without its parameters, lower case; "" when none is named. */
    public String contentType() {
        String type = header("Content-Type");
        int end = type.indexOf(';');
        return (end < 0 ? type : type.substring(0, end)).trim().toLowerCase(Locale.ROOT);
    }

    /** Reads the whole body; 413 above the limit. */
    public byte[] body() throws IOException {
        long declared = request.getContentLengthLong();
        if (declared > bodies.largest()) {
            throw tooLarge();
        }
        if (declared >= 0) {
            take(declared);
            return request.getInputStream().readNBytes((int) declared);
        }
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        while (true) {
            byte[] part = request.getInputStream().readNBytes(PIECE);
            take(part.length);
            body.writeBytes(part);
            if (body.size() > bodies.largest()) {
                throw tooLarge();
            }
            if (part.length < PIECE) {
                return body.toByteArray();
            }
        }
    }

    private void take(long bytes) {
        bodies.take(bytes);
        bodyBytes += bytes;
    }

    /** The request is done: what it held is free. */
    void release() {
        bodies.giveBack(bodyBytes);
        bodyBytes = 0;
    }

    /** @param done called once when a watch has told what there was, and only waits from then on */
    void onInitialized(Runnable done) {
        initialized = done;
    }

    void initialized() {
        Runnable done = initialized;
        initialized = null;
        if (done != null) {
            done.run();
        }
    }

    /** The answer cannot be had as a Table. */
    void withoutTables() {
        tables = false;
    }

    boolean tables() {
        return tables;
    }

    /** The body as it comes, for passing it on. */
    public InputStream bodyStream() throws IOException {
        return request.getInputStream();
    }

    private StatusException tooLarge() {
        return StatusException.tooLarge("Request entity too large: limit is " + bodies.largest());
    }

    public boolean committed() {
        return response.isCommitted();
    }

    public int status() {
        return response.getStatus();
    }

    public void setHeader(String name, String value) {
        response.setHeader(name, value);
    }

    public void addHeader(String name, String value) {
        response.addHeader(name, value);
    }

    /** Sets status, type (none when empty) and the headers that every answer has. */
    public void start(int status, String contentType) {
        response.setStatus(status);
        // As a plain header: the container would print its parameters in its own way.
        if (!contentType.isEmpty()) {
            response.getCoyoteResponse()
                    .getMimeHeaders()
                    .setValue("Content-Type")
                    .setString(contentType);
        }
        writeWarnings();
        audit.started(status);
    }

    private void writeWarnings() {
        List<String> all = List.copyOf(warnings);
        boolean cut = all.stream().mapToInt(Exchange::length).sum() > MOST_WARNED;
        int size = 0;
        for (String warning : all) {
            if (size >= MOST_WARNED) {
                break;
            }
            String shown = cut && length(warning) > MOST_WARNED_AT_ONCE
                    ? warning.substring(0, warning.offsetByCodePoints(0, MOST_WARNED_AT_ONCE))
                    : warning;
            size += length(shown);
            response.addHeader("Warning", quoted(shown));
        }
    }

    private static int length(String text) {
        return text.codePointCount(0, text.length());
    }

    private static String quoted(String warning) {
        StringBuilder quoted = new StringBuilder("299 - \"");
        warning.codePoints().forEach(c -> {
            if (c == '"' || c == '\\') {
                quoted.append('\\');
            }
            quoted.appendCodePoint(c);
        });
        quoted.append('"');
        // Header values are bytes, which the container takes as Latin-1; clients read them as UTF-8.
        return new String(quoted.toString().getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    /** Lets a body of many pieces leave in few: each that reaches the socket costs a record and a call of the system. */
    void expectLarge() {
        if (!response.isCommitted()) {
            response.setBufferSize(PIECE);
        }
    }

    /** Where the body goes; unbuffered beyond the container's own buffer. */
    public OutputStream output() throws IOException {
        return response.getOutputStream();
    }

    /** An answer that comes later than this after the request is given up for a 504. */
    void answerWithin(Duration timeout) {
        deadline = now.plus(timeout);
    }

    /** How much longer the answer may take; not negative. */
    Duration left() {
        Instant moment = clock.instant();
        return moment.isBefore(deadline) ? Duration.between(moment, deadline) : Duration.ZERO;
    }

    boolean isLate() {
        return clock.instant().isAfter(deadline);
    }

    /** What is answered in the place of what comes too late. */
    static StatusException late() {
        return StatusException.timeout("Timeout: request did not complete within the allotted timeout", 0, List.of());
    }

    private void requireTime(int status) {
        if (status < 400 && isLate()) {
            throw late();
        }
    }

    /** Answers with a body at hand. */
    public void answer(int status, String contentType, byte[]... parts) throws IOException {
        requireTime(status);
        long length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        start(status, contentType);
        // The container sends an answer away with the last of its announced bytes: the record of it goes first, so that
        // no kill can come between what a client was told and what is recorded.
        audit.completed(status);
        if (length > GZIP_THRESHOLD && acceptsGzip() && !response.containsHeader(CONTENT_ENCODING)) {
            OutputStream packed = gzip();
            for (byte[] part : parts) {
                packed.write(part);
            }
            packed.close();
            return;
        }
        response.setContentLengthLong(length);
        if (length > PIECE) {
            expectLarge();
        }
        OutputStream out = output();
        for (byte[] part : parts) {
            out.write(part);
        }
    }

    /** Answers, packed for who accepts that, however small it is. */
    public void answerPacked(int status, String contentType, byte[] body) throws IOException {
        if (!acceptsGzip()) {
            answer(status, contentType, body);
            return;
        }
        ByteArrayOutputStream packed = new ByteArrayOutputStream(body.length / 4);
        try (OutputStream out = new GZIPOutputStream(packed)) {
            out.write(body);
        }
        setHeader(CONTENT_ENCODING, "gzip");
        answer(status, contentType, packed.toByteArray());
    }

    public void answerText(int status, String text) throws IOException {
        setHeader("X-Content-Type-Options", "nosniff");
        answer(status, "text/plain; charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
    }

    /** As upstream reads it: the coding alone, without a weight. */
    boolean acceptsGzip() {
        return Arrays.stream(header("Accept-Encoding").split(","))
                .anyMatch(coding -> coding.strip().equals("gzip"));
    }

    /** A compressing stream over the body; close it to finish the answer. */
    OutputStream gzip() throws IOException {
        response.setHeader(CONTENT_ENCODING, "gzip");
        response.addHeader("Vary", "Accept-Encoding");
        return new GZIPOutputStream(output(), 64 * 1024) {
            {
                // Lists are large and repetitive: the fastest level already takes nine tenths away.
                def.setLevel(Deflater.BEST_SPEED);
            }
        };
    }

    /** Whether this is one of many streams of a connection, whose end is known without looking at the socket. */
    boolean isStream() {
        return stream;
    }

    /** Ends the connection, or the stream, so that nobody takes what was sent so far for an answer. */
    public void abort(IOException cause) {
        StreamState.cancel(request.getCoyoteRequest());
        response.getCoyoteResponse().action(ActionCode.CLOSE_NOW, cause);
        response.setSuspended(true);
    }

    /** Whether the stream or connection is closed, by us or by the client. May be asked by any thread. */
    boolean isClosed() {
        if (upgraded) {
            // The container has taken the request back; the tunnel's own streams tell of their end.
            return false;
        }
        AtomicBoolean allowed = new AtomicBoolean(true);
        request.getCoyoteRequest().action(ActionCode.IS_IO_ALLOWED, allowed);
        return !allowed.get() || StreamState.isClosed(request.getCoyoteRequest());
    }

    /** Whether the client has hung up; looks at the socket without waiting. Only for requests without a body. */
    public boolean clientGone() {
        if (isClosed()) {
            return true;
        }
        if (stream || upgraded) {
            return false;
        }
        // On HTTP/1.1 a waiting GET has nothing more to say: readable input is an end of stream or a reset.
        request.getCoyoteRequest().action(ActionCode.AVAILABLE, Boolean.TRUE);
        return request.getCoyoteRequest().getAvailable() > 0;
    }

    /** Answers 101 with {@code headers} and hands the connection to {@code tunnel}. HTTP/1.1 only. */
    public void upgrade(List<String[]> headers, Tunnel tunnel) throws IOException {
        response.setStatus(101);
        headers.forEach(header -> response.addHeader(header[0], header[1]));
        audit.started(101);
        audit.handedOver();
        upgraded = true;
        try {
            request.upgrade(TunnelUpgrade.class).carry((fromClient, toClient) -> {
                try {
                    tunnel.run(fromClient, toClient);
                } finally {
                    audit.completed(101);
                }
            });
        } catch (jakarta.servlet.ServletException e) {
            throw new IOException("the connection cannot be upgraded", e);
        }
    }

    /** Takes over a connection after the 101; runs on a thread of its own and closes both streams when it ends. */
    public interface Tunnel {
        void run(InputStream fromClient, OutputStream toClient) throws IOException;
    }

    List<String> warningTexts() {
        return new ArrayList<>(warnings);
    }

    Request request() {
        return request;
    }
}
