package io.quarterdeck.api.http;

import io.quarterdeck.api.cache.EventCursor;
import io.quarterdeck.api.cache.Freshness;
import io.quarterdeck.api.cache.ListQuery;
import io.quarterdeck.api.cache.Listing;
import io.quarterdeck.api.cache.WatchCache;
import io.quarterdeck.api.cache.WatchStart;
import io.quarterdeck.api.registry.ComputedResource;
import io.quarterdeck.api.registry.ResourceDefinition;
import io.quarterdeck.api.schema.ObjectCodec;
import io.quarterdeck.api.store.Entry;
import io.quarterdeck.api.store.EntryHeader;
import io.quarterdeck.api.store.StoreKey;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.model.StatusException;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import tools.jackson.databind.node.ObjectNode;

/** get, list and watch. Thread-safe. */
final class Reads {

    private static final String CONTINUE_EXPIRED =
            "The provided continue parameter is too old to display a consistent list result. You can start a new list"
                    + " without the continue parameter, or use the continue token in this response to retrieve the"
                    + " remainder of the results. Continuing with the provided token results in an inconsistent list -"
                    + " objects that were created, modified, or deleted between the time the first chunk was returned and"
                    + " now may show up in the list.";

    private final WatchCache cache;
    private final Answers answers;
    private final Selections selections;
    private final BooleanSupplier stopping;
    private final Map<GroupResource, ComputedResource> computed = new HashMap<>();

    Reads(WatchCache cache, Answers answers, BooleanSupplier stopping, Collection<ComputedResource> computed) {
        this.cache = cache;
        this.answers = answers;
        this.selections = new Selections(cache, answers.forms());
        this.stopping = stopping;
        computed.forEach(each -> this.computed.put(each.resource(), each));
    }

    void get(Exchange exchange, ResourceDefinition resource, ObjectKey key) throws IOException {
        Negotiation form = Negotiation.of(exchange, true, !resource.custom());
        if (exchange.query().flag("export")) {
            throw StatusException.badRequest("the export parameter, deprecated since v1.14, is no longer supported");
        }
        answers.object(exchange, form, 200, resource, entry(exchange, resource, key));
    }

    Entry entry(Exchange exchange, ResourceDefinition resource, ObjectKey key) {
        ComputedResource maker = computed.get(resource.resource());
        if (maker != null) {
            return made(exchange, resource, maker).stream()
                    .filter(entry -> entry.key().key().name().equals(key.name()))
                    .findFirst()
                    // Upstream, too, has one name for what is made and another for what is kept.
                    .orElseThrow(() -> StatusException.notFound(
                            new GroupResource(resource.group(), resource.singular()), key.name()));
        }
        String version = exchange.query().first("resourceVersion");
        Freshness freshness = new Freshness.Consistent();
        if (!version.isEmpty()) {
            long revision = ListOptions.revision(version, false);
            freshness = revision == 0 ? new Freshness.Any() : new Freshness.NotOlderThan(revision);
        }
        return cache.get(resource.storage(), key, freshness)
                .orElseThrow(() -> StatusException.notFound(resource.resource(), key.name()));
    }

    void list(Exchange exchange, ResourceDefinition resource, String namespace) throws IOException {
        Negotiation form = Negotiation.of(exchange, true, !resource.custom());
        ListOptions options = ListOptions.of(exchange.query(), resource, namespace, "", false);
        ComputedResource maker = computed.get(resource.resource());
        if (maker != null) {
            List<Entry> entries = made(exchange, resource, maker).stream()
                    .filter(options.selection()::matches)
                    .toList();
            answers.list(
                    exchange, form, resource, new Listing(0, entries, Optional.empty(), OptionalLong.empty()), "", -1);
            return;
        }
        ContinueToken token =
                options.continueToken().isEmpty() ? null : ContinueToken.decode(options.continueToken(), namespace);
        if (token == null) {
            page(
                    exchange,
                    form,
                    resource,
                    options,
                    selections.list(
                            resource,
                            new ListQuery(options.selection(), options.freshness(), limit(options), Optional.empty())),
                    exchange.now().getEpochSecond());
            return;
        }
        if (!options.resourceVersion().isEmpty() && !options.resourceVersion().equals("0")) {
            throw StatusException.badRequest("specifying resource version is not allowed when using continue");
        }
        if (token.expired(exchange.now())) {
            expired(exchange, token, namespace);
            return;
        }
        Freshness freshness = token.revision() > 0 ? new Freshness.Exact(token.revision()) : new Freshness.Consistent();
        Listing listing;
        try {
            listing = selections.list(
                    resource,
                    new ListQuery(options.selection(), freshness, limit(options), Optional.of(token.after())));
        } catch (StatusException e) {
            if (e.code() != 410) {
                throw e;
            }
            expired(exchange, token, namespace);
            return;
        }
        page(exchange, form, resource, options, listing, token.issued());
    }

