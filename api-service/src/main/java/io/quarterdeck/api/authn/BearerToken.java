package io.quarterdeck.api.authn;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Where a token stands in a request: the Authorization header, or, for browsers that cannot set one on a WebSocket, a
 * subprotocol {@code base64url.bearer.authorization.k8s.io.<token>}. An empty token or another scheme counts as none.
 */
final class BearerToken {

    private static final String SUBPROTOCOL = "base64url.bearer.authorization.k8s.io.";

    private BearerToken() {}

    static Optional<String> of(Credentials credentials) {
        List<String> authorization = credentials.headers().apply("Authorization");
        if (!authorization.isEmpty()) {
            String[] parts = authorization.getFirst().strip().split(" ", 3);
            if (parts.length >= 2 && parts[0].toLowerCase(Locale.ROOT).equals("bearer") && !parts[1].isEmpty()) {
                return Optional.of(parts[1]);
            }
        }
        for (String header : credentials.headers().apply("Sec-WebSocket-Protocol")) {
            for (String protocol : header.split(",")) {
                String name = protocol.strip();
                if (name.startsWith(SUBPROTOCOL)) {
                    return decoded(name.substring(SUBPROTOCOL.length()));
                }
            }
        }
        return Optional.empty();
    }

    private static Optional<String> decoded(String encoded) {
        try {
            return Optional.of(new String(Base64.getUrlDecoder().decode(encoded), StandardCharsets.UTF_8))
                    .filter(token -> !token.isEmpty());
        } catch (IllegalArgumentException malformed) {
            return Optional.empty();
        }
    }
}
