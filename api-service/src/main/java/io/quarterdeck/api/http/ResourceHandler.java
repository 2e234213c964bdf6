package io.quarterdeck.api.http;

import io.quarterdeck.api.admission.AdmissionChain;
import io.quarterdeck.api.admission.AdmissionRequest;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.patch.FieldOwnership;
import io.quarterdeck.api.patch.SettableFields;
import io.quarterdeck.api.registry.DeleteOptions;
import io.quarterdeck.api.registry.Evictions;
import io.quarterdeck.api.registry.LiveCatalog;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.registry.ResourceDefinition;
import io.quarterdeck.api.registry.Scales;
import io.quarterdeck.api.registry.Subresource;
import io.quarterdeck.api.registry.VirtualResource;
import io.quarterdeck.api.registry.WritePath;
import io.quarterdeck.api.registry.WritePath.Manner;
import io.quarterdeck.api.registry.WritePath.Written;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.GroupVersionKind;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.model.StatusException;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Finds the resource that a path names and carries out the verb. Thread-safe. */
final class ResourceHandler {

    private static final List<String> CREATE_ALONE = List.of("create");
    private static final GroupVersionKind STATUS = new GroupVersionKind("", "v1", "Status");

    private record Address(GroupResource resource, String subresource) {}

    /** Collections that store nothing: what is posted there is for a subresource of the object that the body names. */
    private static final Map<GroupResource, Address> LEADING_ON =
            Map.of(new GroupResource("", "bindings"), new Address(new GroupResource("", "pods"), "binding"));

    private final LiveCatalog catalog;
    private final Reads reads;
    private final Bodies bodies;
    private final Patches patches;
    private final WritePath writes;
    private final Collections collections;
    private final Scales scales;
    private final Evictions evictions;
    private final Answers answers;
    private final AdmissionChain admission;
    private final FieldOwnership ownership;
    private final Map<Address, VirtualResource> virtual = new HashMap<>();
    private final Map<Address, SubresourceHandler> connections = new HashMap<>();

    ResourceHandler(
            LiveCatalog catalog,
            Reads reads,
            Bodies bodies,
            Patches patches,
            WritePath writes,
            Collections collections,
            Scales scales,
            Evictions evictions,
            Answers answers,
            AdmissionChain admission,
            FieldOwnership ownership,
            Collection<VirtualResource> virtual,
            Collection<SubresourceHandler> connections) {
        this.catalog = catalog;
        this.reads = reads;
        this.bodies = bodies;
        this.patches = patches;
        this.writes = writes;
        this.collections = collections;
        this.scales = scales;
        this.evictions = evictions;
        this.answers = answers;
        this.admission = admission;
        this.ownership = ownership;
        virtual.forEach(each -> this.virtual.put(new Address(each.resource(), each.subresource()), each));
        connections.forEach(each -> this.connections.put(new Address(each.resource(), each.subresource()), each));
    }

    /** The subresource handler that a request goes to, if any: its requests are long and counted apart. */
    @Nullable SubresourceHandler connection(RequestPath path) {
        return path.subresource().isEmpty()
                ? null
                : connections.get(new Address(new GroupResource(path.group(), path.resource()), path.subresource()));
    }

