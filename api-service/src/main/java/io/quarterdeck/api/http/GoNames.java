package io.quarterdeck.api.http;

/** How upstream's messages name its types. Pure. */
final class GoNames {

    private GoNames() {}

    /** {@code core.Pod}, {@code apps.Deployment}. */
    static String internal(String group, String kind) {
        int dot = group.indexOf('.');
        return (group.isEmpty() ? "core" : dot < 0 ? group : group.substring(0, dot)) + "." + kind;
    }
}
