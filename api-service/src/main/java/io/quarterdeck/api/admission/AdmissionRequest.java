package io.quarterdeck.api.admission;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.registry.DeleteOptions;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.registry.ResourceDefinition;
import io.quarterdeck.api.registry.Subresource;
import io.quarterdeck.model.GroupVersionKind;
import io.quarterdeck.model.StatusException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One object on its way to the store.
 *
 * @param object what is to be stored, or the body of a subresource; null for DELETE and CONNECT without options
 * @param old the stored state; null for CREATE
 * @param deletion how a DELETE is to be done
 */
public record AdmissionRequest(
        Operation operation,
        RequestInfo request,
        ResourceDefinition resource,
        @Nullable Document object,
        @Nullable Document old,
        DeleteOptions deletion) {

    /** Anything but a deletion with options. */
    public AdmissionRequest(
            Operation operation,
            RequestInfo request,
            ResourceDefinition resource,
            @Nullable Document object,
            @Nullable Document old) {
        this(operation, request, resource, object, old, DeleteOptions.DEFAULT);
    }

    public enum Operation {
        CREATE,
        UPDATE,
        DELETE,
        CONNECT
    }

    /** Whether this is {@code operation} on the resource itself, not on a subresource. */
    public boolean is(Operation wanted, String group, String plural) {
        return operation == wanted
                && request.subresource().isEmpty()
                && resource.plural().equals(plural)
                && resource.group().equals(group);
    }

    /** The name that the request itself gives; empty for one of many. */
    public String requestedName() {
        return request.verb().equals("deletecollection") ? "" : request.key().name();
    }

    /** The object's name as refusals show it: for a create without a name what it is to be made from. */
    public String shownName() {
        if (request.verb().equals("deletecollection")) {
            return "Unknown";
        }
        if (!request.key().name().isEmpty()) {
            return request.key().name();
        }
        if (object == null) {
            return "Unknown";
        }
        return object.name().isEmpty() ? object.text("metadata.generateName") : object.name();
    }

    /** What {@link #object} is in the version of {@code of}: bodies of some subresources are of a kind of their own. */
    public GroupVersionKind kind(ResourceDefinition of) {
        return of.subresource(request.subresource()).map(Subresource::kind).orElse(of.gvk());
    }

    /** The 403 of a plugin. */
    public StatusException forbidden(String why) {
        return StatusException.forbidden(resource.resource(), shownName(), why);
    }

    /** The object; only for operations that have one. */
    public Document body() {
        return Objects.requireNonNull(object, "the operation has no object");
    }

    /** The stored state; only for updates and deletions. */
    public Document stored() {
        return Objects.requireNonNull(old, "the operation has no stored object");
    }
}
