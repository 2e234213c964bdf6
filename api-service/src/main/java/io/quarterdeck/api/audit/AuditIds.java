package io.quarterdeck.api.audit;

import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The id that ties a request, its log line and its changes together; sent back as the header {@code Audit-ID}. */
public final class AuditIds {

    public static final String HEADER = "Audit-ID";

    /** Bounded and printable: the value goes into logs and into the change log. */
    private static final Pattern ACCEPTABLE = Pattern.compile("[A-Za-z0-9._:-]{1,64}");

    private AuditIds() {}

    /** The caller's id when it sent a usable one, else a new one. */
    public static String of(@Nullable String header) {
        return header != null && ACCEPTABLE.matcher(header).matches()
                ? header
                : UUID.randomUUID().toString();
    }
}
