package io.quarterdeck.model;

/** A kind as objects name it. The core group is the empty string. */
public record GroupVersionKind(String group, String version, String kind) {

    /** Reads the two fields of an object's type header; {@code apiVersion} is {@code version} or {@code group/version}. */
    public static GroupVersionKind of(String apiVersion, String kind) {
        int slash = apiVersion.indexOf('/');
        return slash < 0
                ? new GroupVersionKind("", apiVersion, kind)
                : new GroupVersionKind(apiVersion.substring(0, slash), apiVersion.substring(slash + 1), kind);
    }

    public String apiVersion() {
        return group.isEmpty() ? version : group + "/" + version;
    }
}
