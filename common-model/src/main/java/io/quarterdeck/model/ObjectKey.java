package io.quarterdeck.model;

/**
 * Namespace and name of an object; the namespace of a cluster-scoped object is empty. Its text, {@code namespace/name},
 * is the order in which the API lists objects.
 */
public record ObjectKey(String namespace, String name) implements Comparable<ObjectKey> {

    public static ObjectKey namespaced(String namespace, String name) {
        return new ObjectKey(namespace, name);
    }

    public static ObjectKey clusterScoped(String name) {
        return new ObjectKey("", name);
    }

    public String path() {
        return namespace + "/" + name;
    }

    /** The order of the UTF-8 bytes of {@link #path}. */
    @Override
    public int compareTo(ObjectKey other) {
        if (namespace.equals(other.namespace)) {
            return compareBytes(name, other.name);
        }
        int shared = Math.min(namespace.length(), other.namespace.length());
        for (int i = 0; i < shared; i++) {
            char mine = namespace.charAt(i);
            char theirs = other.namespace.charAt(i);
            if (mine != theirs) {
                return byteOrder(mine) - byteOrder(theirs);
            }
        }
        return namespace.length() < other.namespace.length()
                ? '/' - byteOrder(other.namespace.charAt(shared))
                : byteOrder(namespace.charAt(shared)) - '/';
    }

    private static int compareBytes(String left, String right) {
        int shared = Math.min(left.length(), right.length());
        for (int i = 0; i < shared; i++) {
            char mine = left.charAt(i);
            char theirs = right.charAt(i);
            if (mine != theirs) {
                return byteOrder(mine) - byteOrder(theirs);
            }
        }
        return left.length() - right.length();
    }

    /** Surrogates stand for code points above U+FFFF, so they come behind every other char. */
    private static int byteOrder(char unit) {
        return unit < 0xD800 ? unit : unit >= 0xE000 ? unit - 0x800 : unit + 0x2000;
    }

    @Override
    public String toString() {
        return namespace.isEmpty() ? name : path();
    }
}
