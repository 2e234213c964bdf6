package io.quarterdeck.proxy.nftables;

/** Runs nftables commands in the network namespace of this process, all or none. Thread-safe. */
interface NftRunner extends AutoCloseable {

    /** @throws NftException with nftables' own words when any command was refused; then none took effect */
    void run(String script);

    @Override
    default void close() {}

    /** Why the kernel or nftables refused. */
    final class NftException extends RuntimeException {
        NftException(String message) {
            super(message);
        }
    }
}
