package io.quarterdeck.api.http;

import io.quarterdeck.model.StatusException;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The {@code timeout} that any request may name, as Go writes durations. Pure.
 *
 * <p>Source: kube-apiserver's request deadline filter, Go's time.ParseDuration.
 */
final class RequestTimeout {

    /** What a client gets at most, and when it asks for none. */
    static final Duration LONGEST = Duration.ofSeconds(60);

    private static final Pattern TERM = Pattern.compile("(\\d+\\.?\\d*|\\.\\d+)([^\\d.]*)");
    private static final Map<String, Long> NANOS = Map.of(
            "ns", 1L,
            "us", 1_000L,
            "µs", 1_000L,
            "μs", 1_000L,
            "ms", 1_000_000L,
            "s", 1_000_000_000L,
            "m", 60_000_000_000L,
            "h", 3_600_000_000_000L);

    private RequestTimeout() {}

    /**
     * How long the request may take.
     *
     * @throws StatusException 400 in upstream's words for what is no duration
     */
    static Duration of(Query query) {
        String asked = query.first("timeout");
        if (asked.isEmpty()) {
            return LONGEST;
        }
        Duration timeout;
        try {
            timeout = parse(asked);
        } catch (IllegalArgumentException malformed) {
            throw StatusException.badRequest(
                    "invalid timeout specified in the request URL - " + malformed.getMessage());
        }
        return timeout.isNegative() || timeout.isZero() || timeout.compareTo(LONGEST) > 0 ? LONGEST : timeout;
    }

    /** @throws IllegalArgumentException with Go's words */
    static Duration parse(String text) {
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
        if (at == 0 || at < rest.length() || total.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
            throw new IllegalArgumentException("time: invalid duration \"%s\"".formatted(text));
        }
        return Duration.ofNanos(negative ? -total.longValue() : total.longValue());
    }
}
