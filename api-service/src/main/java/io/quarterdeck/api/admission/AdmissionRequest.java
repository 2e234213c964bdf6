package io.quarterdeck.api.admission;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.registry.ResourceDefinition;
import org.jspecify.annotations.Nullable;

/**
 * One object on its way to the store.
 *
 * @param object what is to be stored, or the body of a subresource; null for DELETE and CONNECT without options
 * @param old the stored state; null for CREATE
 */
public record AdmissionRequest(
        Operation operation,
        RequestInfo request,
        ResourceDefinition resource,
        @Nullable Document object,
        @Nullable Document old) {

    public enum Operation {
        CREATE,
        UPDATE,
        DELETE,
        CONNECT
    }
}
