package io.quarterdeck.api.authn;

import java.util.List;
import java.util.Map;

/** Who asks. {@code extra} keys are lower case. Immutable. */
public record User(String name, String uid, List<String> groups, Map<String, List<String>> extra) {

    public static final String MASTERS = "system:masters";
    public static final String AUTHENTICATED = "system:authenticated";
    public static final String UNAUTHENTICATED = "system:unauthenticated";

    public static final User ANONYMOUS = new User("system:anonymous", "", List.of(UNAUTHENTICATED), Map.of());

    /** The API server itself, for what it does on its own account. */
    public static final User API_SERVER = new User("system:apiserver", "", List.of(MASTERS, AUTHENTICATED), Map.of());

    public User {
        groups = List.copyOf(groups);
        extra = Map.copyOf(extra);
    }
}
