package io.quarterdeck.api.registry;

import io.quarterdeck.api.admission.AdmissionChain;
import io.quarterdeck.api.admission.AdmissionRequest;
import io.quarterdeck.api.admission.AdmissionRequest.Operation;
import io.quarterdeck.api.admission.Charge;
import io.quarterdeck.api.cache.Freshness;
import io.quarterdeck.api.cache.WatchCache;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.patch.FieldOwnership;
import io.quarterdeck.api.registry.ResourceStrategy.Enlisted;
import io.quarterdeck.api.schema.ObjectCodec;
import io.quarterdeck.api.store.ConflictException;
import io.quarterdeck.api.store.Entry;
import io.quarterdeck.api.store.HeaderReader;
import io.quarterdeck.api.store.OrderedStore;
import io.quarterdeck.api.store.RevisionSlot;
import io.quarterdeck.api.store.StoreKey;
import io.quarterdeck.api.store.Transaction;
import io.quarterdeck.api.validation.MetadataRules;
import io.quarterdeck.model.FieldError;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.GroupVersionKind;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.model.StatusException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The one way by which objects are written. Create, update, every patch, every subresource and every deletion are this
 * path with another first step; a dry run stops before the commit. Thread-safe.
 */
public final class WritePath {

    private static final int TRIES = 8;
    private static final int MAX_OBJECT_BYTES = 1536 * 1024;
    private static final long COMMIT_DEADLINE_SECONDS = 60;

    /** Where upstream's keys, which one of its messages shows, are not called as the resource is. */
    private static final Map<String, String> UPSTREAM_KEYS = Map.of(
            "replicationcontrollers", "controllers",
            "nodes", "minions",
            "services", "services/specs",
            "endpoints", "services/endpoints",
            "ingresses", "ingress",
            "apiservices", "apiregistration.k8s.io/apiservices",
            "customresourcedefinitions", "apiextensions.k8s.io/customresourcedefinitions");

    private static final String MODIFIED =
            "the object has been modified; please apply your changes to the latest version and try again";

    /**
     * What became of a request.
     *
     * @param entry the object as it is now; revision 0 when a dry run would create it
     * @param gone whether the object is no longer there
     */
    public record Written(Entry entry, boolean created, boolean gone) {}

    /** The next state of an object. */
    @FunctionalInterface
    public interface Change {
        /**
         * @param old a copy of the stored state in the request's version, free to change; null when it is absent
         * @return null when this change cannot create
         */
        @Nullable Document next(@Nullable Document old);
    }

    /**
     * How a change is to be done.
     *
     * @param retries whether the request named no resourceVersion that must still hold
     * @param put whether the client sent the whole object: its uid and resourceVersion are preconditions
     * @param apply whether server-side apply made it and recorded the owners
     */
    public record Manner(boolean retries, boolean put, boolean apply) {
        public static final Manner PUT = new Manner(true, true, false);
        public static final Manner PATCH = new Manner(true, false, false);
        public static final Manner APPLY = new Manner(true, false, true);
    }

    private final LiveCatalog catalog;
    private final ObjectCodec codec;
    private final FieldOwnership ownership;
    private final AdmissionChain admission;
    private final OrderedStore store;
    private final WatchCache cache;
    private final HeaderReader headers;
    private final RandomGenerator random;
    private final Map<GroupVersionKind, VersionConverter> converters = new HashMap<>();

    public WritePath(
            LiveCatalog catalog,
            ObjectCodec codec,
            FieldOwnership ownership,
            AdmissionChain admission,
            OrderedStore store,
            WatchCache cache,
            HeaderReader headers,
            Collection<VersionConverter> converters,
            RandomGenerator random) {
        this.catalog = catalog;
        this.codec = codec;
        this.ownership = ownership;
        this.admission = admission;
        this.store = store;
        this.cache = cache;
        this.headers = headers;
        this.random = random;
        converters.forEach(converter -> this.converters.put(converter.version(), converter));
    }

    /** @param body in the version of {@code resource}, decoded; becomes the path's own */
    public Written create(ResourceDefinition resource, Document body, RequestInfo request) {
        return create(resource, body, request, false);
    }

