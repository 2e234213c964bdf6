package io.quarterdeck.node.runtime;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/** Which part of a log, and how. */
public record LogOptions(boolean follow, boolean timestamps, OptionalLong tailLines, Optional<Instant> since) {

    public static final LogOptions ALL = new LogOptions(false, false, OptionalLong.empty(), Optional.empty());

    public static LogOptions tail(long lines) {
        return new LogOptions(false, false, OptionalLong.of(lines), Optional.empty());
    }
}
