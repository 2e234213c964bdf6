package io.quarterdeck.api.schema;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads and writes times as Go does by the layout RFC3339, with its error texts. */
public final class GoTime {

    private static final String LAYOUT = "2006-01-02T15:04:05Z07:00";
    private static final String MICRO_LAYOUT = "2006-01-02T15:04:05.000000Z07:00";
    private static final String HOUR = "15";

    /** Go has read another character in the place of half a pair. */
    private static final Pattern LONE_SURROGATE = Pattern.compile("\\p{Cs}");

    private static final String[] MARKS = {"2006", "-", "01", "-", "02", "T", HOUR, ":", "04", ":", "05"};

    private GoTime() {}

    /** A time, or Go's complaint about its text. */
    record Parsed(@Nullable LocalDateTime utc, String error) {}

    static Parsed parse(String text, boolean micro) {
        String layout = micro ? MICRO_LAYOUT : LAYOUT;
        int[] numbers = new int[6];
        int count = 0;
        int at = 0;
        for (String mark : MARKS) {
            boolean number = mark.length() > 1;
            // An hour may have one digit, alone among the parts.
            int length = mark.equals(HOUR) && at + 1 < text.length() && !digits(text, at, at + 2) ? 1 : mark.length();
            if (at + length > text.length()
                    || (number ? !digits(text, at, at + length) : text.charAt(at) != mark.charAt(0))) {
                return cannot(text, layout, text.substring(Math.min(at, text.length())), mark);
            }
            if (number) {
                numbers[count++] = Integer.parseInt(text.substring(at, at + length));
            }
            at += length;
        }
        int nanos = 0;
        if (micro) {
            // A layout that shows a fraction wants all of its digits; further ones belong to nothing.
            if (at + 7 > text.length() || !fractionFollows(text, at) || !digits(text, at + 1, at + 7)) {
                return cannot(text, layout, text.substring(at), ".000000");
            }
            nanos = 1_000 * Integer.parseInt(text.substring(at + 1, at + 7));
            at += 7;
        } else if (at + 1 < text.length() && fractionFollows(text, at) && digits(text, at + 1, at + 2)) {
            int from = ++at;
            while (at < text.length() && digits(text, at, at + 1)) {
                at++;
            }
            nanos = Integer.parseInt((text.substring(from, Math.min(at, from + 9)) + "000000000").substring(0, 9));
        }
        String zone = text.substring(at);
        int seconds = 0;
        if (zone.startsWith("Z")) {
            at++;
        } else {
            if (zone.length() < 6
                    || (zone.charAt(0) != '+' && zone.charAt(0) != '-')
                    || !digits(zone, 1, 3)
                    || zone.charAt(3) != ':'
                    || !digits(zone, 4, 6)) {
                return cannot(text, layout, zone, "Z07:00");
            }
            seconds = (Integer.parseInt(zone.substring(1, 3)) * 60 + Integer.parseInt(zone.substring(4, 6))) * 60;
            seconds = zone.charAt(0) == '-' ? -seconds : seconds;
            at += 6;
        }
        if (at < text.length()) {
            return new Parsed(
                    null, "parsing time %s: extra text: %s".formatted(quoted(text), quoted(text.substring(at))));
        }
        String range = outOfRange(numbers);
        if (!range.isEmpty()) {
            return new Parsed(null, "parsing time %s: %s out of range".formatted(quoted(text), range));
        }
        return new Parsed(
                LocalDateTime.of(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5], nanos)
                        .minusSeconds(seconds),
                "");
    }

    private static boolean fractionFollows(String text, int at) {
        return text.charAt(at) == '.' || text.charAt(at) == ',';
    }

    private static String outOfRange(int[] numbers) {
        if (numbers[1] < 1 || numbers[1] > 12) {
            return "month";
        }
        if (numbers[3] > 23) {
            return "hour";
        }
        if (numbers[4] > 59) {
            return "minute";
        }
        if (numbers[5] > 59) {
            return "second";
        }
        try {
            LocalDate.of(numbers[0], numbers[1], numbers[2]);
            return "";
        } catch (DateTimeException e) {
            return "day";
        }
    }

    /** What Go says of a text that is no time; nothing of one that is, or is empty. */
    public static Optional<String> flaw(String text) {
        return text.isEmpty()
                ? Optional.empty()
                : Optional.of(parse(text, false).error()).filter(why -> !why.isEmpty());
    }

    private static Parsed cannot(String text, String layout, String rest, String mark) {
        return new Parsed(
                null,
                "parsing time %s as %s: cannot parse %s as %s"
                        .formatted(quoted(text), quoted(layout), quoted(rest), quoted(mark)));
    }

    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (byte each : LONE_SURROGATE.matcher(text).replaceAll("\ufffd").getBytes(StandardCharsets.UTF_8)) {
            if (each < ' ') {
                quoted.append("\\x%02x".formatted(each & 0xff));
            } else {
                quoted.append(each == '"' || each == '\\' ? "\\" : "").append((char) each);
            }
        }
        return quoted.append('"').toString();
    }

    private static boolean digits(String text, int from, int to) {
        for (int i = from; i < to; i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return true;
    }

    /** Seconds, as {@code metav1.Time} is written. */
    public static String format(LocalDateTime utc) {
        return date(utc).append('Z').toString();
    }

    /** Six decimals, as {@code metav1.MicroTime} is written. */
    public static String formatMicro(LocalDateTime utc) {
        StringBuilder out = date(utc).append('.');
        String micros = Integer.toString(utc.getNano() / 1_000);
        return out.repeat('0', 6 - micros.length()).append(micros).append('Z').toString();
    }

    static String format(long epochSecond) {
        return format(LocalDateTime.ofEpochSecond(epochSecond, 0, ZoneOffset.UTC));
    }

    private static StringBuilder date(LocalDateTime utc) {
        StringBuilder out = new StringBuilder(27);
        String year = Integer.toString(utc.getYear());
        out.repeat('0', Math.max(0, 4 - year.length())).append(year);
        two(out.append('-'), utc.getMonthValue());
        two(out.append('-'), utc.getDayOfMonth());
        two(out.append('T'), utc.getHour());
        two(out.append(':'), utc.getMinute());
        two(out.append(':'), utc.getSecond());
        return out;
    }

    private static void two(StringBuilder out, int number) {
        out.append((char) ('0' + number / 10)).append((char) ('0' + number % 10));
    }
}