    void handle(Exchange exchange) throws IOException {
        RequestPath path = exchange.path();
        ResourceDefinition resource =
                catalog.find(path.group(), path.version(), path.resource()).orElse(null);
        boolean inNamespace = !path.namespace().isEmpty();
        if (resource == null || !inScope(resource, path, inNamespace)) {
            if (isBuiltIn(path.group())) {
                throw StatusException.noSuchRoute();
            }
            ApiValve.noSuchPath(exchange);
            return;
        }
        resource.strategy().outOfService().ifPresent(why -> {
            throw why;
        });
        if (path.verb().equals("patch")
                && !path.name().isEmpty()
                && connection(path) == null
                && isPatched(resource, path)) {
            // Upstream's router refuses an unknown type of patch before anything else is said.
            Patches.requireKnownType(exchange, resource);
        }
        boolean there = path.subresource().isEmpty()
                || resource.subresource(path.subresource()).isPresent();
        if (exchange.method().equals("HEAD") && there && connection(path) == null) {
            throw StatusException.methodNotAllowed();
        }
        ObjectKey key = new ObjectKey(path.namespace(), path.name());
        if (!path.subresource().isEmpty()) {
            warnOfDeprecation(exchange, resource);
            subresource(exchange, resource, key);
            return;
        }
        if (resource.verbs().equals(CREATE_ALONE)
                && (!path.name().isEmpty() || resource.namespaced() && !inNamespace)) {
            throw StatusException.noSuchRoute();
        }
        if (resource.namespaced()
                && !inNamespace
                && (path.verb().equals("create") || path.verb().equals("deletecollection"))) {
            throw StatusException.methodNotAllowed();
        }
        boolean named = !path.name().isEmpty();
        boolean fits = switch (path.verb()) {
            case "create" -> !named;
            case "update", "patch" -> named;
            default -> true;
        };
        if (!fits || !resource.verbs().contains(path.verb())) {
            throw StatusException.methodNotAllowed();
        }
        warnOfDeprecation(exchange, resource);
        switch (path.verb()) {
            case "get" -> reads.get(exchange, resource, key);
            case "list" -> reads.list(exchange, resource, path.namespace());
            case "watch" -> reads.watch(exchange, resource, path.namespace(), path.name());
            case "create" -> create(exchange, resource, key);
            case "update" -> update(exchange, resource, key, "");
            case "patch" -> patch(exchange, resource, key, "");
            case "delete" -> delete(exchange, resource, key);
            case "deletecollection" -> collections.delete(exchange, resource, path.namespace());
            default -> throw StatusException.methodNotAllowed();
        }
    }

    private static void warnOfDeprecation(Exchange exchange, ResourceDefinition resource) {
        if (!resource.traits().deprecation().isEmpty()) {
            exchange.warn(resource.traits().deprecation());
        }
    }

    /** Objects of the cluster have no namespace, not even in their path; all others are reached through theirs. */
    private static boolean inScope(ResourceDefinition resource, RequestPath path, boolean inNamespace) {
        if (inNamespace || !resource.namespaced()) {
            return !inNamespace || resource.namespaced();
        }
        return path.name().isEmpty()
                && (!resource.custom() || List.of("list", "watch").contains(path.verb()));
    }

    private static boolean isPatched(ResourceDefinition resource, RequestPath path) {
        return path.subresource().isEmpty()
                || resource.subresource(path.subresource())
                        .filter(sub -> sub.verbs().contains("patch"))
                        .isPresent();
    }

    /** Whether Kubernetes itself has the group: upstream answers for others as if there were nothing at all. */
    private boolean isBuiltIn(String group) {
        return catalog.all().stream()
                .anyMatch(resource -> !resource.custom() && resource.group().equals(group));
    }

    private void create(Exchange exchange, ResourceDefinition resource, ObjectKey key) throws IOException {
        VirtualResource reviewer = virtual.get(new Address(resource.resource(), ""));
        boolean kept = reviewer == null && !LEADING_ON.containsKey(resource.resource());
        Negotiation form = Negotiation.of(exchange, kept, !resource.custom());
        RequestInfo request = bodies.request(exchange, resource, key, WriteOptions.Kind.CREATE);
        Document body = bodies.object(exchange, resource.gvk(), request);
        if (reviewer != null) {
            Bodies.checkNamespace(body, resource, key);
            review(exchange, resource, reviewer, body, request, resource.gvk());
        } else if (LEADING_ON.get(resource.resource()) instanceof Address target) {
            ResourceDefinition bound = catalog.stored(target.resource()).orElseThrow(StatusException::noSuchRoute);
            bound.strategy().judgeSubresource(body, target.subresource());
            if (body.name().isEmpty()) {
                throw StatusException.badRequest("Name parameter required.");
            }
            admit(resource, "", body, request);
            bind(exchange, bound, new ObjectKey(key.namespace(), body.name()), target.subresource(), body);
        } else {
            answer(exchange, form, resource, writes.create(resource, body, request));
        }
    }

    private void review(
            Exchange exchange,
            ResourceDefinition resource,
            VirtualResource reviewer,
            Document body,
            RequestInfo request,
            GroupVersionKind kind)
            throws IOException {
        Negotiation form = Negotiation.of(exchange, false, true);
        Bodies.checkNamespace(body, resource, request.key());
        if (!resource.namespaced()) {
            body.remove("metadata.namespace");
        }
        answers.forms().codec().applyDefaults(body, kind);
        ownership.recordUpdate(
                body,
                null,
                FieldOwnership.Target.of(kind, reviewer.subresource(), SettableFields.ALL),
                request.fieldManager(),
                request.now());
        admit(resource, reviewer.subresource(), body, request);
        answers.tree(exchange, form, 201, kind, reviewer.create(body, request).tree());
    }

