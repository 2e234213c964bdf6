package io.quarterdeck.api.http;

import io.quarterdeck.api.registry.ResourceDefinition;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.ObjectKey;
import java.io.IOException;

/** Answers a subresource that is no part of its object: logs, exec, proxies. Found as a bean. Thread-safe. */
public interface SubresourceHandler {

    GroupResource resource();

    String subresource();

    void handle(Exchange exchange, ResourceDefinition resource, ObjectKey key) throws IOException;
}