    private Written create(ResourceDefinition resource, Document body, RequestInfo request, boolean applied) {
        if (body.has("metadata.resourceVersion")
                && !body.text("metadata.resourceVersion").isEmpty()) {
            throw new StatusException(500, "", "resourceVersion should not be set on objects to be created", null);
        }
        body.remove("metadata.resourceVersion");
        settleNamespace(resource, body, request);
        ResourceStrategy strategy = resource.strategy();
        codec.applyDefaults(body, resource.gvk());
        if (hasStatus(resource) && !strategy.keepsStatusOnCreate()) {
            body.remove("status");
        }
        if (!applied) {
            ownership.recordUpdate(
                    body, null, resource.gvk(), request.fieldManager(), request.subresource(), request.now());
        }
        ResourceDefinition stored = stored(resource);
        Document next = toStored(resource, body);
        next.set("apiVersion", stored.gvk().apiVersion()).set("kind", stored.kind());
        strategy.applyDefaults(next);
        String generateName = next.name().isEmpty() ? next.text("metadata.generateName") : "";
        for (String field : List.of("deletionTimestamp", "deletionGracePeriodSeconds", "selfLink")) {
            next.remove("metadata." + field);
        }
        next.set("metadata.uid", UUID.randomUUID().toString());
        next.set(
                "metadata.creationTimestamp",
                request.now().truncatedTo(ChronoUnit.SECONDS).toString());
        if (!generateName.isEmpty()) {
            next.set("metadata.name", Names.generate(generateName, random));
        }
        AdmissionRequest admitted = new AdmissionRequest(Operation.CREATE, named(request, next), resource, next, null);
        admission.mutate(admitted);
        codec.applyDefaults(next, stored.gvk());
        strategy.applyDefaults(next);
        if (strategy.hasGeneration()) {
            next.set("metadata.generation", 1);
        }
        strategy.prepareForCreate(next, request);
        List<FieldError> findings =
                new ArrayList<>(MetadataRules.create(next, resource.namespaced(), strategy.names()));
        findings.addAll(strategy.validateCreate(next, request));
        refuse(resource, next.name(), findings);
        strategy.warnings(next, Optional.empty(), request).forEach(request::warn);
        admission.validate(admitted);
        try (Charge charge = admission.charge(admitted)) {
            return store(resource, next, request, generateName, charge);
        }
    }

    private Written store(
            ResourceDefinition resource, Document next, RequestInfo request, String generateName, Charge charge) {
        ResourceStrategy strategy = resource.strategy();
        ResourceDefinition stored = stored(resource);
        for (int attempt = 1; ; attempt++) {
            StoreKey key = key(resource, next);
            byte[] bytes = encode(next, stored);
            if (request.dryRun()) {
                if (cache.get(key.storage(), key.key(), new Freshness.Consistent())
                        .isPresent()) {
                    throw StatusException.alreadyExists(resource.resource(), next.name());
                }
                return new Written(entry(key, 0, stored, bytes), true, false);
            }
            // A further draw must know nothing of this one.
            Document whole = next.copy();
            Enlisted more = strategy.enlist(whole, Optional.empty(), request);
            if (more != Enlisted.NOTHING) {
                bytes = encode(whole, stored);
            }
            try {
                return new Written(commit(put(key, 0, stored, bytes), more.and(charge.make()), request), true, false);
            } catch (ConflictException conflict) {
                boolean own = conflict.key().equals(key);
                if (own && generateName.isEmpty()) {
                    throw exists(resource, key);
                }
                if (attempt == TRIES) {
                    throw own
                            ? new StatusException(
                                    409,
                                    "AlreadyExists",
                                    "%s \"%s\" already exists, the server was not able to generate a unique name for the object"
                                            .formatted(resource.resource(), next.name()),
                                    StatusException.Details.of(resource.resource(), next.name()))
                            : StatusException.conflict(resource.resource(), next.name(), MODIFIED);
                }
                cache.awaitRevision(conflict.currentRevision());
                if (own) {
                    next.set("metadata.name", Names.generate(generateName, random));
                }
            }
        }
    }

    private StatusException exists(ResourceDefinition resource, StoreKey key) {
        boolean deleting = cache.get(key.storage(), key.key(), new Freshness.Any())
                .map(entry -> entry.header().deleting())
                .orElse(false);
        StatusException plain =
                StatusException.alreadyExists(resource.resource(), key.key().name());
        return deleting
                ? new StatusException(409, "AlreadyExists", "object is being deleted: " + plain.text(), plain.details())
                : plain;
    }

