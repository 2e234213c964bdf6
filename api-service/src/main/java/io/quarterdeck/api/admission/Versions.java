package io.quarterdeck.api.admission;

import io.quarterdeck.api.cache.CachedObjects;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.registry.ResourceDefinition;
import io.quarterdeck.api.registry.VersionConverter;
import io.quarterdeck.api.schema.ObjectCodec;
import io.quarterdeck.api.store.Entry;
import io.quarterdeck.model.GroupVersionKind;
import io.quarterdeck.model.StatusException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Objects on their way to the store, in the versions that webhooks and policies ask for. Thread-safe. */
@Component
public final class Versions {

    private final Map<GroupVersionKind, VersionConverter> converters = new HashMap<>();

    private final ObjectCodec codec;

    Versions(List<VersionConverter> converters, ObjectCodec codec) {
        this.codec = codec;
        converters.forEach(converter -> this.converters.put(converter.version(), converter));
    }

    /** A copy of {@code object}, which is in the stored version, as {@code resource} shows it; null stays null. */
    public @Nullable Document in(ResourceDefinition resource, AdmissionRequest request, @Nullable Document object) {
        if (object == null) {
            return null;
        }
        // Bodies of subresources are of a kind of their own.
        boolean own = object.kind().isEmpty()
                ? request.request().subresource().isEmpty()
                : object.kind().equals(resource.kind());
        return own ? in(resource, object) : object.copy();
    }

    /** A copy of {@code stored} as {@code resource} shows it. */
    public Document in(ResourceDefinition resource, Document stored) {
        VersionConverter converter = converters.get(resource.gvk());
        if (converter != null) {
            return converter.fromStored(stored);
        }
        Document seen = converted(resource, stored.copy(), resource.version());
        seen.set("apiVersion", resource.gvk().apiVersion()).set("kind", resource.kind());
        return seen;
    }

    /** An object that is neither the request's nor on its way, as {@code resource} shows it. */
    public Document in(ResourceDefinition resource, Entry entry) {
        return resource.strategy()
                .storedForm()
                .map(form -> form.read(entry, resource.version()))
                .orElseGet(() -> in(resource, CachedObjects.document(entry)));
    }

    /** Custom resources are judged in the version of their request. */
    private static Document converted(ResourceDefinition resource, Document object, String version) {
        String found = object.apiVersion();
        if (found.isEmpty() || GroupVersionKind.of(found, "").version().equals(version)) {
            return object;
        }
        try {
            return resource.strategy()
                    .storedForm()
                    .map(form -> form.convert(object, resource.group() + "/" + version))
                    .orElse(object);
        } catch (StatusException unconverted) {
            throw StatusException.internal(unconverted.text());
        }
    }

    /**
     * Makes the request's object what {@code changed}, in the version of {@code resource}, says, with defaults.
     *
     * @return whether that changes anything
     * @throws StatusException when it is no object of its kind
     */
    public boolean replace(AdmissionRequest request, ResourceDefinition resource, Document changed) {
        Document object = request.body();
        GroupVersionKind kind = request.kind(resource);
        if (!kind.equals(resource.gvk())) {
            return replace(
                    object,
                    codec.knows(kind) ? codec.check(changed.tree(), kind).document() : changed);
        }
        Document checked = codec.check(changed.tree(), kind).document();
        VersionConverter converter = converters.get(resource.gvk());
        Document next = converter == null
                ? converted(
                        resource,
                        checked,
                        GroupVersionKind.of(object.apiVersion(), "").version())
                : converter.toStored(checked);
        next.set("apiVersion", object.apiVersion()).set("kind", object.kind());
        codec.applyDefaults(
                next,
                new GroupVersionKind(
                        resource.group(),
                        object.apiVersion().substring(object.apiVersion().indexOf('/') + 1),
                        object.kind()));
        request.resource().strategy().applyDefaults(next);
        return replace(object, next);
    }

    private static boolean replace(Document object, Document next) {
        if (next.equals(object)) {
            return false;
        }
        object.tree().removeAll();
        object.tree().setAll(next.tree());
        return true;
    }
}
