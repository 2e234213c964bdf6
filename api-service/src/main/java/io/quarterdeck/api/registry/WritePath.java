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
import io.quarterdeck.api.validation.MetadataRules;
import io.quarterdeck.model.FieldError;
import io.quarterdeck.model.GoQuote;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.model.StatusException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The one way by which objects are written. Create, update, every patch, every subresource and every deletion are this
 * path with another first step; a dry run stops before the commit. Thread-safe.
 */
public final class WritePath {

    static final int TRIES = 8;

    /** Where upstream's keys, which one of its messages shows, are not called as the resource is. */
    private static final Map<String, String> UPSTREAM_KEYS = Map.of(
            "replicationcontrollers", "controllers",
            "nodes", "minions",
            "services", "services/specs",
            "endpoints", "services/endpoints",
            "ingresses", "ingress",
            "apiservices", "apiregistration.k8s.io/apiservices",
            "customresourcedefinitions", "apiextensions.k8s.io/customresourcedefinitions");

    private static final String OWNERS = "metadata.managedFields";
    private static final List<String> ALL_OF_AN_OWNER_BUT_TIME =
            List.of("manager", "operation", "apiVersion", "subresource", "fieldsType", "fieldsV1");

    static final String MODIFIED =
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
     * @param judged whether admission is asked; not where it judged the body that makes the change
     */
    public record Manner(boolean retries, boolean put, boolean apply, boolean judged) {
        public static final Manner PUT = new Manner(true, true, false);
        public static final Manner PATCH = new Manner(true, false, false);
        public static final Manner APPLY = new Manner(true, false, true);

        public Manner(boolean retries, boolean put, boolean apply) {
            this(retries, put, apply, true);
        }

        /** The same without admission. */
        public Manner unjudged() {
            return new Manner(retries, put, apply, false);
        }
    }

