package io.quarterdeck.api.patch;

import io.quarterdeck.api.kinds.KindParts;
import io.quarterdeck.api.registry.BuiltInResources;
import io.quarterdeck.api.registry.Catalog;
import io.quarterdeck.api.registry.LiveCatalog;
import io.quarterdeck.api.registry.RuntimeConfig;
import io.quarterdeck.api.registry.WritePath;
import io.quarterdeck.api.schema.SchemaCodec;
import io.quarterdeck.model.GroupVersionKind;
import java.util.List;

/** Where requests for built-in kinds write, with nothing behind it that could be written to. */
final class KindTargets {

    private final LiveCatalog catalog;
    private final WritePath writes;

    /** @param config what is served beside what is stable */
    @SuppressWarnings("NullAway")
    KindTargets(String... config) {
        catalog = new LiveCatalog(new Catalog(
                BuiltInResources.read(KindParts.strategies(), new RuntimeConfig(List.of(config))),
                BuiltInResources.GROUP_ORDER));
        writes = new WritePath(
                catalog, new SchemaCodec(), new ManagedFields(), null, null, null, null, KindParts.converters(), null);
    }

    FieldOwnership.Target of(GroupVersionKind kind, String subresource) {
        return catalog.byKind(kind.group(), kind.version(), kind.kind())
                .map(resource -> writes.target(resource, subresource))
                .orElseGet(() -> FieldOwnership.Target.of(kind, subresource, SettableFields.ALL));
    }
}
