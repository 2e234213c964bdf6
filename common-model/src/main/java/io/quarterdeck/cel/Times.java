package io.quarterdeck.cel;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Times and durations as Go writes them. Pure. */
final class Times {

    private static final Map<String, Long> NANOS = Map.of(
            "ns", 1L,
            "us", 1_000L,
            "µs", 1_000L,
            "ms", 1_000_000L,
            "s", 1_000_000_000L,
            "m", 60_000_000_000L,
            "h", 3_600_000_000_000L);

    private static final long DAY = 86_400_000_000_000L;
    private static final BigDecimal LONGEST = BigDecimal.valueOf(Long.MAX_VALUE);
    private static final Pattern PART = Pattern.compile("(\\d+\\.?\\d*|\\.\\d+)(ns|us|µs|ms|s|m|h)");
    private static final Pattern WORDS = Pattern.compile("(\\d+)\\s*([A-Za-zµ]+)");
    private static final Pattern RFC3339 =
            Pattern.compile("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d([.,]\\d+)?(Z|[+-]\\d\\d:\\d\\d)");
    private static final Pattern OFFSET = Pattern.compile("([+-]?)(\\d\\d):(\\d\\d)");

    private Times() {}

    /** What an expression calls a time, which is RFC 3339 to the letter. */
    static Instant literal(String text) {
        if (!RFC3339.matcher(text).matches()) {
            throw Conversions.unconvertible("google.protobuf.Timestamp");
        }
        try {
            return OffsetDateTime.parse(text.replace(',', '.')).toInstant();
        } catch (DateTimeException e) {
            throw Conversions.unconvertible("google.protobuf.Timestamp");
        }
    }

    /** RFC 3339, or a day. */
    static Instant timestamp(String text) {
        try {
            return text.length() == 10
                    ? LocalDate.parse(text).atStartOfDay().toInstant(ZoneOffset.UTC)
                    : OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            throw new CelEvaluationException("Invalid date-time formatted string " + text);
        }
    }

    /** Go's, or numbers with units in words wherever they stand: {@code 3 days}. */
    static Duration spoken(String text) {
        try {
            return duration(text);
        } catch (CelEvaluationException notGo) {
            Matcher part = WORDS.matcher(text);
            long nanos = 0;
            boolean found = false;
            while (part.find()) {
                Long unit = unit(part.group(2).toLowerCase(Locale.ROOT));
                if (part.group(1).length() > 18) {
                    throw notGo;
                }
                if (unit != null) {
                    // Too many wrap around, as in Go.
                    nanos += Long.parseLong(part.group(1)) * unit;
                    found = true;
                }
            }
            if (!found) {
                throw notGo;
            }
            return Duration.ofNanos(nanos);
        }
    }

    private static @Nullable Long unit(String word) {
        Long exact = NANOS.get(word);
        if (exact != null) {
            return exact;
        }
        return switch (word) {
            case "hr" -> NANOS.get("h");
            case "d" -> DAY;
            case "w", "wk" -> 7 * DAY;
            default -> {
                if (word.startsWith("nano")) {
                    yield 1L;
                }
                if (word.startsWith("micro")) {
                    yield NANOS.get("us");
                }
                if (word.startsWith("milli")) {
                    yield NANOS.get("ms");
                }
                if (word.startsWith("sec")) {
                    yield NANOS.get("s");
                }
                if (word.startsWith("min")) {
                    yield NANOS.get("m");
                }
                if (word.startsWith("hour")) {
                    yield NANOS.get("h");
                }
                yield word.startsWith("day")
                        ? Long.valueOf(DAY)
                        : word.startsWith("week") ? Long.valueOf(7 * DAY) : null;
            }
        };
    }

    /**
     * Go's.
     *
     * @throws CelEvaluationException for anything else
     */
    static Duration duration(String text) {
        String rest = text;
        boolean negative = rest.startsWith("-");
        if (negative || rest.startsWith("+")) {
            rest = rest.substring(1);
        }
        if (rest.equals("0")) {
            return Duration.ZERO;
        }
        BigDecimal nanos = BigDecimal.ZERO;
        Matcher part = PART.matcher(rest);
        int at = 0;
        while (at < rest.length() && part.find(at) && part.start() == at) {
            nanos = nanos.add(
                    new BigDecimal(part.group(1)).multiply(BigDecimal.valueOf(NANOS.getOrDefault(part.group(2), 0L))));
            at = part.end();
        }
        if (rest.isEmpty() || at < rest.length() || nanos.abs().compareTo(LONGEST) > 0) {
            throw new CelEvaluationException("time: invalid duration \"%s\"".formatted(text));
        }
        return Duration.ofNanos(negative ? -nanos.longValue() : nanos.longValue());
    }

    /** Seconds, as CEL turns durations into strings. */
    static String format(Duration duration) {
        BigDecimal seconds = BigDecimal.valueOf(duration.getSeconds())
                .add(BigDecimal.valueOf(duration.getNano(), 9))
                .stripTrailingZeros();
        return seconds.toPlainString() + "s";
    }

    static ZonedDateTime at(Instant instant, String zone) {
        try {
            Matcher offset = OFFSET.matcher(zone);
            if (offset.matches()) {
                int minutes = Integer.parseInt(offset.group(2)) * 60 + Integer.parseInt(offset.group(3));
                return instant.atZone(
                        ZoneOffset.ofTotalSeconds((offset.group(1).equals("-") ? -minutes : minutes) * 60));
            }
            return instant.atZone(zone.isEmpty() ? ZoneOffset.UTC : ZoneId.of(zone));
        } catch (DateTimeException e) {
            throw new CelEvaluationException("unknown time zone " + zone);
        }
    }
}
