package io.quarterdeck.api.customresources;

import io.quarterdeck.api.cache.CachedObjects;
import io.quarterdeck.api.customresources.schema.JsonSchema;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.registry.BuiltInResources;
import io.quarterdeck.api.registry.Catalog;
import io.quarterdeck.api.registry.LiveCatalog;
import io.quarterdeck.api.registry.ResourceDefinition;
import io.quarterdeck.api.registry.ResourceStrategy.Enlisted;
import io.quarterdeck.api.schema.LiveSchemas;
import io.quarterdeck.api.schema.ObjectSchema;
import io.quarterdeck.api.store.Entry;
import io.quarterdeck.api.store.HeaderReader;
import io.quarterdeck.api.store.OrderedStore;
import io.quarterdeck.api.store.StoreKey;
import io.quarterdeck.api.store.Transaction;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.GroupVersionKind;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.model.StatusException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What of the definitions is served: swaps catalogue, codec, schemas and documents as one after the other. One thread
 * serves, any may ask.
 */
final class Serving {

    private static final Logger LOG = LoggerFactory.getLogger(Serving.class);

    private final LiveCatalog catalog;
    private final CustomResourceCodec codec;
    private final LiveSchemas schemas;
    private final OrderedStore store;
    private final CachedObjects objects;
    private final HeaderReader headers;
    private final Conversions conversions;
    private final Expressions expressions;
    private final Consumer<GroupResource> reindex;
    private final Consumer<List<ServedDefinition>> documents;
    private volatile Map<String, ServedDefinition> served = Map.of();
    private Map<GroupVersionKind, JsonSchema> lastKinds = Map.of();
    private Map<GroupVersionKind, ObjectSchema> lastTyped = Map.of();

    /** Makes converters of what definitions say about conversion. */
    @FunctionalInterface
    interface Conversions {
        Conversion of(Definition definition);
    }

    /** Compiles the rules of a schema that are expressions. */
    @FunctionalInterface
    interface Expressions {
        CustomResourceStrategy.ObjectRules of(JsonSchema schema);
    }

    /**
     * @param reindex told the storages whose selectable fields changed
     * @param documents told what is described in the OpenAPI documents
     */
    Serving(
            LiveCatalog catalog,
            CustomResourceCodec codec,
            LiveSchemas schemas,
            OrderedStore store,
            CachedObjects objects,
            HeaderReader headers,
            Conversions conversions,
            Expressions expressions,
            Consumer<GroupResource> reindex,
            Consumer<List<ServedDefinition>> documents) {
        this.catalog = catalog;
        this.codec = codec;
        this.schemas = schemas;
        this.store = store;
        this.objects = objects;
        this.headers = headers;
        this.conversions = conversions;
        this.expressions = expressions;
        this.reindex = reindex;
        this.documents = documents;
    }

    Optional<ServedDefinition> served(String name) {
        return Optional.ofNullable(served.get(name));
    }

    /** Whether the resource of this definition is served under the names that it was given. */
    boolean serves(Document definition) {
        ServedDefinition known = served.get(definition.name());
        return known != null && known.definition().uid().equals(definition.uid());
    }

    /** Serves these and no others. */
    void serve(List<Definition> definitions) {
        Map<String, ServedDefinition> next = new LinkedHashMap<>();
        for (Definition definition : definitions) {
            if (definition.served()) {
                make(definition).ifPresent(made -> next.put(definition.name(), made));
            }
        }
        if (next.equals(served)) {
            return;
        }
        List<GroupResource> reindexed = reindexed(next);
        next.values().forEach(each -> store.register(each.definition().storage()));
        swap(next);
        reindexed.forEach(reindex);
        documents.accept(List.copyOf(next.values()));
    }

