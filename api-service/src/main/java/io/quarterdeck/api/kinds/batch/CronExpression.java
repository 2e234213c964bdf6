package io.quarterdeck.api.kinds.batch;

import io.quarterdeck.api.schema.GoDuration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Whether a CronJob's schedule can be read, in the words of the parser that upstream uses. Five fields, names of months and
 * days, steps and ranges, {@code @daily} and its like, {@code @every 90m}.
 */
final class CronExpression {

    private static final Set<String> DESCRIPTORS =
            Set.of("@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly");
    private static final List<String> MONTHS =
            List.of("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec");
    private static final List<String> DAYS = List.of("sun", "mon", "tue", "wed", "thu", "fri", "sat");

    private static final class Wrong extends RuntimeException {
        Wrong(String message) {
            super(message, null, false, false);
        }
    }

    private record Bounds(int low, int high, List<String> names, int firstName) {}

    private static final List<Bounds> FIELDS = List.of(
            new Bounds(0, 59, List.of(), 0),
            new Bounds(0, 23, List.of(), 0),
            new Bounds(1, 31, List.of(), 0),
            new Bounds(1, 12, MONTHS, 1),
            new Bounds(0, 6, DAYS, 0));

    private CronExpression() {}

    static Optional<String> problem(String schedule) {
        try {
            check(schedule);
            return Optional.empty();
        } catch (Wrong wrong) {
            return Optional.of(String.valueOf(wrong.getMessage()));
        }
    }

    private static void check(String schedule) {
        if (schedule.isEmpty()) {
            throw new Wrong("empty spec string");
        }
        if (schedule.startsWith("@")) {
            descriptor(schedule);
            return;
        }
        String[] fields = schedule.strip().split("\\s+");
        if (fields.length != FIELDS.size()) {
            throw new Wrong(
                    "expected exactly 5 fields, found %d: [%s]".formatted(fields.length, String.join(" ", fields)));
        }
        for (int i = 0; i < fields.length; i++) {
            for (String part : Arrays.stream(fields[i].split(","))
                    .filter(text -> !text.isEmpty())
                    .toList()) {
                part(part, FIELDS.get(i));
            }
        }
    }

    private static void descriptor(String schedule) {
        if (DESCRIPTORS.contains(schedule)) {
            return;
        }
        if (schedule.startsWith("@every ")) {
            String duration = schedule.substring("@every ".length());
            GoDuration.problem(duration).ifPresent(problem -> {
                throw new Wrong("failed to parse duration %s: %s".formatted(schedule, problem));
            });
            return;
        }
        throw new Wrong("unrecognized descriptor: " + schedule);
    }

    private static void part(String text, Bounds bounds) {
        String[] rangeAndStep = text.split("/", -1);
        String[] ends = rangeAndStep[0].split("-", -1);
        boolean single = ends.length == 1;
        int start;
        int end;
        if (ends[0].equals("*") || ends[0].equals("?")) {
            start = bounds.low();
            end = bounds.high();
        } else {
            start = value(ends[0], bounds);
            if (ends.length > 2) {
                throw new Wrong("too many hyphens: " + text);
            }
            end = single ? start : value(ends[1], bounds);
        }
        int step = 1;
        if (rangeAndStep.length > 2) {
            throw new Wrong("too many slashes: " + text);
        }
        if (rangeAndStep.length == 2) {
            step = integer(rangeAndStep[1]);
            if (single) {
                end = bounds.high();
            }
        }
        if (start < bounds.low()) {
            throw new Wrong("beginning of range (%d) below minimum (%d): %s".formatted(start, bounds.low(), text));
        }
        if (end > bounds.high()) {
            throw new Wrong("end of range (%d) above maximum (%d): %s".formatted(end, bounds.high(), text));
        }
        if (start > end) {
            throw new Wrong("beginning of range (%d) beyond end of range (%d): %s".formatted(start, end, text));
        }
        if (step == 0) {
            throw new Wrong("step of range should be a positive number: " + text);
        }
    }

    private static int value(String text, Bounds bounds) {
        int name = bounds.names().indexOf(text.toLowerCase(Locale.ROOT));
        return name >= 0 ? name + bounds.firstName() : integer(text);
    }

    private static int integer(String text) {
        try {
            int value = Integer.parseInt(text);
            if (value < 0) {
                throw new Wrong("negative number (%d) not allowed: %s".formatted(value, text));
            }
            return value;
        } catch (NumberFormatException e) {
            throw new Wrong(
                    "failed to parse int from %s: strconv.Atoi: parsing \"%s\": invalid syntax".formatted(text, text));
        }
    }
}