    private void update(Exchange exchange, ResourceDefinition resource, ObjectKey key, String subresource)
            throws IOException {
        Negotiation form = Negotiation.of(exchange, true, !resource.custom());
        RequestInfo request = bodies.request(exchange, resource, key, WriteOptions.Kind.UPDATE);
        Document body = bodies.object(exchange, resource.gvk(), request);
        Bodies.checkNamespace(body, resource, key);
        Bodies.checkName(body, key);
        boolean mayCreate = subresource.isEmpty() && resource.strategy().allowsCreateOnUpdate();
        answer(
                exchange,
                form,
                resource,
                writes.update(
                        resource,
                        request,
                        WritePath.anyVersion(body) ? Manner.PUT : new Manner(false, true, false),
                        old -> old == null && !mayCreate ? null : body.copy()));
    }

    private void patch(Exchange exchange, ResourceDefinition resource, ObjectKey key, String subresource)
            throws IOException {
        Negotiation form = Negotiation.of(exchange, true, !resource.custom());
        answer(exchange, form, resource, patches.object(exchange, resource, key));
    }

    private void answer(Exchange exchange, Negotiation form, ResourceDefinition resource, Written written)
            throws IOException {
        answers.object(exchange, form, written.created() ? 201 : 200, resource, written.entry());
    }

    private void delete(Exchange exchange, ResourceDefinition resource, ObjectKey key) throws IOException {
        Negotiation form = Negotiation.of(exchange, true, !resource.custom());
        DeleteOptions options = bodies.deleteOptions(exchange);
        RequestInfo request = bodies.plainRequest(exchange, resource, key, options.dryRun());
        resource.strategy().deletionWarnings(options).forEach(exchange::warn);
        Written written = writes.delete(resource, options, request);
        if (written.gone() && !resource.traits().answersDeletedObject()) {
            answers.tree(
                    exchange,
                    form.ofStatus(),
                    200,
                    STATUS,
                    StatusBody.success(new StatusException.Details(
                            key.name(),
                            resource.group(),
                            resource.plural(),
                            written.entry().header().uid(),
                            List.of(),
                            0)));
            return;
        }
        boolean waits = !written.gone()
                && options.orphanDependents().isPresent()
                && !options.orphanDependents().get();
        answers.object(exchange, form, waits ? 202 : 200, resource, written.entry());
    }

    private void subresource(Exchange exchange, ResourceDefinition resource, ObjectKey key) throws IOException {
        RequestPath path = exchange.path();
        Subresource sub = resource.subresource(path.subresource())
                .orElseThrow(() -> resource.custom()
                        ? StatusException.notFound(resource.resource(), key.name())
                        : StatusException.noSuchRoute());
        if (!path.rest().isEmpty() && !sub.name().equals("proxy")) {
            throw StatusException.noSuchRoute();
        }
        SubresourceHandler connection = connection(path);
        if (connection != null) {
            if (ConnectOptions.isConnection(sub)
                    && !exchange.query().first("dryRun").isEmpty()) {
                throw StatusException.badRequest("dryRun is not supported");
            }
            connect(exchange, resource, sub, key);
            connection.handle(exchange, resource, key);
            return;
        }
        if (!sub.verbs().contains(path.verb())) {
            throw resource.custom() ? unsupported(resource, path.verb()) : StatusException.methodNotAllowed();
        }
        if (!resource.strategy().tabulates(sub.name())) {
            exchange.withoutTables();
        }
        if (sub.name().equals("scale")) {
            scale(exchange, resource, key, sub.kind());
            return;
        }
        VirtualResource reviewer = virtual.get(new Address(resource.resource(), sub.name()));
        if (reviewer != null) {
            Negotiation.of(exchange, false, true);
            RequestInfo request = bodies.request(exchange, resource, key, WriteOptions.Kind.CREATE);
            Document body = bodies.object(exchange, sub.kind(), request);
            review(exchange, resource, reviewer, body, request, sub.kind());
            return;
        }
        switch (path.verb()) {
            case "get" -> reads.get(exchange, resource, key);
            case "update" -> update(exchange, resource, key, sub.name());
            case "patch" -> patch(exchange, resource, key, sub.name());
            case "create" -> {
                Negotiation.of(exchange, false, true);
                RequestInfo request = bodies.request(exchange, resource, key, WriteOptions.Kind.CREATE);
                Document body = bodies.object(exchange, sub.kind(), request);
                if (!body.name().equals(key.name())) {
                    throw StatusException.badRequest("name in URL does not match name in %s object"
                            .formatted(sub.kind().kind()));
                }
                resource.strategy().judgeSubresource(body, sub.name());
                admit(resource, sub.name(), body, request);
                if (sub.name().equals("eviction")) {
                    evictions.evict(resource, body, request);
                    created(exchange);
                } else {
                    bind(exchange, resource, key, sub.name(), body);
                }
            }
            default -> throw StatusException.methodNotAllowed();
        }
    }

