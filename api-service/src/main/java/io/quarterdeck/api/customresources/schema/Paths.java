package io.quarterdeck.api.customresources.schema;

/** Field paths as upstream prints them. */
final class Paths {

    private Paths() {}

    static String child(String path, String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    static String key(String path, String key) {
        return path + "[" + key + "]";
    }

    static String index(String path, int i) {
        return path + "[" + i + "]";
    }
}
