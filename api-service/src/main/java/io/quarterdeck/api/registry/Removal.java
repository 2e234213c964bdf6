package io.quarterdeck.api.registry;

import io.quarterdeck.api.admission.AdmissionChain;
import io.quarterdeck.api.admission.AdmissionRequest;
import io.quarterdeck.api.admission.AdmissionRequest.Operation;
import io.quarterdeck.api.cache.Freshness;
import io.quarterdeck.api.cache.WatchCache;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.registry.ResourceStrategy.Enlisted;
import io.quarterdeck.api.registry.WritePath.Written;
import io.quarterdeck.api.store.ConflictException;
import io.quarterdeck.api.store.Entry;
import io.quarterdeck.api.store.StoreKey;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.StatusException;
import java.util.Optional;
import java.util.function.Consumer;

/** The write path's last stretch: how objects go, at once or in steps. Thread-safe. */
final class Removal {

    private final StoredObjects objects;
    private final AdmissionChain admission;
    private final WatchCache cache;

    Removal(StoredObjects objects, AdmissionChain admission, WatchCache cache) {
        this.objects = objects;
        this.admission = admission;
        this.cache = cache;
    }

    /**
     * @param check judges the object that is about to be deleted, as it is then; may throw
     * @param judged whether admission is asked
     */
    Written delete(
            ResourceDefinition resource,
            DeleteOptions options,
            RequestInfo request,
            Consumer<Document> check,
            boolean judged) {
        ResourceDefinition stored = objects.stored(resource);
        StoreKey key = new StoreKey(resource.storage(), request.key());
        long admitted = -1;
        Optional<String> version = options.resourceVersion();
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
            Document old = objects.read(stored, current);
            WritePath.Progress progress = new WritePath.Progress();
            try {
                precondition(resource, old, current, options.uid(), version);
                // Who judges a deletion sees what is deleted, not what was there a moment before.
                if (judged && admitted != current.revision()) {
                    AdmissionRequest admission = new AdmissionRequest(
                            Operation.DELETE,
                            request.named(old.name()),
                            resource,
                            null,
                            old,
                            options.lasting(resource.strategy().gracePeriod(old, options.gracePeriodSeconds())));
                    this.admission.mutate(admission);
                    this.admission.validate(admission);
                    admitted = current.revision();
                }
                check.accept(old);
                switch (Deletion.decide(old, resource, options, request.now())) {
                    case Deletion.Pending pending -> {
                        if (guessing && !WritePath.isCurrent(cache, current)) {
                            continue;
                        }
                        return new Written(current, false, false);
                    }
                    case Deletion.Now now -> {
                        progress.committing = true;
                        return new Written(
                                request.dryRun()
                                        ? current
                                        : objects.commit(
                                                StoredObjects.remove(current),
                                                resource.strategy().enlistRemoval(old, request),
                                                request),
                                false,
                                true);
                    }
                    case Deletion.Marked mark -> {
                        progress.committing = true;
                        byte[] bytes = objects.encode(mark.next(), stored);
                        if (request.dryRun()) {
                            return new Written(
                                    objects.entry(key, current.revision(), stored, bytes), false, mark.goesNext());
                        }
                        Entry next = objects.commit(
                                objects.put(key, current.revision(), stored, mark.next(), bytes),
                                Enlisted.NOTHING,
                                request);
                        if (!mark.goesNext()) {
                            return new Written(next, false, false);
                        }
                        // Watchers see the mark before the end, as upstream shows it; the second step follows from
                        // here.
                        marked = next;
                        version = Optional.empty();
                        return new Written(
                                objects.commit(
                                        objects.remove(
                                                key, next.revision(), StoredObjects.storedVersion(stored), bytes),
                                        resource.strategy().enlistRemoval(old, request),
                                        request),
                                false,
                                true);
                    }
                }
            } catch (StatusException refused) {
                if (!guessing || progress.committing || WritePath.isCurrent(cache, current)) {
                    throw refused;
                }
            } catch (ConflictException conflict) {
                if (attempt == WritePath.TRIES) {
                    throw StatusException.conflict(
                            resource.resource(), key.key().name(), WritePath.MODIFIED);
                }
                cache.awaitRevision(conflict.currentRevision());
            }
        }
    }

    private static void precondition(
            ResourceDefinition resource, Document old, Entry current, Optional<String> uid, Optional<String> version) {
        if (resource.strategy().storageJudgesPreconditions()) {
            storagePrecondition(resource, old, current, uid, version);
        }
        // Upstream names the kind here, not the resource.
        GroupResource kind = new GroupResource(resource.group(), resource.kind());
        if (uid.isPresent() && !uid.get().equals(old.uid())) {
            throw StatusException.conflict(
                    kind,
                    old.name(),
                    "the UID in the precondition (%s) does not match the UID in record (%s). The object might have been deleted and then recreated"
                            .formatted(uid.get(), old.uid()));
        }
        if (version.isPresent() && !version.get().equals(Long.toString(current.revision()))) {
            throw StatusException.conflict(
                    kind,
                    old.name(),
                    "the ResourceVersion in the precondition (%s) does not match the ResourceVersion in record (%s). The object might have been modified"
                            .formatted(version.get(), current.revision()));
        }
    }

    /** The words of upstream's storage. */
    private static void storagePrecondition(
            ResourceDefinition resource, Document old, Entry current, Optional<String> uid, Optional<String> version) {
        if (uid.isPresent() && !uid.get().equals(old.uid())) {
            throw StatusException.conflict(
                    resource.resource(),
                    old.name(),
                    "Precondition failed: UID in precondition: %s, UID in object meta: %s"
                            .formatted(uid.get(), old.uid()));
        }
        if (version.isPresent() && !version.get().equals(Long.toString(current.revision()))) {
            throw StatusException.conflict(
                    resource.resource(),
                    old.name(),
                    "Precondition failed: ResourceVersion in precondition: %s, ResourceVersion in object meta: %s"
                            .formatted(version.get(), current.revision()));
        }
    }
}
