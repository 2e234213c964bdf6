package io.quarterdeck.benchmarks.api;

import java.nio.charset.StandardCharsets;

/**
 * A request.
 *
 * @param accept the media type asked for
 * @param contentType of the body; "" without one
 * @param gzip whether a compressed answer is welcome
 */
record Call(String method, String path, String accept, String contentType, boolean gzip, byte[] body) {

    static final String JSON = "application/json";
    static final String PROTOBUF = "application/vnd.kubernetes.protobuf";
    private static final byte[] NOTHING = new byte[0];

    static Call get(String path) {
        return new Call("GET", path, JSON, "", false, NOTHING);
    }

    static Call send(String method, String path, String contentType, String body) {
        return new Call(method, path, JSON, contentType, false, body.getBytes(StandardCharsets.UTF_8));
    }

    static Call post(String path, String body) {
        return send("POST", path, JSON, body);
    }

    static Call mergePatch(String path, String body) {
        return send("PATCH", path, "application/merge-patch+json", body);
    }

    Call accepting(String type) {
        return new Call(method, path, type, contentType, gzip, body);
    }

    Call compressed() {
        return new Call(method, path, accept, contentType, true, body);
    }
}
