package io.quarterdeck.node.runtime;

import java.time.Instant;

/** A sandbox as it stands. The pid is 0 unless it is ready. */
public record Sandbox(String id, PodRef pod, int attempt, boolean ready, long pid, Instant createdAt) {}
