package io.quarterdeck.api.http;

import io.quarterdeck.api.schema.GoDuration;
import java.time.Duration;

/**
 * The {@code timeout} that any request may name, as Go writes durations. Pure.
 *
 * <p>Source: kube-apiserver's request deadline filter, Go's time.ParseDuration.
 */
final class RequestTimeout {

    /** What a client gets at most, and when it asks for none. */
    static final Duration LONGEST = Duration.ofSeconds(60);

    private RequestTimeout() {}

    /**
     * How long the request may take.
     *
     * @throws IllegalArgumentException for what is no duration
     */
    static Duration of(Query query) {
        String asked = query.first("timeout");
        if (asked.isEmpty()) {
            return LONGEST;
        }
        Duration timeout = GoDuration.parse(asked);
        return timeout.isNegative() || timeout.isZero() || timeout.compareTo(LONGEST) > 0 ? LONGEST : timeout;
    }
}
