package io.quarterdeck.api.authn;

import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * What a connection and a request offer to identify the caller.
 *
 * @param certificates the client certificate chain as presented, not yet verified; empty when none
 * @param headers all values of a request header, by its name in any case; empty when it was not sent
 * @param headerNames the names of all headers, in any case
 */
public record Credentials(
        List<X509Certificate> certificates, Function<String, List<String>> headers, Collection<String> headerNames) {

    /** The first value of a header, or "". */
    public String header(String name) {
        List<String> values = headers.apply(name);
        return values.isEmpty() ? "" : values.getFirst();
    }

    /**
     * The headers that carry a user's extra values: what follows {@code prefix}, in lower case and percent-decoded, with
     * all values.
     */
    public Map<String, List<String>> extras(String prefix) {
        Map<String, List<String>> extras = new TreeMap<>();
        for (String name : headerNames) {
            if (name.regionMatches(true, 0, prefix, 0, prefix.length())) {
                extras.put(
                        PercentEncoding.decoded(name.substring(prefix.length()).toLowerCase(Locale.ROOT)),
                        List.copyOf(headers.apply(name)));
            }
        }
        return extras;
    }
}
