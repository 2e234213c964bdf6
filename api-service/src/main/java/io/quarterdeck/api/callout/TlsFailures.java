package io.quarterdeck.api.callout;

import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;

/** Why a server is not believed, in the words of Go's TLS client. Pure. */
public final class TlsFailures {

    private static final String UNVERIFIED = "tls: failed to verify certificate: x509: ";
    private static final Pattern DATE = Pattern.compile("Not(?:After|Before): (.+)");
    private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|.*:.*");

    private TlsFailures() {}

    /**
     * @param host that the server was to prove
     * @param now that is told of a certificate out of its time
     */
    public static String text(SSLException failed, String host, Instant now) {
        for (Throwable cause = failed; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateExpiredException) {
                return UNVERIFIED
                        + "certificate has expired or is not yet valid: current time %s is after %s"
                                .formatted(now.truncatedTo(ChronoUnit.SECONDS), date(cause));
            }
            if (cause instanceof CertificateNotYetValidException) {
                return UNVERIFIED
                        + "certificate has expired or is not yet valid: current time %s is before %s"
                                .formatted(now.truncatedTo(ChronoUnit.SECONDS), date(cause));
            }
            if (cause instanceof CertPathBuilderException) {
                return UNVERIFIED + "certificate signed by unknown authority";
            }
        }
        String message = String.valueOf(failed.getMessage());
        if (message.contains("No subject alternative names present")) {
            return UNVERIFIED + "certificate relies on legacy Common Name field, use SANs instead";
        }
        if (message.contains("No subject alternative")) {
            return UNVERIFIED
                    + (ADDRESS.matcher(host).matches()
                            ? "cannot validate certificate for %s because it doesn't contain any IP SANs"
                                    .formatted(host)
                            : "certificate is not valid for any names, but wanted to match " + host);
        }
        if (message.contains("Unsupported or unrecognized SSL message")) {
            return "http: server gave HTTP response to HTTPS client";
        }
        return "tls: " + message;
    }

    /** The time that Java tells as {@code Fri Jan 01 00:00:00 UTC 2021}. */
    private static String date(Throwable cause) {
        Matcher told = DATE.matcher(String.valueOf(cause.getMessage()));
        if (!told.find()) {
            return "its end";
        }
        try {
            return ZonedDateTime.parse(
                            told.group(1), DateTimeFormatter.ofPattern("EEE MMM dd HH:mm:ss zzz yyyy", Locale.ENGLISH))
                    .toInstant()
                    .toString();
        } catch (DateTimeParseException other) {
            return told.group(1);
        }
    }
}
