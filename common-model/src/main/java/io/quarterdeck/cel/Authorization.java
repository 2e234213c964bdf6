package io.quarterdeck.cel;

import org.jspecify.annotations.Nullable;

/**
 * The values of the authorizer library.
 *
 * <p>Source: Kubernetes documentation, "Common Expression Language in Kubernetes": authorizer library.
 */
final class Authorization {

    private Authorization() {}

    record Authorizer(Access access, @Nullable String serviceAccount) {

        PathCheck path(String path) {
            return new PathCheck(this, path);
        }

        GroupCheck group(String group) {
            return new GroupCheck(this, group);
        }

        Authorizer as(String namespace, String name) {
            return new Authorizer(access, namespace + ":" + name);
        }
    }

    record PathCheck(Authorizer authorizer, String path) {

        Access.Answer check(String verb) {
            return authorizer.access.decide(
                    new Access.Question(authorizer.serviceAccount, verb, path, "", "", "", "", "", null, null));
        }
    }

    record GroupCheck(Authorizer authorizer, String group) {

        ResourceCheck resource(String resource) {
            return new ResourceCheck(authorizer, group, resource, "", "", "", null, null);
        }
    }

    record ResourceCheck(
            Authorizer authorizer,
            String group,
            String resource,
            String subresource,
            String namespace,
            String name,
            @Nullable String fieldSelector,
            @Nullable String labelSelector) {

        ResourceCheck withSubresource(String wanted) {
            return new ResourceCheck(
                    authorizer, group, resource, wanted, namespace, name, fieldSelector, labelSelector);
        }

        ResourceCheck inNamespace(String wanted) {
            return new ResourceCheck(
                    authorizer, group, resource, subresource, wanted, name, fieldSelector, labelSelector);
        }

        ResourceCheck named(String wanted) {
            return new ResourceCheck(
                    authorizer, group, resource, subresource, namespace, wanted, fieldSelector, labelSelector);
        }

        ResourceCheck withFieldSelector(String wanted) {
            return new ResourceCheck(authorizer, group, resource, subresource, namespace, name, wanted, labelSelector);
        }

        ResourceCheck withLabelSelector(String wanted) {
            return new ResourceCheck(authorizer, group, resource, subresource, namespace, name, fieldSelector, wanted);
        }

        Access.Answer check(String verb) {
            return authorizer.access.decide(new Access.Question(
                    authorizer.serviceAccount,
                    verb,
                    null,
                    group,
                    resource,
                    subresource,
                    namespace,
                    name,
                    fieldSelector,
                    labelSelector));
        }
    }
}
