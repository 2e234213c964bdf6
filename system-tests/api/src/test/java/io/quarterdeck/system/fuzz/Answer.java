package io.quarterdeck.system.fuzz;

import java.util.Map;

/**
 * @param headers by lower-case name
 * @param millis from the request's first byte to the answer's last
 */
record Answer(int status, Map<String, String> headers, byte[] body, long millis) {
    String header(String name) {
        return headers.getOrDefault(name, "");
    }
}