    /** Whether a try came as far as its commit, behind which nothing may be tried again by guess. */
    private static final class Progress {
        boolean committing;
    }

    /** @throws StatusException 404 when the object is absent and the change cannot create it */
    public Written update(ResourceDefinition resource, RequestInfo request, Manner manner, Change change) {
        ResourceDefinition stored = stored(resource);
        StoreKey key = new StoreKey(resource.storage(), request.key());
        Written guessed = updateByGuess(resource, stored, key, request, manner, change);
        if (guessed != null) {
            return guessed;
        }
        for (int attempt = 1; ; attempt++) {
            Optional<Entry> current = cache.get(key.storage(), key.key(), new Freshness.Consistent());
            if (current.isEmpty()) {
                Document created = change.next(null);
                if (created == null) {
                    throw StatusException.notFound(
                            resource.resource(), key.key().name());
                }
                created.remove("metadata.resourceVersion");
                return create(resource, created, asCreate(request), manner.apply());
            }
            try {
                return replace(resource, stored, key, current.get(), request, manner, change, new Progress());
            } catch (ConflictException conflict) {
                if (attempt == TRIES || !manner.retries()) {
                    throw StatusException.conflict(
                            resource.resource(), key.key().name(), MODIFIED);
                }
                cache.awaitRevision(conflict.currentRevision());
            }
        }
    }

    /**
     * Tries the state that the cache has, which is mostly the last one: the commit tells whether it was. What would be
     * refused or would change nothing is no answer before it was judged by a state that is known to be fresh.
     *
     * @return null when the guess led to nothing
     */
    private @Nullable Written updateByGuess(
            ResourceDefinition resource,
            ResourceDefinition stored,
            StoreKey key,
            RequestInfo request,
            Manner manner,
            Change change) {
        Entry guess = cache.get(key.storage(), key.key(), new Freshness.Any()).orElse(null);
        if (guess == null || request.dryRun()) {
            return null;
        }
        Progress progress = new Progress();
        try {
            Written written = replace(resource, stored, key, guess, request, manner, change, progress);
            return progress.committing || isCurrent(guess) ? written : null;
        } catch (ConflictException conflict) {
            cache.awaitRevision(conflict.currentRevision());
            return null;
        } catch (StatusException refused) {
            if (progress.committing || isCurrent(guess)) {
                throw refused;
            }
            return null;
        }
    }

    private boolean isCurrent(Entry entry) {
        return cache.get(entry.key().storage(), entry.key().key(), new Freshness.Consistent())
                .filter(current -> current.revision() == entry.revision())
                .isPresent();
    }