    /** Custom resources have no routes of their own; their handler says it in its words. */
    private static StatusException unsupported(ResourceDefinition resource, String verb) {
        return new StatusException(
                405,
                "MethodNotAllowed",
                "%s is not supported on resources of kind \"%s\"".formatted(verb, resource.resource()),
                new StatusException.Details("", resource.group(), resource.plural(), "", List.of(), 0));
    }

    /** Who opens a connection is judged before anything is looked up, by what the query asks for. */
    private void connect(Exchange exchange, ResourceDefinition resource, Subresource sub, ObjectKey key) {
        if (!ConnectOptions.isConnection(sub)) {
            return;
        }
        Document options = ConnectOptions.of(sub, exchange.path(), exchange.query());
        Document asked = options.copy();
        RequestInfo request = bodies.plainRequest(exchange, resource, key, false);
        AdmissionRequest admitted =
                new AdmissionRequest(AdmissionRequest.Operation.CONNECT, request, resource, options, null);
        admission.mutate(admitted);
        admission.validate(admitted);
        if (!options.equals(asked)) {
            exchange.ask(ConnectOptions.query(sub, options));
        }
    }

    /** The body of a subresource passes as what it is, not as a change of the object. */
    private void admit(ResourceDefinition resource, String subresource, Document body, RequestInfo request) {
        if (resource.namespaced() && body.namespace().isEmpty()) {
            body.set("metadata.namespace", request.key().namespace());
        }
        AdmissionRequest admitted =
                new AdmissionRequest(AdmissionRequest.Operation.CREATE, request.on(subresource), resource, body, null);
        admission.mutate(admitted);
        admission.validate(admitted);
    }

    /** A body of another kind that changes the object. */
    private void bind(Exchange exchange, ResourceDefinition resource, ObjectKey key, String subresource, Document body)
            throws IOException {
        RequestInfo request = bodies.request(exchange, resource, key, WriteOptions.Kind.CREATE, subresource);
        writes.update(resource, request, Manner.APPLY.unjudged(), old -> {
            if (old != null) {
                resource.strategy().applySubresource(old, body, request);
            }
            return old;
        });
        created(exchange);
    }

    private void created(Exchange exchange) throws IOException {
        ObjectNode status = StatusBody.success(201);
        answers.tree(exchange, Negotiation.of(exchange, false, true), 201, STATUS, status);
    }

    private void scale(Exchange exchange, ResourceDefinition resource, ObjectKey key, GroupVersionKind kind)
            throws IOException {
        Negotiation form = Negotiation.of(exchange, true, true);
        Document answer;
        switch (exchange.path().verb()) {
            case "get" ->
                answer = scales.shown(
                        resource, answers.forms().document(resource, reads.entry(exchange, resource, key)));
            case "update" -> {
                RequestInfo request = bodies.request(exchange, resource, key, WriteOptions.Kind.UPDATE);
                Document sent = bodies.object(exchange, kind, request);
                Bodies.checkNamespace(sent, resource, key);
                Bodies.checkName(sent, key);
                Written written = scales.update(resource, request, current -> sent.copy());
                answer = scales.of(resource, answers.forms().document(resource, written.entry()));
            }
            default -> {
                Written written = patches.scale(exchange, resource, key, kind, scales);
                answer = scales.of(resource, answers.forms().document(resource, written.entry()));
            }
        }
        answers.scale(exchange, form, kind, answer);
    }
}
