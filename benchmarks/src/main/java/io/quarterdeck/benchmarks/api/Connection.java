package io.quarterdeck.benchmarks.api;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** A connection that is kept. One caller at a time on HTTP/1.1, any number on HTTP/2. */
interface Connection extends AutoCloseable {

    /** @param bodyBytes as they came over the wire, compressed or not */
    record Answer(int status, long bodyBytes) {}

    /** Sends, and returns when the answer's body has ended. */
    Answer call(Call call, Sink sink) throws IOException;

    default String text(Call call) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        Answer answer = call(call, body::write);
        String text = body.toString(StandardCharsets.UTF_8);
        if (answer.status >= 300) {
            throw new IOException(call.method() + " " + call.path() + ": " + answer.status + " " + text);
        }
        return text;
    }

    /** How many pieces (chunks, data frames) bodies came in. */
    long pieces();

    @Override
    void close();
}
