package io.quarterdeck.api.audit;

import io.quarterdeck.api.authn.User;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.NOPLoggingEventBuilder;
import org.springframework.stereotype.Component;

/**
 * One structured line for each answered request. It knows the path but neither query, headers nor bodies, where secrets
 * stand. Writes at INFO and alike, reads and watches at DEBUG, server errors at WARN. Thread-safe.
 */
@Component
public final class AccessLog {

    private static final Logger LOG = LoggerFactory.getLogger("io.quarterdeck.access");

    /** @param path without query, undecoded, so that it holds no line break */
    public void answered(
            String auditId, User user, String verb, String path, int status, Duration took, String userAgent) {
        var line = status >= 500
                ? LOG.atWarn()
                : switch (verb) {
                    case "get", "list", "watch" -> LOG.atDebug();
                    default -> LOG.atInfo();
                };
        if (line == NOPLoggingEventBuilder.singleton()) {
            return;
        }
        line.setMessage("request")
                .addKeyValue("auditId", auditId)
                .addKeyValue("user", printable(user.name()))
                .addKeyValue("verb", verb)
                .addKeyValue("path", printable(path))
                .addKeyValue("status", status)
                .addKeyValue("milliseconds", took.toMillis())
                .addKeyValue("userAgent", printable(userAgent))
                .log();
    }

    /** Cut, and without control characters, so that no caller forges a line. */
    static String printable(String text) {
        String bounded = text.length() > 256 ? text.substring(0, 256) : text;
        boolean clean = true;
        for (int i = 0; i < bounded.length() && clean; i++) {
            clean = !Character.isISOControl(bounded.charAt(i));
        }
        if (clean) {
            return bounded;
        }
        return bounded.codePoints()
                .map(c -> Character.isISOControl(c) ? '?' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}
