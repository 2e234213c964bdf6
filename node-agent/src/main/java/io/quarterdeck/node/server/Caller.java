package io.quarterdeck.node.server;

import java.util.List;
import java.util.Map;

/** Who asks. */
record Caller(String user, String uid, List<String> groups, Map<String, List<String>> extra) {
    Caller {
        groups = List.copyOf(groups);
        extra = Map.copyOf(extra);
    }
}
