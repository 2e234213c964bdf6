package io.quarterdeck.node.runtime;

/** How a command ended; the output is bounded to 16 KiB, standard output and standard error as they came. */
public record ExecResult(int exitCode, String output, boolean timedOut) {}
