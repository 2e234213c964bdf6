package io.quarterdeck.api.authz;

import io.quarterdeck.api.authn.User;
import io.quarterdeck.model.FieldSelector;
import io.quarterdeck.model.LabelSelector;

/**
 * What is to be decided. {@code resource} is empty for paths outside the resource grammar, whose {@code path} then
 * counts. Verbs are the API's: get, list, watch, create, update, patch, delete, deletecollection, and special ones; on
 * a path they are the HTTP method in lower case. A request on one namespace carries its name as name and as namespace.
 */
public record AccessRequest(
        User user,
        String verb,
        String group,
        String version,
        String resource,
        String subresource,
        String namespace,
        String name,
        String path,
        FieldSelector fields,
        LabelSelector labels) {

    /** A question about a resource without selectors. */
    public static AccessRequest resource(
            User user,
            String verb,
            String group,
            String version,
            String resource,
            String subresource,
            String namespace,
            String name) {
        return new AccessRequest(
                user,
                verb,
                group,
                version,
                resource,
                subresource,
                namespace,
                name,
                "",
                FieldSelector.EVERYTHING,
                LabelSelector.EVERYTHING);
    }

    /** A question about a path outside the resource grammar. */
    public static AccessRequest path(User user, String verb, String path) {
        return new AccessRequest(
                user, verb, "", "", "", "", "", "", path, FieldSelector.EVERYTHING, LabelSelector.EVERYTHING);
    }

    public boolean isResource() {
        return !resource.isEmpty();
    }

    AccessRequest withVerb(String other) {
        return new AccessRequest(
                user, other, group, version, resource, subresource, namespace, name, path, fields, labels);
    }

    public AccessRequest as(User other) {
        return new AccessRequest(
                other, verb, group, version, resource, subresource, namespace, name, path, fields, labels);
    }
}