    private Written replace(
            ResourceDefinition resource,
            ResourceDefinition stored,
            StoreKey key,
            Entry current,
            RequestInfo request,
            Manner manner,
            Change change,
            Progress progress) {
        ResourceStrategy strategy = resource.strategy();
        Document old = read(stored, current);
        Document oldSeen = fromStored(resource, old);
        Document sent = change.next(oldSeen.copy());
        if (sent == null) {
            return new Written(current, false, false);
        }
        settleNamespace(resource, sent, request);
        String version = sent.text("metadata.resourceVersion");
        String uid = sent.uid();
        if (manner.put() && !uid.isEmpty() && !uid.equals(old.uid())) {
            throw StatusException.conflict(
                    resource.resource(),
                    old.name(),
                    "StorageError: invalid object, Code: 4, Key: /registry/%s/%s, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: %s, UID in object meta: %s"
                            .formatted(
                                    UPSTREAM_KEYS.getOrDefault(resource.plural(), resource.plural()),
                                    key.key().namespace().isEmpty()
                                            ? key.key().name()
                                            : key.key().path(),
                                    uid,
                                    old.uid()));
        }
        sent.set("metadata.resourceVersion", Long.toString(current.revision()));
        codec.applyDefaults(sent, resource.gvk());
        putBack(resource, sent, oldSeen, request.subresource());
        if (!manner.apply()) {
            ownership.recordUpdate(
                    sent, oldSeen, resource.gvk(), request.fieldManager(), request.subresource(), request.now());
        }
        Document next = toStored(resource, sent);
        next.set("apiVersion", stored.gvk().apiVersion()).set("kind", stored.kind());
        strategy.applyDefaults(next);
        keepSystemMetadata(next, old);
        AdmissionRequest admitted = new AdmissionRequest(Operation.UPDATE, named(request, old), resource, next, old);
        admission.mutate(admitted);
        codec.applyDefaults(next, stored.gvk());
        strategy.applyDefaults(next);
        if (version.isEmpty()) {
            if (manner.put() && !strategy.allowsUnconditionalUpdate()) {
                // Upstream's registry knows the resource alone here, not its kind.
                throw StatusException.invalid(
                        resource.group(),
                        resource.plural(),
                        old.name(),
                        List.of(new FieldError(
                                FieldError.Reason.INVALID,
                                "metadata.resourceVersion",
                                "Invalid value: 0: must be specified for an update")));
            }
        } else if (!version.equals(Long.toString(current.revision()))) {
            throw StatusException.conflict(resource.resource(), old.name(), MODIFIED);
        }
        prepare(strategy, next, old, request);
        List<FieldError> findings = validate(strategy, next, old, request);
        refuse(resource, old.name(), findings);
        strategy.warnings(next, Optional.of(old), request).forEach(request::warn);
        admission.validate(admitted);

        byte[] bytes = encode(next, stored);
        boolean finished = Deletion.finished(old, next, strategy);
        if (!finished && changesNothing(next, old, bytes, current, stored, manner)) {
            return new Written(current, false, false);
        }
        if (request.dryRun()) {
            return new Written(entry(key, current.revision(), stored, bytes), false, finished);
        }
        if (finished) {
            progress.committing = true;
            commit(
                    remove(key, current.revision(), storedVersion(stored), bytes),
                    strategy.enlistRemoval(old, request),
                    request);
            // The answer is the update's, which was never stored: upstream shows it at the revision that it saw.
            return new Written(entry(key, current.revision(), stored, bytes), false, true);
        }
        Enlisted more = strategy.enlist(next, Optional.of(old), request);
        if (more != Enlisted.NOTHING) {
            bytes = encode(next, stored);
        }
        try (Charge charge = admission.charge(admitted)) {
            Enlisted charged = more.and(charge.make());
            progress.committing = true;
            return new Written(commit(put(key, current.revision(), stored, bytes), charged, request), false, false);
        }
    }

    /** Undoes what this route may not change, before owners are recorded: what is put back was never set. */
    private static void putBack(ResourceDefinition resource, Document sent, Document old, String subresource) {
        if (subresource.equals("status")) {
            for (String field : List.copyOf(sent.tree().propertyNames())) {
                if (!List.of("apiVersion", "kind", "metadata", "status").contains(field)) {
                    sent.remove(field);
                }
            }
            old.tree().properties().forEach(field -> {
                if (!List.of("metadata", "status").contains(field.getKey())) {
                    sent.tree().set(field.getKey(), field.getValue().deepCopy());
                }
            });
        } else if (hasStatus(resource) && (subresource.isEmpty() || subresource.equals("scale"))) {
            sent.keep("status", old);
        }
    }

    private static void prepare(ResourceStrategy strategy, Document next, Document old, RequestInfo request) {
        switch (request.subresource()) {
            case "status" -> strategy.prepareForStatusUpdate(next, old, request);
            case "", "scale" -> strategy.prepareForUpdate(next, old, request);
            default -> strategy.prepareForSubresourceUpdate(next, old, request);
        }
    }

    private static List<FieldError> validate(
            ResourceStrategy strategy, Document next, Document old, RequestInfo request) {
        List<FieldError> metadata = MetadataRules.update(next, old);
        List<FieldError> findings = new ArrayList<>(metadata);
        findings.addAll(
                switch (request.subresource()) {
                    case "status" -> strategy.validateStatusUpdate(next, old, request);
                    case "", "scale" -> strategy.validateUpdate(next, old, request);
                    default -> strategy.validateSubresourceUpdate(next, old, request);
                });
        if (strategy.repeatsMetadataFindings()) {
            findings.addAll(metadata);
        }
        return findings;
    }