    private List<Entry> made(Exchange exchange, ResourceDefinition resource, ComputedResource maker) {
        ObjectCodec codec = answers.forms().codec();
        return maker.objects(exchange.now()).stream()
                .map(object -> new Entry(
                        new StoreKey(resource.storage(), new ObjectKey("", object.name())),
                        0,
                        0,
                        resource.version(),
                        codec.canonical(object, resource.gvk()),
                        new EntryHeader("", Map.of(), Map.of(), List.of(), false)))
                .toList();
    }

    /** What any state may answer comes from upstream's cache, whole. */
    private static int limit(ListOptions options) {
        return options.resourceVersion().equals("0") ? 0 : (int) Math.min(options.limit(), Integer.MAX_VALUE);
    }

    private void page(
            Exchange exchange,
            Negotiation form,
            ResourceDefinition resource,
            ListOptions options,
            Listing listing,
            long issued)
            throws IOException {
        String next = listing.next()
                .map(after -> new ContinueToken(listing.revision(), after, issued)
                        .encode(options.selection().namespace()))
                .orElse("");
        boolean selective = !options.selection().labels().isEverything()
                || !options.selection().fields().isEverything();
        answers.list(
                exchange,
                form,
                resource,
                listing,
                next,
                selective ? -1 : listing.remaining().orElse(-1));
    }

    private void expired(Exchange exchange, ContinueToken token, String namespace) throws IOException {
        ObjectNode status = StatusBody.failure(StatusException.expired(CONTINUE_EXPIRED));
        ((ObjectNode) status.get("metadata"))
                .put(
                        "continue",
                        new ContinueToken(-1, token.after(), exchange.now().getEpochSecond()).encode(namespace));
        answers.json(exchange, 410, status);
    }

    void watch(Exchange exchange, ResourceDefinition resource, String namespace, String name) throws IOException {
        Negotiation form = Negotiation.ofWatch(exchange, !resource.custom());
        ListOptions options = ListOptions.of(exchange.query(), resource, namespace, name, true);
        if (!name.isEmpty() && !options.meets(name)) {
            throw StatusException.badRequest("fieldSelector metadata.name doesn't match requested name");
        }
        long revision = options.resourceVersion().isEmpty() ? 0 : options.revision(false);
        WatchStart start;
        boolean changesAlone = exchange.query().has("sendInitialEvents") && !options.sendInitialEvents();
        if (options.sendInitialEvents() || (revision == 0 && !changesAlone)) {
            start = new WatchStart.Existing(
                    options.resourceVersion().isEmpty()
                            ? new Freshness.Consistent()
                            : revision == 0 ? new Freshness.Any() : new Freshness.NotOlderThan(revision));
        } else {
            start = new WatchStart.Behind(revision == 0 ? cache.revision() : revision);
        }
        // A watch that names no end gets one, spread so that watches do not all come back at once (as upstream).
        Duration life = Duration.ofSeconds(
                options.timeoutSeconds() > 0
                        ? options.timeoutSeconds()
                        : 1800 + RandomGenerator.getDefault().nextInt(1800));
        WatchStream stream = new WatchStream(exchange, answers, form, resource, options);
        EventCursor cursor;
        try {
            cursor = selections.watch(resource, options.selection(), start);
        } catch (StatusException unfit) {
            if (unfit.code() != 410 && (!options.sendInitialEvents() || unfit.code() != 504)) {
                throw unfit;
            }
            // Upstream's watch stands by then, and says so in its stream.
            exchange.start(200, stream.contentType());
            stream.fail(exchange.output(), unfit);
            return;
        }
        if (WebSocketFrames.asked(exchange)) {
            WebSocketFrames.accept(exchange, out -> {
                try (cursor) {
                    stream.run(cursor, out, life, stopping);
                }
            });
            return;
        }
        try (cursor) {
            exchange.start(200, stream.contentType());
            stream.run(cursor, exchange.output(), life, stopping);
        }
    }
}
