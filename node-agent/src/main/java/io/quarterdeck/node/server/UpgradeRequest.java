package io.quarterdeck.node.server;

import io.quarterdeck.model.StatusException;
import io.quarterdeck.node.server.streams.WebSocketConnection;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** A request that wants to leave HTTP, and the protocols that it offers. */
record UpgradeRequest(Kind kind, List<String> offered) {

    enum Kind {
        WEBSOCKET,
        SPDY
    }

    static UpgradeRequest of(HttpServletRequest request) {
        String upgrade =
                Optional.ofNullable(request.getHeader("Upgrade")).orElse("").toLowerCase(Locale.ROOT);
        if (upgrade.equals("websocket") && request.getHeader("Sec-WebSocket-Key") != null) {
            return new UpgradeRequest(Kind.WEBSOCKET, words(request, "Sec-WebSocket-Protocol"));
        }
        if (upgrade.equals("spdy/3.1")) {
            return new UpgradeRequest(Kind.SPDY, words(request, "X-Stream-Protocol-Version"));
        }
        throw StatusException.badRequest("Upgrade request required");
    }

    private static List<String> words(HttpServletRequest request, String header) {
        return Collections.list(request.getHeaders(header)).stream()
                .flatMap(value -> Arrays.stream(value.split(",")))
                .map(String::strip)
                .filter(word -> !word.isEmpty())
                .toList();
    }

    /** The first of ours that the client offers; a client that offers nothing means the oldest. */
    String choose(List<String> ours, String oldest) {
        if (offered.isEmpty()) {
            return oldest;
        }
        return ours.stream()
                .filter(offered::contains)
                .findFirst()
                .orElseThrow(() -> new StatusException(
                        403,
                        "Forbidden",
                        "unable to upgrade: unable to negotiate protocol: client supports %s, server accepts %s"
                                .formatted(offered, ours),
                        null));
    }

    void answer(HttpServletRequest request, HttpServletResponse response, String protocol) {
        response.setHeader("Connection", "Upgrade");
        if (kind == Kind.WEBSOCKET) {
            response.setHeader("Upgrade", "websocket");
            response.setHeader(
                    "Sec-WebSocket-Accept", WebSocketConnection.accept(request.getHeader("Sec-WebSocket-Key")));
            if (!offered.isEmpty()) {
                response.setHeader("Sec-WebSocket-Protocol", protocol);
            }
        } else {
            response.setHeader("Upgrade", "SPDY/3.1");
            if (!offered.isEmpty()) {
                response.setHeader("X-Stream-Protocol-Version", protocol);
            }
        }
    }
}