    private static void keepSystemMetadata(Document next, Document old) {
        for (String field : List.of("uid", "creationTimestamp", "name")) {
            if (!next.has("metadata." + field)) {
                next.keep("metadata." + field, old);
            }
        }
        if (old.deleting()) {
            next.keep("metadata.deletionTimestamp", old);
        }
        if (old.has("metadata.deletionGracePeriodSeconds") && !next.has("metadata.deletionGracePeriodSeconds")) {
            next.keep("metadata.deletionGracePeriodSeconds", old);
        }
        next.keep("metadata.generation", old);
        next.remove("metadata.selfLink");
    }

    /** @return the object; {@link Written#gone} tells whether it is removed or only marked */
    public Written delete(ResourceDefinition resource, DeleteOptions options, RequestInfo request) {
        return delete(resource, options, request, object -> {});
    }

    /** @param check judges the object that is about to be deleted, as it is then; may throw */
    public Written delete(
            ResourceDefinition resource,
            DeleteOptions options,
            RequestInfo request,
            java.util.function.Consumer<Document> check) {
        return delete(resource, options, request, check, true);
    }

    /** A deletion that no admission plugin may stop: that of objects whose kind goes away. */
    public Written deleteUnjudged(ResourceDefinition resource, DeleteOptions options, RequestInfo request) {
        return delete(resource, options, request, object -> {}, false);
    }

    private Written delete(
            ResourceDefinition resource,
            DeleteOptions options,
            RequestInfo request,
            java.util.function.Consumer<Document> check,
            boolean judged) {
        ResourceDefinition stored = stored(resource);
        StoreKey key = new StoreKey(resource.storage(), request.key());
        boolean admitted = !judged;
        String version = options.resourceVersion();
        Entry marked = null;
        // As for updates, the cache's state is tried first; only a removal follows from it.
        Optional<Entry> guess =
                request.dryRun() ? Optional.empty() : cache.get(key.storage(), key.key(), new Freshness.Any());
        for (int attempt = 1; ; attempt++) {
            boolean guessing = guess.isPresent();
            Optional<Entry> found = guessing ? guess : cache.get(key.storage(), key.key(), new Freshness.Consistent());
            guess = Optional.empty();
            if (found.isEmpty()) {
                if (marked != null) {
                    return new Written(marked, false, true);
                }
                throw StatusException.notFound(resource.resource(), key.key().name());
            }
            Entry current = found.get();
            Document old = read(stored, current);
            Progress progress = new Progress();
            try {
                precondition(resource, old, current, options.uid(), version);
                if (!admitted) {
                    AdmissionRequest admission =
                            new AdmissionRequest(Operation.DELETE, named(request, old), resource, null, old);
                    this.admission.mutate(admission);
                    this.admission.validate(admission);
                    admitted = true;
                }
                check.accept(old);
                switch (Deletion.decide(old, resource, options, request.now())) {
                    case Deletion.Pending pending -> {
                        if (guessing && !isCurrent(current)) {
                            continue;
                        }
                        return new Written(current, false, false);
                    }
                    case Deletion.Now now -> {
                        progress.committing = true;
                        byte[] bytes = RevisionSlot.clear(current.body());
                        return new Written(
                                request.dryRun()
                                        ? current
                                        : commit(
                                                remove(key, current.revision(), current.storedVersion(), bytes),
                                                resource.strategy().enlistRemoval(old, request),
                                                request),
                                false,
                                true);
                    }
                    case Deletion.Marked mark -> {
                        progress.committing = true;
                        byte[] bytes = encode(mark.next(), stored);
                        if (request.dryRun()) {
                            return new Written(entry(key, current.revision(), stored, bytes), false, mark.goesNext());
                        }
                        Entry next = commit(put(key, current.revision(), stored, bytes), Enlisted.NOTHING, request);
                        if (!mark.goesNext()) {
                            return new Written(next, false, false);
                        }
                        // Watchers see the mark before the end, as upstream shows it; the second step follows from
                        // here.
                        marked = next;
                        version = "";
                        return new Written(
                                commit(
                                        remove(key, next.revision(), storedVersion(stored), bytes),
                                        resource.strategy().enlistRemoval(old, request),
                                        request),
                                false,
                                true);
                    }
                }
            } catch (StatusException refused) {
                if (!guessing || progress.committing || isCurrent(current)) {
                    throw refused;
                }
            } catch (ConflictException conflict) {
                if (attempt == TRIES) {
                    throw StatusException.conflict(
                            resource.resource(), key.key().name(), MODIFIED);
                }
                cache.awaitRevision(conflict.currentRevision());
            }
        }
    }

