package io.quarterdeck.api.authn;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;

/** Header names cannot carry every character, so the keys of extra values are percent-encoded in them. */
final class PercentEncoding {

    private PercentEncoding() {}

    /** As it stands when it is malformed. */
    static String decoded(String encoded) {
        try {
            return URLDecoder.decode(encoded.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException malformed) {
            return encoded;
        }
    }
}
