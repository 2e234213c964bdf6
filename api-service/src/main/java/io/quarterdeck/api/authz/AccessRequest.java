package io.quarterdeck.api.authz;

import io.quarterdeck.api.authn.User;
import io.quarterdeck.model.FieldSelector;
import io.quarterdeck.model.LabelSelector;

/**
 * What is to be decided. {@code resource} is empty for paths outside the resource grammar, whose {@code path} then
 * counts. Verbs are the API's: get, list, watch, create, update, patch, delete, deletecollection, and special ones.
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

    public boolean isResource() {
        return !resource.isEmpty();
    }
}
