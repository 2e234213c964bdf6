package io.quarterdeck.api.schema;

import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as Go writes them, such as {@code 1h30m}. */
public final class GoDuration {
    private static final Pattern PART = Pattern.compile("([0-9]+\\.?[0-9]*|\\.[0-9]+)([^0-9.]*)");
    private static final Set<String> UNITS = Set.of("ns", "us", "\u00b5s", "\u03bcs", "ms", "s", "m", "h");

    private GoDuration() {}

    /** What Go says of a text that is no duration; empty if it is one. */
    public static Optional<String> problem(String text) {
        String quoted = "\"" + text + "\"";
        String rest = text.startsWith("-") || text.startsWith("+") ? text.substring(1) : text;
        if (rest.equals("0")) {
            return Optional.empty();
        }
        if (rest.isEmpty()) {
            return Optional.of("time: invalid duration " + quoted);
        }
        Matcher part = PART.matcher(rest);
        int at = 0;
        while (at < rest.length()) {
            if (!part.find(at) || part.start() != at) {
                return Optional.of("time: invalid duration " + quoted);
            }
            String unit = part.group(2);
            if (unit.isEmpty()) {
                return Optional.of("time: missing unit in duration " + quoted);
            }
            if (!UNITS.contains(unit)) {
                return Optional.of("time: unknown unit \"%s\" in duration %s".formatted(unit, quoted));
            }
            at = part.end();
        }
        return Optional.empty();
    }
}
