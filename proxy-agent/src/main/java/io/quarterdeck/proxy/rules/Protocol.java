package io.quarterdeck.proxy.rules;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Transport protocols that Services know. */
public enum Protocol {
    TCP,
    UDP,
    SCTP;

    /** TCP when a port states none. */
    public static Protocol of(@Nullable String word) {
        return word == null || word.isEmpty() ? TCP : valueOf(word.toUpperCase(Locale.ROOT));
    }

    /** As nftables, IANA and SRV records write it. */
    public String lowerCase() {
        return name().toLowerCase(Locale.ROOT);
    }
}
