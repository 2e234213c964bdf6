package io.quarterdeck.proxy.nftables;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/**
 * nftables in this process, through its library: no program is started for a change. Calls are serialized.
 *
 * <p>Source: libnftables(3).
 */
final class LibNftables implements NftRunner {

    private final Arena arena = Arena.ofShared();
    private final MethodHandle runCommand;
    private final MethodHandle errorText;
    private final MethodHandle free;
    private @Nullable MemorySegment context;

    /** @throws NftException when the library is not on this machine */
    LibNftables() {
        SymbolLookup library;
        try {
            library = SymbolLookup.libraryLookup("libnftables.so.1", arena);
        } catch (IllegalArgumentException absent) {
            throw new NftException("libnftables.so.1 is not installed: apt-get install nftables");
        }
        Linker linker = Linker.nativeLinker();
        try {
            MethodHandle create = linker.downcallHandle(
                    library.findOrThrow("nft_ctx_new"),
                    FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
            MethodHandle bufferErrors = linker.downcallHandle(
                    library.findOrThrow("nft_ctx_buffer_error"),
                    FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS));
            runCommand = linker.downcallHandle(
                    library.findOrThrow("nft_run_cmd_from_buffer"),
                    FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS));
            errorText = linker.downcallHandle(
                    library.findOrThrow("nft_ctx_get_error_buffer"),
                    FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.ADDRESS));
            free = linker.downcallHandle(
                    library.findOrThrow("nft_ctx_free"), FunctionDescriptor.ofVoid(ValueLayout.ADDRESS));
            MemorySegment made = (MemorySegment) create.invokeExact(0);
            int buffered = (int) bufferErrors.invokeExact(made);
            if (buffered != 0) {
                throw new NftException("libnftables cannot buffer its errors");
            }
            context = made;
        } catch (RuntimeException | Error passedOn) {
            throw passedOn;
        } catch (Throwable failed) {
            throw new NftException("libnftables cannot be called: " + failed.getMessage());
        }
    }

    @Override
    public synchronized void run(String script) {
        MemorySegment open = context;
        if (open == null) {
            throw new NftException("libnftables was closed");
        }
        try (Arena call = Arena.ofConfined()) {
            int result = (int) runCommand.invokeExact(open, call.allocateFrom(script));
            MemorySegment text = (MemorySegment) errorText.invokeExact(open);
            if (result != 0) {
                throw new NftException(
                        text.equals(MemorySegment.NULL)
                                ? "nftables refused"
                                : text.reinterpret(Long.MAX_VALUE).getString(0));
            }
        } catch (RuntimeException | Error passedOn) {
            throw passedOn;
        } catch (Throwable failed) {
            throw new NftException("libnftables cannot be called: " + failed.getMessage());
        }
    }

    @Override
    public synchronized void close() {
        MemorySegment open = context;
        if (open == null) {
            return;
        }
        context = null;
        try {
            free.invokeExact(open);
        } catch (Throwable failed) {
            throw new NftException("libnftables cannot be closed: " + failed.getMessage());
        }
        arena.close();
    }
}
