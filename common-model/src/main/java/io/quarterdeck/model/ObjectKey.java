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

    @Override
    public int compareTo(ObjectKey other) {
        return path().compareTo(other.path());
    }

    @Override
    public String toString() {
        return namespace.isEmpty() ? name : path();
    }
}
