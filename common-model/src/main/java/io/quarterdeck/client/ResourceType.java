package io.quarterdeck.client;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.ObjectKey;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/**
 * A resource as the API serves it, and the class that its objects are read into. Usually made from the class alone;
 * resources known only from discovery say everything themselves.
 *
 * @param group empty for the core group
 * @param resource the plural of the address, {@code pods}
 */
public record ResourceType<T extends HasMetadata>(
        String group, String version, String resource, String kind, boolean namespaced, Class<T> javaType) {

    public static <T extends HasMetadata> ResourceType<T> of(Class<T> javaType) {
        return new ResourceType<>(
                HasMetadata.getGroup(javaType),
                HasMetadata.getVersion(javaType),
                HasMetadata.getPlural(javaType),
                HasMetadata.getKind(javaType),
                Namespaced.class.isAssignableFrom(javaType),
                javaType);
    }

    public String apiVersion() {
        return group.isEmpty() ? version : group + "/" + version;
    }

    public GroupResource groupResource() {
        return new GroupResource(group, resource);
    }

    /** Address of all objects; of those of one namespace when it is not empty. */
    public String path(String namespace) {
        String root = group.isEmpty() ? "/api/" + version : "/apis/" + group + "/" + version;
        return namespace.isEmpty() ? root + "/" + resource : root + "/namespaces/" + escape(namespace) + "/" + resource;
    }

    public String path(ObjectKey key) {
        return path(key.namespace()) + "/" + escape(key.name());
    }

    public String path(ObjectKey key, String subresource) {
        return subresource.isEmpty() ? path(key) : path(key) + "/" + subresource;
    }

    private static String escape(String segment) {
        return URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