    /** The same object as before when it serves the same, so that its watches go on. */
    private Optional<ServedDefinition> make(Definition definition) {
        ServedDefinition known = served.get(definition.name());
        if (known != null && known.definition().servesAs(definition)) {
            return Optional.of(known);
        }
        for (Definition.Version version : definition.versions()) {
            boolean builtin = catalog.find(
                            definition.group(),
                            version.name(),
                            definition.names().plural())
                    .filter(resource -> !resource.custom())
                    .isPresent();
            if (builtin) {
                LOG.warn("CustomResourceDefinition {} names a resource that is built in", definition.name());
                return Optional.empty();
            }
        }
        try {
            return Optional.of(ServedDefinition.of(definition, new Parts()));
        } catch (RuntimeException unserved) {
            LOG.error("CustomResourceDefinition {} cannot be served", definition.name(), unserved);
            return Optional.empty();
        }
    }

    private void swap(Map<String, ServedDefinition> next) {
        List<ResourceDefinition> resources = new ArrayList<>(
                catalog.all().stream().filter(resource -> !resource.custom()).toList());
        Map<GroupVersionKind, JsonSchema> kinds = new HashMap<>();
        Map<GroupVersionKind, ObjectSchema> typed = new HashMap<>();
        next.values().forEach(each -> {
            resources.addAll(each.resources());
            kinds.putAll(each.schemas());
            typed.putAll(each.typed());
        });
        // Requests that began before the swap still need the kinds that leave with it.
        Map<GroupVersionKind, JsonSchema> bothKinds = new HashMap<>(lastKinds);
        bothKinds.putAll(kinds);
        Map<GroupVersionKind, ObjectSchema> bothTyped = new HashMap<>(lastTyped);
        bothTyped.putAll(typed);
        codec.swap(bothKinds);
        schemas.swap(bothTyped);
        lastKinds = kinds;
        lastTyped = typed;
        served = Collections.unmodifiableMap(next);
        catalog.swap(new Catalog(resources, BuiltInResources.GROUP_ORDER));
    }

    /** Storages whose headers hold other fields than selectors will ask for. */
    private List<GroupResource> reindexed(Map<String, ServedDefinition> next) {
        List<GroupResource> changed = new ArrayList<>();
        next.forEach((name, each) -> {
            ServedDefinition before = served.get(name);
            if (!fields(each).equals(before == null ? List.of() : fields(before))) {
                changed.add(each.definition().storage());
            }
        });
        return changed;
    }

    private static List<?> fields(ServedDefinition definition) {
        return definition.resources().isEmpty()
                ? List.of()
                : definition.resources().getFirst().strategy().selectableFields();
    }

    private final class Parts implements ServedDefinition.Parts {

        @Override
        public CustomResourceForm form(Definition definition, Map<String, JsonSchema> byVersion) {
            return new CustomResourceForm(codec, headers, definition, byVersion, conversions.of(definition));
        }

        @Override
        public CustomResourceStrategy.ObjectRules rules(JsonSchema schema) {
            return expressions.of(schema);
        }

        @Override
        public CustomResourceStrategy.Creation creation(Definition definition) {
            return new LiveCreation(definition);
        }
    }

    /** Objects are created only while their definition stands; the store sees to it that none slips in behind its end. */
    private final class LiveCreation implements CustomResourceStrategy.Creation {
        private final Definition definition;
        private final StoreKey key;

        LiveCreation(Definition definition) {
            this.definition = definition;
            this.key = new StoreKey(Definition.RESOURCE, new ObjectKey("", definition.name()));
        }

        @Override
        public void allow(String name) {
            standing(name);
        }

        @Override
        public Enlisted enlist(String name) {
            return new Enlisted(
                    List.of(), List.of(new Transaction.Guard(key, standing(name).revision())));
        }

        private Entry standing(String name) {
            Entry entry = objects.entry(key.storage(), key.key())
                    .filter(each -> each.header().uid().equals(definition.uid()))
                    .orElseThrow(StatusException::noSuchRoute);
            if (entry.header().deleting()) {
                throw StatusException.forbidden(
                        definition.storage(),
                        name,
                        "create not allowed while custom resource definition is terminating");
            }
            return entry;
        }
    }
}