    private final ObjectCodec codec;
    private final FieldOwnership ownership;
    private final AdmissionChain admission;
    private final WatchCache cache;
    private final RandomGenerator random;
    private final StoredObjects objects;
    private final Removal removal;

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
        this.codec = codec;
        this.ownership = ownership;
        this.admission = admission;
        this.cache = cache;
        this.random = random;
        this.objects = new StoredObjects(catalog, codec, store, headers, converters);
        this.removal = new Removal(objects, admission, cache);
    }

    /** Whether an object names no version that must still hold: none, or 0. */
    public static boolean anyVersion(Document object) {
        return List.of("", "0").contains(object.text("metadata.resourceVersion"));
    }

    /** Where a request writes, for who keeps the owners of fields. */
    public FieldOwnership.Target target(ResourceDefinition resource, String subresource) {
        return new WriteTarget(resource, subresource, objects);
    }

    /** @param body in the version of {@code resource}, decoded; becomes the path's own */
    public Written create(ResourceDefinition resource, Document body, RequestInfo request) {
        return create(resource, body, request, false);
    }

    private Written create(ResourceDefinition resource, Document body, RequestInfo request, boolean applied) {
        boolean versioned = !anyVersion(body);
        for (String field : List.of("resourceVersion", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink")) {
            body.remove("metadata." + field);
        }
        settleNamespace(resource, body, request);
        ResourceStrategy strategy = resource.strategy();
        codec.applyDefaults(body, resource.gvk());
        Document sent = applied ? body : objects.asKept(resource, body);
        boolean dropsStatus = hasStatus(resource) && !strategy.keepsStatusOnCreate();
        JsonNode status = dropsStatus ? sent.tree().remove("status") : null;
        if (!applied) {
            OwnerReferences.dedupSent(sent, request);
            ownership.recordUpdate(
                    sent, null, target(resource, request.subresource()), request.fieldManager(), request.now());
        }
        if (status != null) {
            sent.tree().set("status", status);
        }
        ResourceDefinition stored = objects.stored(resource);
        Document next = objects.toStored(resource, sent);
        next.set("apiVersion", stored.gvk().apiVersion()).set("kind", stored.kind());
        strategy.applyDefaults(next);
        // Who changes objects sees them as they were sent: what the server sets comes after, and nobody sets it
        // otherwise.
        mutate(new AdmissionRequest(Operation.CREATE, request.named(next.name()), resource, next, null));
        OwnerReferences.dedupAdmitted(next, request);
        versioned |= !anyVersion(next);
        next.remove("metadata.resourceVersion");
        settleNamespace(resource, next, request);
        if (dropsStatus) {
            next.remove("status");
        }
        codec.applyDefaults(next, stored.gvk());
        strategy.applyDefaults(next);
        String generateName = next.name().isEmpty() ? next.text("metadata.generateName") : "";
        setSystemMetadata(next, generateName, request);
        if (strategy.hasGeneration()) {
            next.set("metadata.generation", 1);
        }
        strategy.prepareForCreate(next, request);
        List<FieldError> findings =
                new ArrayList<>(MetadataRules.create(next, resource.namespaced(), strategy.names()));
        findings.addAll(strategy.validateCreate(next, request));
        refuse(resource, next.name(), findings);
        strategy.warnings(next, Optional.empty(), request).forEach(request::warn);
        AdmissionRequest admitted =
                new AdmissionRequest(Operation.CREATE, request.named(next.name()), resource, next, null);
        admission.validate(admitted);
        if (versioned) {
            // Upstream's storage finds that, when all else is found to be right.
            throw new StatusException(500, "", "resourceVersion should not be set on objects to be created", null);
        }
        try (Charge charge = admission.charge(admitted)) {
            return store(resource, next, request, generateName, charge, applied);
        }
    }

    /** Admission may not spoil the owners of fields. */
    private boolean mutate(AdmissionRequest admitted) {
        Document object = admitted.body();
        JsonNode owners = object.at(OWNERS);
        boolean changed = admission.mutate(admitted);
        if (changed && owners != object.at(OWNERS)) {
            ownership.flaw(object.at(OWNERS)).ifPresent(why -> {
                object.remove(OWNERS);
                if (!owners.isMissingNode()) {
                    object.set(OWNERS, owners);
                }
                admitted.request()
                        .warn(
                                ".metadata.managedFields was in an invalid state after admission; this could be caused by an outdated mutating admission controller; please fix your requests: "
                                        + why);
            });
        }
        return changed;
    }

    private void setSystemMetadata(Document next, String generateName, RequestInfo request) {
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
    }

    private Written store(
            ResourceDefinition resource,
            Document next,
            RequestInfo request,
            String generateName,
            Charge charge,
            boolean applied) {
        ResourceStrategy strategy = resource.strategy();
        ResourceDefinition stored = objects.stored(resource);
        for (int attempt = 1; ; attempt++) {
            StoreKey key = key(resource, next);
            byte[] bytes = encode(next, stored, applied);
            if (request.dryRun()) {
                if (cache.get(key.storage(), key.key(), new Freshness.Consistent())
                        .isPresent()) {
                    throw StatusException.alreadyExists(resource.resource(), next.name());
                }
                return new Written(objects.entry(key, 0, stored, bytes), true, false);
            }
            // A further draw must know nothing of this one.
            Document whole = next.copy();
            Enlisted more = strategy.enlist(whole, Optional.empty(), request);
            if (more != Enlisted.NOTHING) {
                bytes = encode(whole, stored, applied);
            }
            try {
                Entry made =
                        objects.commit(objects.put(key, 0, stored, whole, bytes), more.and(charge.make()), request);
                charge.committed();
                return new Written(made, true, false);
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

    /** An object that is too large only by the owners of its fields goes without them, except where it is applied. */
    private byte[] encode(Document next, ResourceDefinition stored, boolean applied) {
        try {
            return objects.encode(next, stored);
        } catch (StatusException tooLarge) {
            if (applied || tooLarge.code() != 413 || !next.has(OWNERS)) {
                throw tooLarge;
            }
            next.remove(OWNERS);
            return objects.encode(next, stored);
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
    static final class Progress {
        boolean committing;
    }

    /** @throws StatusException 404 when the object is absent and the change cannot create it */
    public Written update(ResourceDefinition resource, RequestInfo request, Manner manner, Change change) {
        ResourceDefinition stored = objects.stored(resource);
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
                if (!anyVersion(created)) {
                    namesRevision(created.text("metadata.resourceVersion"), 0);
                }
                if (manner.put() && !manner.apply()) {
                    requireUid(resource, key, created.uid(), "");
                }
                created.remove("metadata.resourceVersion");
                return create(resource, created, request.asCreate(), manner.apply());
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
            return progress.committing || isCurrent(cache, guess) ? written : null;
        } catch (ConflictException conflict) {
            cache.awaitRevision(conflict.currentRevision());
            return null;
        } catch (StatusException refused) {
            if (progress.committing || isCurrent(cache, guess)) {
                throw refused;
            }
            return null;
        }
    }

    /** Whether the cache, asked for the last state, still shows this one. */
    static boolean isCurrent(WatchCache cache, Entry entry) {
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
        Document old = objects.read(stored, current);
        Document oldSeen = objects.fromStored(resource, old);
        // A put replaces the old object and only looks whether there is one.
        Document changed = change.next(manner.put() && !manner.apply() ? oldSeen : oldSeen.copy());
        if (changed == null) {
            return new Written(current, false, false);
        }
        Document sent = manner.apply() ? changed : objects.asKept(resource, changed);
        settleNamespace(resource, sent, request);
        String version = sent.text("metadata.resourceVersion");
        boolean anyVersion = anyVersion(sent);
        String uid = sent.uid();
        if (manner.put()) {
            requireUid(resource, key, uid, old.uid());
        }
        if (manner.put() && !manner.apply()) {
            OwnerReferences.dedupSent(sent, request);
        }
        sent.set("metadata.resourceVersion", Long.toString(current.revision()));
        // An apply that changes nothing but owners leaves the object as it is read.
        boolean defaulted = !(resource.custom() && manner.apply() && sameButOwners(sent, oldSeen));
        if (defaulted) {
            codec.applyDefaults(sent, resource.gvk());
        }
        putBack(resource, sent, oldSeen, request.subresource());
        if (!manner.apply()) {
            ownership.recordUpdate(
                    sent, oldSeen, target(resource, request.subresource()), request.fieldManager(), request.now());
        }
        Document next = objects.toStored(resource, sent);
        next.set("apiVersion", stored.gvk().apiVersion()).set("kind", stored.kind());
        strategy.applyDefaults(next);
        keepSystemMetadata(next, old);
        AdmissionRequest admitted =
                new AdmissionRequest(Operation.UPDATE, request.named(old.name()), resource, next, old);
        if (manner.judged() && mutate(admitted)) {
            // What this route may not change, nobody on its way may change either.
            putBack(stored, next, old, request.subresource());
            next.keep("metadata.generation", old);
            next.remove("metadata.selfLink");
            defaulted = true;
        }
        OwnerReferences.dedupAdmitted(next, request);
        if (defaulted) {
            codec.applyDefaults(next, stored.gvk());
        }
        strategy.applyDefaults(next);
        if (anyVersion) {
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
        } else if (!namesRevision(version, current.revision())) {
            throw StatusException.conflict(resource.resource(), old.name(), MODIFIED);
        }
        prepare(strategy, next, old, request);
        List<FieldError> findings = validate(strategy, next, old, request);
        refuse(resource, next.name(), findings);
        strategy.warnings(next, Optional.of(old), request).forEach(request::warn);
        if (manner.judged()) {
            admission.validate(admitted);
        }

        byte[] bytes = encode(next, stored, manner.apply());
        boolean finished = Deletion.finished(old, next, strategy);
        if (!finished && changesNothing(next, old, bytes, current, stored)) {
            return new Written(current, false, false);
        }
        if (request.dryRun()) {
            return new Written(objects.entry(key, current.revision(), stored, bytes), false, finished);
        }
        if (finished) {
            progress.committing = true;
            // Watchers are told of what was stored last, as upstream tells them.
            objects.commit(StoredObjects.remove(current), strategy.enlistRemoval(old, request), request);
            // The answer is the update's, which was never stored: upstream shows it at the revision that it saw.
            return new Written(objects.entry(key, current.revision(), stored, bytes), false, true);
        }
        Enlisted more = strategy.enlist(next, Optional.of(old), request);
        if (more != Enlisted.NOTHING) {
            bytes = encode(next, stored, manner.apply());
        }
        try (Charge charge = manner.judged() ? admission.charge(admitted) : Charge.NONE) {
            Enlisted charged = more.and(charge.make());
            progress.committing = true;
            Entry written = objects.commit(objects.put(key, current.revision(), stored, next, bytes), charged, request);
            charge.committed();
            return new Written(written, false, false);
        }
    }

    /** @throws StatusException 409 in the words of upstream's storage when a client means another object of the same name */
    private static void requireUid(ResourceDefinition resource, StoreKey key, String sent, String stored) {
        if (!sent.isEmpty() && !sent.equals(stored)) {
            throw StatusException.conflict(
                    resource.resource(),
                    key.key().name(),
                    "StorageError: invalid object, Code: 4, Key: /registry/%s/%s, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: %s, UID in object meta: %s"
                            .formatted(
                                    resource.custom()
                                            ? resource.group() + "/" + resource.plural()
                                            : UPSTREAM_KEYS.getOrDefault(resource.plural(), resource.plural()),
                                    key.key().namespace().isEmpty()
                                            ? key.key().name()
                                            : key.key().path(),
                                    sent,
                                    stored));
        }
    }

    /** @throws StatusException 500 in Go's words for what is no unsigned number, as upstream answers */
    private static boolean namesRevision(String version, long revision) {
        String flaw = "invalid syntax";
        if (version.chars().allMatch(c -> c >= '0' && c <= '9')) {
            try {
                return Long.parseUnsignedLong(version) == revision;
            } catch (NumberFormatException tooLarge) {
                flaw = "value out of range";
            }
        }
        throw new StatusException(
                500, "", "strconv.ParseUint: parsing %s: %s".formatted(GoQuote.quote(version), flaw), null);
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
        for (String field : List.of("uid", "name")) {
            if (!next.has("metadata." + field)) {
                next.keep("metadata." + field, old);
            }
        }
        next.keep("metadata.creationTimestamp", old);
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
        return removal.delete(resource, options, request, object -> {}, true);
    }

    /** @param check judges the object that is about to be deleted, as it is then; may throw */
    public Written delete(
            ResourceDefinition resource, DeleteOptions options, RequestInfo request, Consumer<Document> check) {
        return removal.delete(resource, options, request, check, true);
    }

    /** A deletion that no admission plugin may stop: that of objects whose kind goes away. */
    public Written deleteUnjudged(ResourceDefinition resource, DeleteOptions options, RequestInfo request) {
        return removal.delete(resource, options, request, object -> {}, false);
    }

    /** A write that would only move the times of ownership is none: what it set is what was there, or was put back. */
    private boolean changesNothing(
            Document next, Document old, byte[] bytes, Entry current, ResourceDefinition stored) {
        if (!current.storedVersion().equals(StoredObjects.storedVersion(stored))) {
            // What lies in a version that is no longer the stored one moves with whatever is written.
            return false;
        }
        byte[] before = RevisionSlot.clear(current.body());
        if (Arrays.equals(bytes, before)) {
            return true;
        }
        if (next.same(OWNERS, old) || !differOnlyInTime(next.at(OWNERS), old.at(OWNERS))) {
            return false;
        }
        Document untimed = next.copy();
        untimed.keep(OWNERS, old);
        return Arrays.equals(objects.encode(untimed, stored), before);
    }

    private static boolean sameButOwners(Document sent, Document old) {
        Document one = sent.copy();
        Document other = old.copy();
        one.remove(OWNERS);
        other.remove(OWNERS);
        return one.equals(other);
    }

    private static boolean differOnlyInTime(JsonNode owners, JsonNode before) {
        if (owners.isEmpty() || owners.size() != before.size()) {
            return false;
        }
        for (int i = 0; i < owners.size(); i++) {
            for (String field : ALL_OF_AN_OWNER_BUT_TIME) {
                if (!owners.get(i).path(field).equals(before.get(i).path(field))) {
                    return false;
                }
            }
        }
        return true;
    }

    private static boolean hasStatus(ResourceDefinition resource) {
        return resource.subresource("status").isPresent();
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

    private static void refuse(ResourceDefinition resource, String name, List<FieldError> findings) {
        if (!findings.isEmpty()) {
            // Events of the newer group are refused under the name of the group that keeps them.
            throw StatusException.invalid(resource.storage().group(), resource.kind(), name, findings);
        }
    }
}
