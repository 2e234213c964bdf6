package io.quarterdeck.api.http;

import io.quarterdeck.api.cache.Freshness;
import io.quarterdeck.api.cache.ListQuery;
import io.quarterdeck.api.cache.Listing;
import io.quarterdeck.api.cache.WatchCache;
import io.quarterdeck.api.registry.DeleteOptions;
import io.quarterdeck.api.registry.ResourceDefinition;
import io.quarterdeck.api.registry.WritePath;
import io.quarterdeck.api.store.Entry;
import io.quarterdeck.model.StatusException;
import java.io.IOException;
import java.util.Optional;

/** deletecollection: everything that a selection names, one by one, each as a deletion of its own. Thread-safe. */
final class Collections {

    private final WatchCache cache;
    private final Bodies bodies;
    private final WritePath writes;
    private final Answers answers;

    Collections(WatchCache cache, Bodies bodies, WritePath writes, Answers answers) {
        this.cache = cache;
        this.bodies = bodies;
        this.writes = writes;
        this.answers = answers;
    }

    void delete(Exchange exchange, ResourceDefinition resource, String namespace) throws IOException {
        Negotiation form = Negotiation.of(exchange, true, !resource.custom());
        ListOptions selected = ListOptions.of(exchange.query(), resource, namespace, "", false);
        Freshness freshness = selected.resourceVersion().isEmpty() ? new Freshness.Consistent() : selected.freshness();
        DeleteOptions options = bodies.deleteOptions(exchange);
        Listing listing = cache.list(
                resource.storage(),
                new ListQuery(
                        selected.selection(),
                        freshness,
                        (int) Math.min(selected.limit(), Integer.MAX_VALUE),
                        Optional.empty()));
        for (Entry entry : listing.entries()) {
            try {
                writes.delete(
                        resource,
                        options,
                        bodies.plainRequest(exchange, resource, entry.key().key(), options.dryRun()));
            } catch (StatusException e) {
                // Gone meanwhile is what was asked for.
                if (e.code() != 404) {
                    throw e;
                }
            }
        }
        answers.list(exchange, form, resource, listing, "", -1);
    }
}
