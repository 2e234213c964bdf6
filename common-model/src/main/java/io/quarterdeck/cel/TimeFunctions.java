package io.quarterdeck.cel;

import io.quarterdeck.cel.Functions.Function;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.util.Map;
import java.util.function.ToLongFunction;

/**
 * Timestamps and durations.
 *
 * <p>Source: cel-spec, "Timestamps and Durations".
 */
final class TimeFunctions {

    private TimeFunctions() {}

    static void register(Map<String, Function> all) {
        all.put("timestamp", arguments -> timestamp(arguments[0]));
        all.put("duration", arguments -> duration(arguments[0]));
        all.put("getFullYear", arguments -> part(arguments, ZonedDateTime::getYear));
        all.put("getMonth", arguments -> part(arguments, time -> time.getMonthValue() - 1));
        all.put("getDayOfYear", arguments -> part(arguments, time -> time.getDayOfYear() - 1));
        all.put("getDayOfMonth", arguments -> part(arguments, time -> time.getDayOfMonth() - 1));
        all.put("getDate", arguments -> part(arguments, ZonedDateTime::getDayOfMonth));
        all.put(
                "getDayOfWeek",
                arguments -> part(arguments, time -> time.getDayOfWeek().getValue() % 7));
        all.put("getHours", arguments -> part(arguments, ZonedDateTime::getHour, Duration::toHours));
        all.put("getMinutes", arguments -> part(arguments, ZonedDateTime::getMinute, Duration::toMinutes));
        all.put("getSeconds", arguments -> part(arguments, ZonedDateTime::getSecond, Duration::toSeconds));
        all.put(
                "getMilliseconds",
                arguments -> part(arguments, time -> time.getNano() / 1_000_000, Duration::toMillis));
    }

    private static Instant timestamp(Object value) {
        return switch (value) {
            case Instant instant -> instant;
            case String text -> Times.literal(text);
            case Long seconds -> {
                try {
                    yield Instant.ofEpochSecond(seconds);
                } catch (DateTimeException e) {
                    throw new CelEvaluationException("timestamp overflow");
                }
            }
            default -> throw CelEvaluationException.noSuchOverload();
        };
    }

    private static Duration duration(Object value) {
        return switch (value) {
            case Duration duration -> duration;
            case String text -> {
                try {
                    yield Times.duration(text);
                } catch (CelEvaluationException unreadable) {
                    throw Conversions.unconvertible("google.protobuf.Duration");
                }
            }
            case Long nanos -> Duration.ofNanos(nanos);
            default -> throw CelEvaluationException.noSuchOverload();
        };
    }

    private static long part(Object[] arguments, ToLongFunction<ZonedDateTime> part) {
        return part(arguments, part, duration -> {
            throw CelEvaluationException.noSuchOverload();
        });
    }

    private static long part(
            Object[] arguments, ToLongFunction<ZonedDateTime> part, ToLongFunction<Duration> ofDuration) {
        return switch (arguments[0]) {
            case Instant instant ->
                part.applyAsLong(Times.at(instant, arguments.length > 1 ? TextFunctions.text(arguments[1]) : "UTC"));
            case Duration duration -> ofDuration.applyAsLong(duration);
            default -> throw CelEvaluationException.noSuchOverload();
        };
    }
}
