package io.quarterdeck.api.authn;

import java.security.cert.X509Certificate;
import java.util.List;
import java.util.function.Function;

/**
 * What a connection and a request offer to identify the caller.
 *
 * @param certificates the client certificate chain as presented, not yet verified; empty when none
 * @param headers all values of a request header, by its name in any case
 */
public record Credentials(List<X509Certificate> certificates, Function<String, List<String>> headers) {}
