package io.quarterdeck.api.validation;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.model.FieldError;
import io.quarterdeck.model.Formats;
import io.quarterdeck.model.GoQuote;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What holds for the metadata of every kind. Source: Kubernetes API conventions, "Metadata"; upstream's
 * {@code ValidateObjectMeta} and {@code ValidateObjectMetaUpdate}.
 */
public final class MetadataRules {

    private static final int ANNOTATIONS_LIMIT = 256 * 1024;

    private MetadataRules() {}

    public static List<FieldError> create(Document next, boolean namespaced, NameCheck names) {
        List<FieldError> findings = new ArrayList<>();
        checkCreate(Field.root(next, null, findings).at("metadata"), namespaced, names);
        return findings;
    }

    /** Metadata of an object to be created, at any path. */
    public static void checkCreate(Field metadata, boolean namespaced, NameCheck names) {
        Field generateName = metadata.at("generateName");
        if (!generateName.empty()) {
            generateName.invalid(names.problems(generateName.text(), true));
        }
        Field name = metadata.at("name");
        if (name.empty()) {
            name.required("name or generateName is required");
        } else {
            name.invalid(names.problems(name.text(), false));
        }
        Field namespace = metadata.at("namespace");
        if (namespaced) {
            namespace.requireFormat(Formats::label);
        } else if (!namespace.empty()) {
            namespace.forbidden("not allowed on this type");
        }
        metadata.at("generation").nonNegative();
        common(metadata);
        finalizers(metadata.at("finalizers"));
        managedFields(metadata.at("managedFields"));
    }

    /** An update; whether it must name a resourceVersion is judged before. */
    public static List<FieldError> update(Document next, Document old) {
        List<FieldError> findings = new ArrayList<>();
        Field metadata = Field.root(next, old, findings).at("metadata");
        Field generation = metadata.at("generation");
        generation.nonNegative();
        common(metadata);
        finalizers(metadata.at("finalizers"));
        if (metadata.at("deletionTimestamp").old().isString()) {
            noNewFinalizers(metadata.at("finalizers"));
        }
        if (generation.number() < generation.old().asLong(0)) {
            generation.invalidValue(generation.number(), "must not be decremented");
        }
        for (String field : List.of("name", "namespace", "uid", "deletionTimestamp", "deletionGracePeriodSeconds")) {
            metadata.at(field).immutable();
        }
        managedFields(metadata.at("managedFields"));
        return findings;
    }

    private static void common(Field metadata) {
        Labels.check(metadata.at("labels"));
        annotations(metadata.at("annotations"));
        ownerReferences(metadata.at("ownerReferences"));
    }

    public static void annotations(Field annotations) {
        long[] size = {0};
        annotations.entries((key, value) -> {
            Formats.qualifiedName(Formats.lower(key)).forEach(problem -> annotations.invalidValue(key, problem));
            size[0] += Formats.bytes(key) + Formats.bytes(value.text());
        });
        if (size[0] > ANNOTATIONS_LIMIT) {
            annotations.tooLong(ANNOTATIONS_LIMIT);
        }
    }

    /** Metadata of what is to be made from a template: labels and annotations can be said, and nothing else. */
    public static void template(Field metadata) {
        annotations(metadata.at("annotations"));
        Labels.check(metadata.at("labels"));
        for (String name : metadata.node().propertyNames()) {
            Field said = metadata.at(name);
            // A list without elements is something said; the rest counts when it is not zero.
            if (!List.of("labels", "annotations").contains(name) && (said.node().isArray() || !said.empty())) {
                said.as(metadata.path() + "." + (name.equals("uid") ? "uID" : name))
                        .forbidden("cannot be set");
            }
        }
    }

    private static void ownerReferences(Field references) {
        String controller = "";
        for (Field reference : references.items()) {
            ownerReference(reference, references);
            if (reference.at("controller").flag()) {
                String name =
                        reference.at("kind").text() + "/" + reference.at("name").text();
                if (controller.isEmpty()) {
                    controller = name;
                } else {
                    references.invalid(
                            "Only one reference can have Controller set to true. Found \"true\" in references for %s and %s"
                                    .formatted(controller, name));
                }
            }
        }
    }

    private static void ownerReference(Field reference, Field references) {
        Field apiVersion = reference.at("apiVersion").as(references.path() + ".apiVersion");
        if (apiVersion.empty()
                || apiVersion.text().endsWith("/")
                || apiVersion.text().chars().filter(c -> c == '/').count() > 1) {
            apiVersion.invalidValue(apiVersion.text(), "version must not be empty");
        }
        for (String name : List.of("kind", "name", "uid")) {
            Field field = reference.at(name).as(references.path() + "." + name);
            if (field.empty()) {
                field.invalidValue("", "must not be empty");
            }
        }
        if (apiVersion.is("v1") && reference.at("kind").is("Event")) {
            references.invalidValue(reference.node(), "/v1, Kind=Event is disallowed from being an owner");
        }
    }

    private static void finalizers(Field finalizers) {
        List<String> names = finalizers.texts();
        for (String name : names) {
            Formats.qualifiedName(name).forEach(problem -> finalizers.invalidValue(name, problem));
        }
        if (names.contains("orphan") && names.contains("foregroundDeletion")) {
            finalizers.invalid("finalizer orphan and foregroundDeletion cannot be both set");
        }
    }

    private static void noNewFinalizers(Field finalizers) {
        Set<String> added = new TreeSet<>(finalizers.texts());
        added.removeAll(Values.strings(finalizers.old()));
        if (!added.isEmpty()) {
            finalizers.forbidden(
                    "no new finalizers can be added if the object is being deleted, found new finalizers []string{%s}"
                            .formatted(added.stream().map(GoQuote::quote).collect(Collectors.joining(", "))));
        }
    }

    private static void managedFields(Field entries) {
        for (Field entry : entries.items()) {
            Field operation = entry.at("operation");
            if (operation.empty()) {
                operation.required("must not be empty");
            } else {
                operation.oneOf("Apply", "Update");
            }
            Field type = entry.at("fieldsType");
            if (!type.empty() && !type.is("FieldsV1")) {
                type.invalid("must be `FieldsV1`");
            }
            if (Formats.bytes(entry.at("manager").text()) > 128) {
                entry.at("manager").tooLong(128);
            }
            if (Formats.bytes(entry.at("subresource").text()) > 256) {
                entry.at("subresource").tooLong(256);
            }
        }
    }

    /** Finalizers of the core kinds: a name without a domain must be one that Kubernetes itself uses. */
    public static void coreFinalizers(Field finalizers) {
        for (Field finalizer : finalizers.items()) {
            String name = finalizer.text();
            if (!name.contains("/")
                    && !Set.of("kubernetes", "orphan", "foregroundDeletion").contains(name)) {
                finalizer.invalid("name is neither a standard finalizer name nor is it fully qualified");
            }
        }
    }
}