    private static void precondition(
            ResourceDefinition resource, Document old, Entry current, String uid, String version) {
        if (resource.kind().equals("CustomResourceDefinition")) {
            definitionPrecondition(resource, old, current, uid, version);
        }
        // Upstream names the kind here, not the resource.
        GroupResource kind = new GroupResource(resource.group(), resource.kind());
        if (!uid.isEmpty() && !uid.equals(old.uid())) {
            throw StatusException.conflict(
                    kind,
                    old.name(),
                    "the UID in the precondition (%s) does not match the UID in record (%s). The object might have been deleted and then recreated"
                            .formatted(uid, old.uid()));
        }
        if (!version.isEmpty() && !version.equals(Long.toString(current.revision()))) {
            throw StatusException.conflict(
                    kind,
                    old.name(),
                    "the ResourceVersion in the precondition (%s) does not match the ResourceVersion in record (%s). The object might have been modified"
                            .formatted(version, current.revision()));
        }
    }

    /** Upstream's storage of definitions marks them before it deletes, and its words reach the client. */
    private static void definitionPrecondition(
            ResourceDefinition resource, Document old, Entry current, String uid, String version) {
        if (!uid.isEmpty() && !uid.equals(old.uid())) {
            throw StatusException.conflict(
                    resource.resource(),
                    old.name(),
                    "Precondition failed: UID in precondition: %s, UID in object meta: %s".formatted(uid, old.uid()));
        }
        if (!version.isEmpty() && !version.equals(Long.toString(current.revision()))) {
            throw StatusException.conflict(
                    resource.resource(),
                    old.name(),
                    "Precondition failed: ResourceVersion in precondition: %s, ResourceVersion in object meta: %s"
                            .formatted(version, current.revision()));
        }
    }

    /** An apply that would only move the times of ownership is none: defaults gave back what it left out. */
    private boolean changesNothing(
            Document next, Document old, byte[] bytes, Entry current, ResourceDefinition stored, Manner manner) {
        byte[] before = RevisionSlot.clear(current.body());
        if (Arrays.equals(bytes, before)) {
            return true;
        }
        if (!manner.apply()) {
            return false;
        }
        Document untimed = next.copy();
        if (!ownersWithoutTimes(untimed).equals(ownersWithoutTimes(old.copy()))) {
            return false;
        }
        untimed.keep("metadata.managedFields", old);
        return Arrays.equals(encode(untimed, stored), before);
    }

    private static List<JsonNode> ownersWithoutTimes(Document document) {
        List<JsonNode> owners = document.items("metadata.managedFields");
        owners.forEach(owner -> ((ObjectNode) owner).remove("time"));
        return owners;
    }

    private static boolean hasStatus(ResourceDefinition resource) {
        return resource.subresource("status").isPresent();
    }

    /** The definition in whose version the object is judged: mostly the stored one. */
    private ResourceDefinition stored(ResourceDefinition resource) {
        return resource.strategy().storedForm().isPresent()
                ? resource
                : catalog.stored(resource.storage()).orElse(resource);
    }

    private Document read(ResourceDefinition stored, Entry entry) {
        return stored.strategy()
                .storedForm()
                .map(form -> form.read(entry, stored.version()))
                .orElseGet(() -> codec.read(entry.body(), stored.gvk()));
    }

    /** The version of the bytes that {@link #encode} makes. */
    private static String storedVersion(ResourceDefinition stored) {
        return stored.strategy().storedForm().map(StoredForm::storedVersion).orElse(stored.version());
    }

    private Document toStored(ResourceDefinition resource, Document object) {
        VersionConverter converter = converters.get(resource.gvk());
        return converter == null ? object : converter.toStored(object);
    }

    /** The stored object in the version of {@code resource}; the argument itself when that is the stored one. */
    private Document fromStored(ResourceDefinition resource, Document stored) {
        VersionConverter converter = converters.get(resource.gvk());
        if (converter != null) {
            return converter.fromStored(stored);
        }
        if (stored.apiVersion().equals(resource.gvk().apiVersion())
                && stored.kind().equals(resource.kind())) {
            return stored;
        }
        Document seen = stored.copy();
        seen.set("apiVersion", resource.gvk().apiVersion()).set("kind", resource.kind());
        return seen;
    }

