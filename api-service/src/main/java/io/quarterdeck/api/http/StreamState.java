package io.quarterdeck.api.http;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import org.apache.coyote.ActionHook;
import org.apache.coyote.Request;

/**
 * Whether a client has given up an HTTP/2 stream. Tomcat knows as soon as the RST_STREAM or the end of the connection
 * arrives, but tells an application only when it writes next, which an idle watch does not do for many minutes; so its own
 * state is read. Thread-safe.
 */
final class StreamState {

    private static final Class<?> PROCESSOR;
    private static final MethodHandle HOOK;
    private static final MethodHandle STREAM;
    private static final MethodHandle CAN_WRITE;

    static {
        try {
            PROCESSOR = Class.forName("org.apache.coyote.http2.StreamProcessor");
            Class<?> stream = Class.forName("org.apache.coyote.http2.Stream");
            MethodHandles.Lookup here = MethodHandles.lookup();
            HOOK = MethodHandles.privateLookupIn(Request.class, here)
                    .findGetter(Request.class, "hook", ActionHook.class);
            STREAM = MethodHandles.privateLookupIn(PROCESSOR, here)
                    .findGetter(PROCESSOR, "stream", stream)
                    .asType(MethodType.methodType(Object.class, Object.class));
            CAN_WRITE = MethodHandles.privateLookupIn(stream, here)
                    .findVirtual(stream, "canWrite", MethodType.methodType(boolean.class))
                    .asType(MethodType.methodType(boolean.class, Object.class));
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private StreamState() {}

    /** True once nothing more can reach the client of an HTTP/2 stream; false for requests of HTTP/1. */
    static boolean isClosed(Request request) {
        try {
            ActionHook processor = (ActionHook) HOOK.invokeExact(request);
            return PROCESSOR.isInstance(processor)
                    && !(boolean) CAN_WRITE.invokeExact((Object) STREAM.invokeExact((Object) processor));
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
