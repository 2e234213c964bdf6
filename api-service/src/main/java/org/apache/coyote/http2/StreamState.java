package org.apache.coyote.http2;

import java.lang.reflect.Field;
import org.apache.coyote.CloseNowException;
import org.apache.coyote.Request;

/**
 * Whether a client has given up an HTTP/2 stream, and how this server gives one up. Tomcat knows as soon as the RST_STREAM or the end of the connection
 * arrives, but tells an application only when it writes next, which an idle watch does not do for many minutes; so its own
 * state is read. Thread-safe.
 */
public final class StreamState {

    private static final Field PROCESSOR_OF_REQUEST = field(Request.class, "hook");
    private static final Field STREAM_OF_PROCESSOR = field(StreamProcessor.class, "stream");

    private StreamState() {}

    private static Field field(Class<?> type, String name) {
        try {
            Field field = type.getDeclaredField(name);
            field.setAccessible(true);
            return field;
        } catch (NoSuchFieldException e) {
            throw new IllegalStateException(type + " has no " + name, e);
        }
    }

    /** Lets the stream end with a reset instead of an end of its data; nothing for requests of HTTP/1. */
    public static void cancel(Request request) {
        try {
            if (PROCESSOR_OF_REQUEST.get(request) instanceof StreamProcessor processor) {
                ((Stream) STREAM_OF_PROCESSOR.get(processor))
                        .doStreamCancel("the answer is not complete", Http2Error.INTERNAL_ERROR);
            }
        } catch (CloseNowException cancelled) {
            // That is how Tomcat says that it is done.
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }

    /** True once nothing more can reach the client of an HTTP/2 stream; false for requests of HTTP/1. */
    public static boolean isClosed(Request request) {
        try {
            return PROCESSOR_OF_REQUEST.get(request) instanceof StreamProcessor processor
                    && !((Stream) STREAM_OF_PROCESSOR.get(processor)).canWrite();
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }
}
