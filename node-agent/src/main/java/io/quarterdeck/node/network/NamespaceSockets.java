package io.quarterdeck.node.network;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * Opens connections inside another network namespace. A socket belongs for ever to the namespace in which it was made,
 * and a namespace is a property of a thread: so a platform thread moves there, makes the socket and ends.
 */
public final class NamespaceSockets {

    private static final int CLONE_NEWNET = 0x40000000;
    private static final int O_CLOEXEC = 02000000;
    private static final Linker LINKER = Linker.nativeLinker();
    private static final MethodHandle OPEN =
            function("open", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
    private static final MethodHandle SETNS =
            function("setns", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    private static final MethodHandle CLOSE =
            function("close", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

    private NamespaceSockets() {}

    private static MethodHandle function(String name, FunctionDescriptor type) {
        return LINKER.downcallHandle(LINKER.defaultLookup().find(name).orElseThrow(), type);
    }

    /** @param namespace a file that stands for the namespace, such as {@code /proc/1/ns/net} */
    public static SocketChannel connect(Path namespace, InetSocketAddress address) throws IOException {
        CompletableFuture<SocketChannel> result = new CompletableFuture<>();
        Thread.ofPlatform().daemon().name("netns").start(() -> {
            try {
                enter(namespace);
                result.complete(SocketChannel.open(address));
            } catch (Throwable e) {
                result.completeExceptionally(e);
            }
        });
        try {
            return result.get();
        } catch (ExecutionException e) {
            throw new IOException(cause(e), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static String cause(ExecutionException e) {
        Throwable cause = e.getCause();
        return cause == null ? "unknown" : String.valueOf(cause.getMessage());
    }

    private static void enter(Path namespace) throws Throwable {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment path = arena.allocateFrom(namespace.toString());
            int file = (int) OPEN.invokeExact(path, O_CLOEXEC);
            if (file < 0) {
                throw new IOException("cannot open the network namespace " + namespace);
            }
            int moved = (int) SETNS.invokeExact(file, CLONE_NEWNET);
            int closed = (int) CLOSE.invokeExact(file);
            if (moved != 0 || closed != 0) {
                throw new IOException("cannot enter the network namespace " + namespace);
            }
        }
    }
}
