package io.quarterdeck.api.registry;

import io.quarterdeck.api.admission.AdmissionChain;
import io.quarterdeck.api.admission.AdmissionRequest;
import io.quarterdeck.api.admission.AdmissionRequest.Operation;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.patch.AppliedConfiguration;
import io.quarterdeck.api.patch.FieldOwnership;
import io.quarterdeck.api.patch.ScaleOwnership;
import io.quarterdeck.api.patch.SettableFields;
import io.quarterdeck.api.registry.ResourceStrategy.ScalePaths;
import io.quarterdeck.api.registry.WritePath.Manner;
import io.quarterdeck.api.registry.WritePath.Written;
import io.quarterdeck.model.FieldError;
import io.quarterdeck.model.FieldError.Reason;
import io.quarterdeck.model.GroupVersionKind;
import io.quarterdeck.model.StatusException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The scale subresource: an autoscaling/v1 Scale as a window on an object's replica count. Thread-safe. */
public final class Scales {

    private static final GroupVersionKind SCALE = new GroupVersionKind("autoscaling", "v1", "Scale");

    private final WritePath writes;
    private final AdmissionChain admission;
    private final FieldOwnership ownership;

    public Scales(WritePath writes, AdmissionChain admission, FieldOwnership ownership) {
        this.writes = writes;
        this.admission = admission;
        this.ownership = ownership;
    }

    private static ScalePaths paths(ResourceDefinition resource) {
        return resource.strategy().scale().orElseThrow(StatusException::noSuchRoute);
    }

    /** The Scale of an object. */
    public Document of(ResourceDefinition resource, Document object) {
        ScalePaths paths = paths(resource);
        Document scale = Document.empty();
        scale.set("kind", "Scale").set("apiVersion", "autoscaling/v1");
        ObjectNode metadata = scale.object("metadata");
        for (String field : List.of("name", "namespace", "uid", "resourceVersion", "creationTimestamp")) {
            JsonNode value = object.at("metadata." + field);
            if (!value.isMissingNode()) {
                metadata.set(field, value);
            }
        }
        ObjectNode spec = scale.object("spec");
        long replicas = object.number(paths.specReplicas(), 0);
        if (replicas != 0) {
            spec.put("replicas", replicas);
        }
        ObjectNode status = scale.object("status");
        status.put("replicas", object.number(paths.statusReplicas(), 0));
        String selector = selector(object.at(paths.selector()));
        if (!selector.isEmpty()) {
            status.put("selector", selector);
        }
        return scale;
    }

    /**
     * The Scale of an object, for who asks for nothing else.
     *
     * @throws StatusException 500 when the object must say how many replicas it wants, and does not
     */
    public Document shown(ResourceDefinition resource, Document object) {
        ScalePaths paths = paths(resource);
        if (paths.required() && !object.has(paths.specReplicas())) {
            throw StatusException.internal(
                    "the spec replicas field \".%s\" does not exist".formatted(paths.specReplicas()));
        }
        return of(resource, object);
    }

    /** As a label selector is written in a query; keys in order. */
    static String selector(JsonNode selector) {
        if (selector.isString()) {
            return selector.stringValue();
        }
        boolean structured = selector.has("matchLabels") || selector.has("matchExpressions");
        List<String> terms = new ArrayList<>();
        JsonNode labels = structured ? selector.path("matchLabels") : selector;
        labels.properties()
                .forEach(label ->
                        terms.add(label.getKey() + "=" + label.getValue().asString("")));
        if (structured) {
            for (JsonNode requirement : selector.path("matchExpressions")) {
                String key = requirement.path("key").asString("");
                Set<String> values = new TreeSet<>();
                requirement.path("values").forEach(value -> values.add(value.asString("")));
                terms.add(
                        switch (requirement.path("operator").asString("")) {
                            case "In" -> key + " in (" + String.join(",", values) + ")";
                            case "NotIn" -> key + " notin (" + String.join(",", values) + ")";
                            case "Exists" -> key;
                            default -> "!" + key;
                        });
            }
        }
        terms.sort(null);
        return String.join(",", terms);
    }

    /** @param change makes the next Scale out of a copy of the current one */
    public Written update(ResourceDefinition resource, RequestInfo request, UnaryOperator<Document> change) {
        return write(resource, request, scale -> {
            Document before = scale.copy();
            before.remove("metadata.managedFields");
            Document next = change.apply(before);
            next.keep("metadata.managedFields", scale);
            ownership.recordUpdate(next, scale, target(request), request.fieldManager(), request.now());
            return next;
        });
    }

    /**
     * Server-side apply of a Scale.
     *
     * @param judge looks at what was applied when the rest is done
     * @throws StatusException 409 when others own the count, unless forced
     */
    public Written apply(
            ResourceDefinition resource,
            RequestInfo request,
            Supplier<AppliedConfiguration.Read> applied,
            Consumer<AppliedConfiguration.Read> judge,
            boolean force) {
        return write(resource, request, scale -> {
            AppliedConfiguration.Read read = applied.get();
            Document merged = ownership.apply(
                    scale, read.document(), target(request), request.fieldManager(), force, request.now());
            judge.accept(read);
            return merged;
        });
    }

    private static FieldOwnership.Target target(RequestInfo request) {
        return FieldOwnership.Target.of(SCALE, request.subresource(), SettableFields.ALL);
    }

    /** @param change makes the next Scale, with its owners, out of the current one */
    private Written write(ResourceDefinition resource, RequestInfo request, UnaryOperator<Document> change) {
        ScalePaths paths = paths(resource);
        ScaleOwnership owners =
                new ScaleOwnership(resource.gvk().apiVersion(), paths.specReplicas(), paths.elsewhere());
        // Admission judges the Scale, not what is behind it.
        return writes.update(resource, request, new Manner(true, true, true, false), object -> {
            if (object == null) {
                return null;
            }
            Document scale = of(resource, object);
            scale.set("metadata.managedFields", owners.ofScale(object.at("metadata.managedFields")));
            Document old = scale.copy();
            Document next = change.apply(scale);
            AdmissionRequest admitted = new AdmissionRequest(Operation.UPDATE, request, resource, next, old);
            admission.mutate(admitted);
            long replicas = next.number("spec.replicas", 0);
            if (replicas < 0 && !resource.custom()) {
                throw StatusException.invalid(
                        "autoscaling",
                        "Scale",
                        object.name(),
                        List.of(new FieldError(
                                Reason.INVALID,
                                "spec.replicas",
                                "Invalid value: %d: must be greater than or equal to 0".formatted(replicas))));
            }
            Document judged = of(resource, object).set("spec.replicas", replicas);
            old.remove("metadata.managedFields");
            admission.validate(new AdmissionRequest(Operation.UPDATE, request, resource, judged, old));
            object.set(
                    "metadata.managedFields",
                    owners.ofObject(object.at("metadata.managedFields"), next.at("metadata.managedFields")));
            if (object.at(paths.specReplicas()).isMissingNode() || object.number(paths.specReplicas(), 0) != replicas) {
                object.set(paths.specReplicas(), replicas);
            }
            if (!next.text("metadata.resourceVersion").isEmpty()) {
                object.set("metadata.resourceVersion", next.text("metadata.resourceVersion"));
            }
            if (!next.uid().isEmpty()) {
                object.set("metadata.uid", next.uid());
            }
            return object;
        });
    }
}