    private static void settleNamespace(ResourceDefinition resource, Document body, RequestInfo request) {
        String asked = resource.namespaced() ? request.key().namespace() : "";
        if (asked.isEmpty()) {
            body.remove("metadata.namespace");
        } else if (body.namespace().isEmpty()) {
            body.set("metadata.namespace", asked);
        } else if (!body.namespace().equals(asked)) {
            throw StatusException.badRequest(
                    "the namespace of the provided object does not match the namespace sent on the request");
        }
    }

    private static StoreKey key(ResourceDefinition resource, Document object) {
        return new StoreKey(
                resource.storage(), new ObjectKey(resource.namespaced() ? object.namespace() : "", object.name()));
    }

    private static RequestInfo named(RequestInfo request, Document object) {
        return new RequestInfo(
                request.user(),
                request.verb(),
                request.version(),
                new ObjectKey(request.key().namespace(), object.name()),
                request.subresource(),
                request.dryRun(),
                request.fieldManager(),
                request.fieldValidation(),
                request.auditId(),
                request.now(),
                request.warnings());
    }

    private static RequestInfo asCreate(RequestInfo request) {
        return new RequestInfo(
                request.user(),
                "create",
                request.version(),
                request.key(),
                request.subresource(),
                request.dryRun(),
                request.fieldManager(),
                request.fieldValidation(),
                request.auditId(),
                request.now(),
                request.warnings());
    }

    private static void refuse(ResourceDefinition resource, String name, List<FieldError> findings) {
        if (!findings.isEmpty()) {
            // Events of the newer group are refused under the name of the group that keeps them.
            throw StatusException.invalid(resource.storage().group(), resource.kind(), name, findings);
        }
    }

    private byte[] encode(Document next, ResourceDefinition stored) {
        byte[] bytes = stored.strategy()
                .storedForm()
                .map(form -> form.encode(next))
                .orElseGet(() -> codec.canonical(next, stored.gvk()));
        if (bytes.length > MAX_OBJECT_BYTES) {
            throw StatusException.tooLarge("Request entity too large: limit is " + MAX_OBJECT_BYTES);
        }
        return bytes;
    }

    private Entry entry(StoreKey key, long revision, ResourceDefinition stored, byte[] bytes) {
        return new Entry(
                key,
                revision,
                revision,
                storedVersion(stored),
                revision == 0 ? bytes : RevisionSlot.fill(bytes, revision),
                headers.read(key.storage(), bytes));
    }

    private io.quarterdeck.api.store.Operation put(
            StoreKey key, long expected, ResourceDefinition stored, byte[] bytes) {
        return new io.quarterdeck.api.store.Operation.Put(
                key, expected, storedVersion(stored), bytes, headers.read(key.storage(), bytes));
    }

    private io.quarterdeck.api.store.Operation remove(StoreKey key, long expected, String version, byte[] bytes) {
        return new io.quarterdeck.api.store.Operation.Remove(
                key, expected, version, bytes, headers.read(key.storage(), bytes));
    }

    /** @throws ConflictException when an expectation failed */
    private Entry commit(io.quarterdeck.api.store.Operation own, Enlisted more, RequestInfo request) {
        List<io.quarterdeck.api.store.Operation> operations = new ArrayList<>();
        operations.add(own);
        operations.addAll(more.operations());
        Transaction transaction = new Transaction(
                operations,
                more.guards(),
                new Transaction.Attribution(request.user().name(), request.auditId(), ""));
        try {
            return store.commit(transaction)
                    .get(COMMIT_DEADLINE_SECONDS, TimeUnit.SECONDS)
                    .getFirst();
        } catch (ExecutionException | CompletionException e) {
            if (e.getCause() instanceof ConflictException conflict) {
                throw conflict;
            }
            if (e.getCause() instanceof StatusException status) {
                throw status;
            }
            throw new IllegalStateException("the commit failed", e.getCause());
        } catch (TimeoutException e) {
            throw StatusException.timeout("request did not complete within the allotted timeout", 0, List.of());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw StatusException.unavailable("the server is shutting down");
        }
    }
}
