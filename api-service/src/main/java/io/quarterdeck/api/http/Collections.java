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

    private final Selections selections;
    private final Bodies bodies;
    private final WritePath writes;
    private final Answers answers;

    Collections(WatchCache cache, Bodies bodies, WritePath writes, Answers answers) {
        this.selections = new Selections(cache, answers.forms());
        this.bodies = bodies;
        this.writes = writes;
        this.answers = answers;
    }

    void delete(Exchange exchange, ResourceDefinition resource, String namespace) throws IOException {
        Negotiation form = Negotiation.of(exchange, true, !resource.custom());
        ListOptions selected = ListOptions.of(exchange.query(), resource, namespace, "", false);
        DeleteOptions options = bodies.deleteOptions(exchange);
        Freshness freshness = selected.resourceVersion().isEmpty() ? new Freshness.Consistent() : selected.freshness();
        Optional<ContinueToken> token = selected.continueToken().isEmpty()
                ? Optional.empty()
                : Optional.of(ContinueToken.decode(selected.continueToken(), namespace));
        resource.strategy().deletionWarnings(options).forEach(exchange::warn);
        Listing found = selections.list(
                resource,
                new ListQuery(
                        selected.selection(),
                        freshness,
                        (int) Math.min(selected.limit(), Integer.MAX_VALUE),
                        token.map(ContinueToken::after)));
        Listing listing = found.showing(answers.forms().prepare(resource, found.entries()));
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
        String next = listing.next()
                .map(after -> new ContinueToken(
                                listing.revision(), after, exchange.now().getEpochSecond())
                        .encode(namespace))
                .orElse("");
        answers.list(
                exchange, form, resource, listing, next, listing.remaining().orElse(-1));
    }
}
