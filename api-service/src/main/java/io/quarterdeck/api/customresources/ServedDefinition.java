package io.quarterdeck.api.customresources;

import io.quarterdeck.api.customresources.schema.JsonSchema;
import io.quarterdeck.api.customresources.schema.TypedSchemas;
import io.quarterdeck.api.discovery.openapi.CustomKind;
import io.quarterdeck.api.registry.ResourceDefinition;
import io.quarterdeck.api.registry.Subresource;
import io.quarterdeck.api.registry.VersionOrder;
import io.quarterdeck.api.schema.ObjectSchema;
import io.quarterdeck.model.GroupVersionKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a definition becomes when it is served: a resource for each served version, with the schemas that the codec and
 * field ownership need. Immutable.
 *
 * @param resources in the order of the definition's versions
 */
record ServedDefinition(
        Definition definition,
        List<ResourceDefinition> resources,
        Map<GroupVersionKind, JsonSchema> schemas,
        Map<GroupVersionKind, ObjectSchema> typed) {

    private static final List<String> VERBS =
            List.of("delete", "deletecollection", "get", "list", "patch", "create", "update", "watch");
    private static final List<String> SUBRESOURCE_VERBS = List.of("get", "patch", "update");
    private static final GroupVersionKind SCALE = new GroupVersionKind("autoscaling", "v1", "Scale");

    /** What it takes to serve. */
    interface Parts {

        CustomResourceForm form(Definition definition, Map<String, JsonSchema> schemas);

        CustomResourceStrategy.ObjectRules rules(JsonSchema schema);

        CustomResourceStrategy.Creation creation(Definition definition);
    }

    static ServedDefinition of(Definition definition, Parts parts) {
        Map<String, JsonSchema> byVersion = new HashMap<>();
        definition
                .versions()
                .forEach(version ->
                        version.schema().ifPresent(schema -> byVersion.put(version.name(), JsonSchema.of(schema))));
        CustomResourceForm form = parts.form(definition, byVersion);
        CustomResourceStrategy.Creation creation = parts.creation(definition);
        List<ResourceDefinition> resources = new ArrayList<>();
        Map<GroupVersionKind, JsonSchema> schemas = new HashMap<>();
        Map<GroupVersionKind, ObjectSchema> typed = new HashMap<>();
        for (Definition.Version version : definition.versions()) {
            JsonSchema schema = byVersion.get(version.name());
            GroupVersionKind kind = new GroupVersionKind(
                    definition.group(), version.name(), definition.names().kind());
            if (schema != null) {
                schemas.put(kind, schema);
                typed.put(kind, TypedSchemas.of(kind.kind(), schema, CustomResourceCodec.metadata()));
            }
            if (version.served()) {
                CustomResourceStrategy strategy = new CustomResourceStrategy(
                        definition,
                        version,
                        schema,
                        schema == null ? CustomResourceStrategy.ObjectRules.NONE : parts.rules(schema),
                        form,
                        creation);
                resources.add(resource(definition, version, strategy));
            }
        }
        return new ServedDefinition(definition, List.copyOf(resources), Map.copyOf(schemas), Map.copyOf(typed));
    }

    /** The served versions, as the OpenAPI documents describe them. */
    List<CustomKind> described() {
        return resources.stream()
                .filter(resource -> resource.strategy().outOfService().isEmpty())
                .map(resource -> {
                    Definition.Version version =
                            definition.version(resource.version()).orElseThrow();
                    return new CustomKind(
                            resource.group(),
                            resource.version(),
                            resource.plural(),
                            resource.kind(),
                            resource.listKind(),
                            resource.namespaced(),
                            version.hasStatus(),
                            version.scale().isPresent(),
                            version.schema().orElse(null),
                            version.selectableFields());
                })
                .toList();
    }

    /** The resource in this version; in the stored one when this is not served; in any when that is not either. */
    ResourceDefinition resource(String version) {
        return served(version)
                .or(() -> served(definition.storageVersion().name()))
                .orElseGet(resources::getFirst);
    }

    private Optional<ResourceDefinition> served(String version) {
        return resources.stream()
                .filter(resource -> resource.version().equals(version))
                .findFirst();
    }

    private static ResourceDefinition resource(
            Definition definition, Definition.Version version, CustomResourceStrategy strategy) {
        Definition.Names names = definition.names();
        List<Subresource> subresources = new ArrayList<>();
        if (version.hasStatus()) {
            subresources.add(new Subresource(
                    "status",
                    new GroupVersionKind(definition.group(), version.name(), names.kind()),
                    SUBRESOURCE_VERBS));
        }
        if (version.scale().isPresent()) {
            subresources.add(new Subresource("scale", SCALE, SUBRESOURCE_VERBS));
        }
        String stored = definition.storageVersion().served()
                ? definition.storageVersion().name()
                : definition.versions().stream()
                        .filter(Definition.Version::served)
                        .map(Definition.Version::name)
                        .findFirst()
                        .orElse(version.name());
        return new ResourceDefinition(
                definition.group(),
                version.name(),
                names.plural(),
                names.singular(),
                names.kind(),
                definition.namespaced(),
                names.shortNames(),
                names.categories(),
                VERBS,
                List.copyOf(subresources),
                definition.storage(),
                stored,
                strategy,
                new ResourceDefinition.Traits(true, false, true, false, deprecation(definition, version)));
    }

    private static String deprecation(Definition definition, Definition.Version version) {
        if (!version.source().path("deprecated").asBoolean(false)) {
            return "";
        }
        if (version.source().path("deprecationWarning").isString()) {
            return version.source().path("deprecationWarning").stringValue();
        }
        String kind = definition.names().kind();
        String better = definition.versions().stream()
                .filter(each ->
                        each.served() && !each.source().path("deprecated").asBoolean(false))
                .map(Definition.Version::name)
                .filter(name -> VersionOrder.BEST_FIRST.compare(name, version.name()) < 0)
                .min(VersionOrder.BEST_FIRST)
                .map(name -> "; use %s/%s %s".formatted(definition.group(), name, kind))
                .orElse("");
        return "%s/%s %s is deprecated%s".formatted(definition.group(), version.name(), kind, better);
    }
}
