package io.quarterdeck.api.bootstrap;

import io.quarterdeck.api.authn.User;
import io.quarterdeck.api.cache.CachedObjects;
import io.quarterdeck.api.cache.Freshness;
import io.quarterdeck.api.cache.WatchCache;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.patch.FieldOwnership;
import io.quarterdeck.api.registry.DeleteOptions;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.registry.ResourceCatalog;
import io.quarterdeck.api.registry.ResourceDefinition;
import io.quarterdeck.api.registry.WritePath;
import io.quarterdeck.api.registry.WritePath.Manner;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.model.StatusException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** The server's own objects by the write path of all requests. */
final class WritePathObjects implements ServerObjects {

    private final WritePath writes;
    private final FieldOwnership ownership;
    private final WatchCache cache;
    private final CachedObjects cached;
    private final ResourceCatalog catalog;
    private final InstantSource clock;

    WritePathObjects(
            WritePath writes,
            FieldOwnership ownership,
            WatchCache cache,
            ResourceCatalog catalog,
            InstantSource clock) {
        this.writes = writes;
        this.ownership = ownership;
        this.cache = cache;
        this.cached = new CachedObjects(cache);
        this.catalog = catalog;
        this.clock = clock;
    }

    @Override
    public Optional<Document> get(GroupResource resource, ObjectKey key) {
        ResourceDefinition definition = definition(resource);
        return cache.get(definition.storage(), key, new Freshness.Consistent()).map(entry -> {
            Document document = CachedObjects.document(entry);
            document.set("apiVersion", definition.gvk().apiVersion());
            document.set("kind", definition.kind());
            return document;
        });
    }

    @Override
    public List<Document> list(GroupResource resource) {
        return cached.list(definition(resource).storage(), "");
    }

    @Override
    public void create(GroupResource resource, Document object, String fieldManager) {
        ObjectKey key = new ObjectKey(object.namespace(), "");
        writes.create(definition(resource), object, request("create", key, "", fieldManager));
    }

    @Override
    public void update(GroupResource resource, Document object, String fieldManager) {
        ObjectKey key = new ObjectKey(object.namespace(), object.name());
        writes.update(
                definition(resource),
                request("update", key, "", fieldManager),
                Manner.PUT,
                old -> old == null ? null : object.copy());
    }

    @Override
    public void applyConditions(GroupResource resource, Document object, String fieldManager) {
        ResourceDefinition definition = definition(resource);
        ObjectKey key = new ObjectKey(object.namespace(), object.name());
        RequestInfo request = request("patch", key, "status", fieldManager);
        Document applied = ClusterObjects.object(
                definition.gvk().apiVersion(), definition.kind(), object.namespace(), object.name());
        applied.set("status.conditions", object.at("status.conditions").deepCopy());
        writes.update(
                definition,
                request,
                Manner.APPLY,
                old -> old == null
                        ? null
                        : ownership.apply(
                                old, applied, writes.target(definition, "status"), fieldManager, true, request.now()));
    }

    @Override
    public void delete(GroupResource resource, ObjectKey key, String uid) {
        try {
            writes.delete(
                    definition(resource),
                    new DeleteOptions(
                            Optional.of(0L), "Background", Optional.empty(), Optional.of(uid), Optional.empty(), false),
                    request("delete", key, "", "kube-apiserver"));
        } catch (StatusException refused) {
            if (refused.code() != 404) {
                throw refused;
            }
        }
    }

    private RequestInfo request(String verb, ObjectKey key, String subresource, String fieldManager) {
        return new RequestInfo(
                User.API_SERVER,
                verb,
                "v1",
                key,
                subresource,
                false,
                fieldManager,
                RequestInfo.FieldValidation.IGNORE,
                "",
                clock.instant(),
                warning -> {});
    }

    private ResourceDefinition definition(GroupResource resource) {
        return catalog.versions(resource.group()).stream()
                .flatMap(version -> catalog.find(resource.group(), version, resource.resource()).stream())
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(resource + " is not served"));
    }
}
