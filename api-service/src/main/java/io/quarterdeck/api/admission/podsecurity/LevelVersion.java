package io.quarterdeck.api.admission.podsecurity;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A level and the version of the standards that it was chosen for. Immutable.
 *
 * @param minor the minor version of Kubernetes; {@link #LATEST} for the newest
 */
public record LevelVersion(SecurityLevel level, long minor) {

    public static final long LATEST = Long.MAX_VALUE;
    public static final LevelVersion PRIVILEGED = new LevelVersion(SecurityLevel.PRIVILEGED, LATEST);

    private static final Pattern VERSION = Pattern.compile("v1\\.(0|[1-9][0-9]{0,17})");

    /** {@code latest} or {@code v1.x}. */
    static Optional<Long> version(String text) {
        if (text.equals("latest")) {
            return Optional.of(LATEST);
        }
        Matcher matcher = VERSION.matcher(text);
        return matcher.matches() ? Optional.of(Long.parseLong(matcher.group(1))) : Optional.empty();
    }

    LevelVersion at(SecurityLevel other) {
        return new LevelVersion(other, minor);
    }

    LevelVersion of(long otherMinor) {
        return new LevelVersion(level, otherMinor);
    }

    /** The same for every pod. */
    boolean sameAs(LevelVersion other) {
        return equals(other) || (level == SecurityLevel.PRIVILEGED && other.level == SecurityLevel.PRIVILEGED);
    }

    @Override
    public String toString() {
        return level + ":" + (minor == LATEST ? "latest" : "v1." + minor);
    }
}
