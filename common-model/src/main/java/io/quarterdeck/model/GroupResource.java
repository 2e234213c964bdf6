package io.quarterdeck.model;

/** A resource without its version: what RBAC rules, errors and storages name. The core group is the empty string. */
public record GroupResource(String group, String resource) {

    /** {@code resource.group}, or the bare resource in the core group, as upstream's messages print it. */
    @Override
    public String toString() {
        return group.isEmpty() ? resource : resource + "." + group;
    }
}
