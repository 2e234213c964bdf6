package io.quarterdeck.api.schema;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as Go writes them, such as {@code 1h30m}. Source: Go's time.ParseDuration. Pure. */
public final class GoDuration {
    private static final Pattern TERM = Pattern.compile("([0-9]+\\.?[0-9]*|\\.[0-9]+)([^0-9.]*)");
    private static final BigDecimal MOST = BigDecimal.valueOf(Long.MAX_VALUE);
    private static final Map<String, Long> NANOS = Map.of(
            "ns", 1L,
            "us", 1_000L,
            "\u00b5s", 1_000L,
            "\u03bcs", 1_000L,
            "ms", 1_000_000L,
            "s", 1_000_000_000L,
            "m", 60_000_000_000L,
            "h", 3_600_000_000_000L);

    private GoDuration() {}

    /** @throws IllegalArgumentException with Go's words for a text that is no duration */
    public static Duration parse(String text) {
        boolean negative = text.startsWith("-");
        String rest = negative || text.startsWith("+") ? text.substring(1) : text;
        if (rest.equals("0")) {
            return Duration.ZERO;
        }
        Matcher term = TERM.matcher(rest);
        BigDecimal total = BigDecimal.ZERO;
        int at = 0;
        while (at < rest.length() && term.find(at) && term.start() == at) {
            Long nanos = NANOS.get(term.group(2));
            if (nanos == null) {
                throw new IllegalArgumentException(
                        term.group(2).isEmpty()
                                ? "time: missing unit in duration \"%s\"".formatted(text)
                                : "time: unknown unit \"%s\" in duration \"%s\"".formatted(term.group(2), text));
            }
            total = total.add(new BigDecimal(term.group(1)).multiply(BigDecimal.valueOf(nanos)));
            at = term.end();
        }
        if (at == 0 || at < rest.length() || total.compareTo(MOST) > 0) {
            throw new IllegalArgumentException("time: invalid duration \"%s\"".formatted(text));
        }
        return Duration.ofNanos(negative ? -total.longValue() : total.longValue());
    }

    /** What Go says of a text that is no duration; empty if it is one. */
    public static Optional<String> problem(String text) {
        try {
            parse(text);
            return Optional.empty();
        } catch (IllegalArgumentException malformed) {
            return Optional.of(String.valueOf(malformed.getMessage()));
        }
    }
}
