package io.quarterdeck.api.registry;

import io.quarterdeck.api.document.Document;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;

/**
 * Decides what a deletion does to an object as it is now. Pure.
 *
 * <p>Source: Kubernetes documentation, "Finalizers", "Garbage Collection"; upstream's BeforeDelete and
 * deletionFinalizersForGarbageCollection.
 */
sealed interface Deletion {

    /** The object goes now. */
    record Now() implements Deletion {}

    /** The object stays for others to finish with it, changed to {@code next}; then {@code goesNext} or waits. */
    record Marked(Document next, boolean goesNext) implements Deletion {}

    /** It is being deleted already, and this request changes nothing. */
    record Pending() implements Deletion {}

    String ORPHAN = "orphan";
    String FOREGROUND = "foregroundDeletion";

    static Deletion decide(Document object, ResourceDefinition resource, DeleteOptions options, Instant now) {
        Document next = object.copy();
        ResourceStrategy strategy = resource.strategy();
        boolean graceful = false;
        long grace = 0;
        if (object.deleting()) {
            long pending = object.number("metadata.deletionGracePeriodSeconds", 0);
            if (pending > 0) {
                Optional<Long> asked = options.gracePeriodSeconds().map(seconds -> seconds < 0 ? 1 : seconds);
                if (asked.isEmpty() || asked.get() >= pending) {
                    return new Pending();
                }
                grace = asked.get();
                graceful = true;
                Instant end = Instant.parse(object.text("metadata.deletionTimestamp"));
                next.set(
                        "metadata.deletionTimestamp",
                        end.minusSeconds(pending - grace).toString());
                next.set("metadata.deletionGracePeriodSeconds", grace);
            }
        } else {
            Optional<Duration> period = strategy.gracePeriod(object, options.gracePeriodSeconds());
            if (period.isPresent()) {
                graceful = true;
                grace = period.get().toSeconds();
                mark(next, now, grace);
            }
        }
        boolean finalizersChanged = resource.traits().garbageCollected() && propagate(next, resource, options);
        boolean held = !next.finalizers().isEmpty() || !strategy.mayVanish(next);
        if (graceful) {
            strategy.markDeleting(next);
            return new Marked(next, grace == 0 && !held);
        }
        if (!held) {
            return new Now();
        }
        if (!object.deleting()) {
            mark(next, now, 0);
            strategy.markDeleting(next);
        } else if (!finalizersChanged) {
            return new Pending();
        }
        return new Marked(next, false);
    }

    private static void mark(Document next, Instant now, long grace) {
        next.set(
                "metadata.deletionTimestamp",
                now.truncatedTo(ChronoUnit.SECONDS).plusSeconds(grace).toString());
        next.set("metadata.deletionGracePeriodSeconds", grace);
        long generation = next.number("metadata.generation", 0);
        if (generation > 0) {
            next.set("metadata.generation", generation + 1);
        }
    }

    /** Sets the finalizers that tell the garbage collector what to do; answers whether any changed. */
    private static boolean propagate(Document next, ResourceDefinition resource, DeleteOptions options) {
        List<String> before = next.finalizers();
        List<String> after = new ArrayList<>(before);
        after.removeAll(List.of(ORPHAN, FOREGROUND));
        if (orphans(before, resource, options)) {
            after.add(ORPHAN);
        }
        if (foreground(before, options)) {
            after.add(FOREGROUND);
        }
        if (after.size() == before.size() && after.containsAll(before)) {
            return false;
        }
        if (after.isEmpty()) {
            next.remove("metadata.finalizers");
        } else {
            ArrayNode finalizers = next.object("metadata").putArray("finalizers");
            after.forEach(finalizers::add);
        }
        return true;
    }

    private static boolean orphans(List<String> finalizers, ResourceDefinition resource, DeleteOptions options) {
        if (!options.propagation().isEmpty()) {
            return options.propagation().equals("Orphan");
        }
        if (options.orphanDependents().isPresent()) {
            return options.orphanDependents().get();
        }
        return finalizers.contains(ORPHAN)
                || (!finalizers.contains(FOREGROUND) && resource.traits().orphansByDefault());
    }

    private static boolean foreground(List<String> finalizers, DeleteOptions options) {
        if (!options.propagation().isEmpty()) {
            return options.propagation().equals("Foreground");
        }
        return options.orphanDependents().isEmpty() && finalizers.contains(FOREGROUND);
    }

    /** Whether an update of a marked object was the last thing that it waited for. */
    static boolean finished(Document old, Document next, ResourceStrategy strategy) {
        return old.deleting()
                && next.finalizers().isEmpty()
                && next.number("metadata.deletionGracePeriodSeconds", 0) == 0
                && strategy.mayVanish(next);
    }
}
