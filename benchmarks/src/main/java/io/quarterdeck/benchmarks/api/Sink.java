package io.quarterdeck.benchmarks.api;

/** Takes a body as it arrives. The buffer is the connection's and only good until the call returns. */
@FunctionalInterface
interface Sink {
    void data(byte[] buffer, int offset, int length);

    Sink NOWHERE = (buffer, offset, length) -> {};
}
