package io.quarterdeck.node.runtime;

/** Which of a process's streams are wanted. With a terminal there is no separate standard error. */
public record StreamOptions(boolean stdin, boolean stdout, boolean stderr, boolean tty) {}
