package io.quarterdeck.api.http;

import static io.quarterdeck.api.http.Forms.bytes;

import io.quarterdeck.api.cache.EventCursor;
import io.quarterdeck.api.cache.WatchEvent;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.registry.ResourceDefinition;
import io.quarterdeck.api.schema.Encoding;
import io.quarterdeck.api.store.Change;
import io.quarterdeck.api.store.Entry;
import io.quarterdeck.model.GroupVersionKind;
import io.quarterdeck.model.StatusException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import tools.jackson.databind.node.ObjectNode;

/** One watch: frames from a cursor to a connection until time is up, the client leaves or the server stops. */
final class WatchStream {

    private static final int BATCH = 512;
    /**
     * What fits into one TLS record with the sizes of its chunks. The container's own buffer is a little larger than a record:
     * without a flush at this size each record would be followed by a scrap, which costs a system call like a whole one.
     */
    private static final int RECORD_BYTES = 16 * 1024 - 64;

    private static final Duration BOOKMARK_EVERY = Duration.ofSeconds(60);

    /** How soon a vanished client is noticed. */
    private static final Duration GLANCE = Duration.ofSeconds(3);

    private static final byte[] END_OF_FRAME = bytes("}\n");
    private static final byte[] END_OF_PARTIAL = bytes("}}\n");
    private static final Map<Change.Type, byte[]> OPENINGS = new EnumMap<>(Change.Type.class);

    static {
        for (Change.Type type : Change.Type.values()) {
            OPENINGS.put(type, bytes("{\"type\":\"" + type.name() + "\",\"object\":"));
        }
    }

    private static final GroupVersionKind STATUS = new GroupVersionKind("", "v1", "Status");

    private final Exchange exchange;
    private final Answers answers;
    private final Negotiation form;
    private final ResourceDefinition resource;
    private final ListOptions options;
    private boolean firstFrame = true;

    WatchStream(
            Exchange exchange, Answers answers, Negotiation form, ResourceDefinition resource, ListOptions options) {
        this.exchange = exchange;
        this.answers = answers;
        this.form = form;
        this.resource = resource;
        this.options = options;
    }

    String contentType() {
        return form.encoding() == Encoding.PROTOBUF ? Negotiation.PROTOBUF + ";stream=watch" : Negotiation.JSON;
    }

    /** @param stopping true once the server wants its watches to end */
    void run(EventCursor cursor, OutputStream out, Duration life, BooleanSupplier stopping) throws IOException {
        long end = System.nanoTime() + life.toNanos();
        long bookmarkDue = System.nanoTime() + BOOKMARK_EVERY.toNanos();
        boolean initialEndDue = options.sendInitialEvents() && options.bookmarks();
        boolean looked = false;
        // Most watchers of a large cluster never see an event: they keep no room for one.
        ByteArrayOutputStream gathered = new ByteArrayOutputStream(0);
        boolean lookedAfter = exchange.isStream()
                && cursor.lookAfter(() -> stopping.getAsBoolean() || exchange.isClosed() || !isServed());
        try {
            // The client learns at once that the watch stands, also when nothing happens for long.
            out.flush();
            while (true) {
                long now = System.nanoTime();
                if (now >= end || stopping.getAsBoolean()) {
                    return;
                }
                // The first look waits for nothing: that there is nothing is told at once, too.
                long patience = looked
                        ? Math.min(end - now, lookedAfter ? untilBookmark(bookmarkDue - now) : GLANCE.toNanos())
                        : 0;
                looked = true;
                List<WatchEvent> events = cursor.next(BATCH, Duration.ofNanos(patience));
                ResourceDefinition served = answers.forms().served(resource).orElse(null);
                if (served != null && served != resource) {
                    // Its definition changed: what comes now is for who asks anew.
                    return;
                }
                List<Entry> entries = answers.forms()
                        .prepare(
                                resource, events.stream().map(WatchEvent::entry).toList());
                for (int i = 0; i < entries.size(); i++) {
                    int before = gathered.size();
                    frame(gathered, events.get(i).type(), entries.get(i));
                    int another = gathered.size() - before;
                    if (gathered.size() + another > RECORD_BYTES) {
                        gathered = sent(gathered, out);
                    }
                }
                if (initialEndDue && cursor.initialEventsDone()) {
                    initialEndDue = false;
                    bookmark(gathered, cursor.progress(), true);
                } else if (options.bookmarks() && System.nanoTime() >= bookmarkDue && cursor.initialEventsDone()) {
                    bookmarkDue = System.nanoTime() + BOOKMARK_EVERY.toNanos();
                    bookmark(gathered, cursor.progress(), false);
                }
                if (cursor.initialEventsDone()) {
                    exchange.initialized();
                }
                if (gathered.size() > 0) {
                    gathered = sent(gathered, out);
                } else if (events.isEmpty() && (served == null || exchange.clientGone())) {
                    return;
                }
            }
        } catch (StatusException expired) {
            gathered.writeBytes(error(expired));
            sent(gathered, out);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A watch that ends with this before it told anything. */
    void fail(OutputStream out, StatusException why) throws IOException {
        out.write(error(why));
        out.flush();
    }

    private boolean isServed() {
        return answers.forms()
                .served(resource)
                .filter(served -> served == resource)
                .isPresent();
    }

    /** Sends it, and answers a buffer to gather in next: what a large object needed is not kept. */
    private static ByteArrayOutputStream sent(ByteArrayOutputStream buffer, OutputStream out) throws IOException {
        buffer.writeTo(out);
        out.flush();
        if (buffer.size() > 2 * RECORD_BYTES) {
            return new ByteArrayOutputStream(0);
        }
        buffer.reset();
        return buffer;
    }

    private long untilBookmark(long nanos) {
        return options.bookmarks() ? Math.max(nanos, GLANCE.toNanos()) : Long.MAX_VALUE;
    }

    private void frame(ByteArrayOutputStream out, Change.Type change, Entry entry) {
        String type = change.name();
        if (!form.table().isEmpty()) {
            ObjectNode table = answers.tables()
                    .table(
                            exchange,
                            resource,
                            List.of(entry),
                            form.table(),
                            answers.tables().listMeta(entry.revision(), "", -1),
                            firstFrame);
            firstFrame = false;
            tree(out, type, Tables.KIND, table);
        } else if (form.encoding() == Encoding.PROTOBUF) {
            Forms forms = answers.forms();
            boolean whole = form.metadataOnly().isEmpty();
            byte[] message = whole
                    ? forms.message(resource, entry)
                    : forms.codec().protobuf(forms.metadataOnly(resource, entry, partial()), partial());
            forms.codec()
                    .watchFrame(type, message, whole ? resource.gvk() : partial())
                    .forEach(out::writeBytes);
        } else {
            out.writeBytes(Objects.requireNonNull(OPENINGS.get(change)));
            if (form.metadataOnly().isEmpty()) {
                out.writeBytes(answers.forms().header(resource.gvk()));
                out.writeBytes(answers.forms().body(resource, entry));
                out.writeBytes(END_OF_FRAME);
            } else {
                out.writeBytes(answers.forms().header(partial()));
                out.writeBytes(answers.forms().metadata(resource, entry));
                out.writeBytes(END_OF_PARTIAL);
            }
        }
    }

    private GroupVersionKind partial() {
        return new GroupVersionKind("meta.k8s.io", form.partialVersion(), "PartialObjectMetadata");
    }

    private void tree(ByteArrayOutputStream out, String type, GroupVersionKind kind, ObjectNode tree) {
        var codec = answers.forms().codec();
        if (form.encoding() == Encoding.PROTOBUF) {
            codec.watchFrame(type, codec.protobuf(tree, kind), kind).forEach(out::writeBytes);
        } else {
            out.writeBytes(bytes("{\"type\":\"" + type + "\",\"object\":"));
            out.writeBytes(codec.json(tree));
            out.writeBytes(END_OF_FRAME);
        }
    }

    private void bookmark(ByteArrayOutputStream out, long revision, boolean endOfInitialEvents) {
        GroupVersionKind kind = form.metadataOnly().isEmpty() ? resource.gvk() : partial();
        Document object = Document.empty();
        object.set("kind", kind.kind()).set("apiVersion", kind.apiVersion());
        ObjectNode metadata = object.object("metadata");
        metadata.put("resourceVersion", Long.toString(revision));
        if (endOfInitialEvents) {
            metadata.putObject("annotations").put("k8s.io/initial-events-end", "true");
        }
        if (form.table().isEmpty()) {
            tree(out, "BOOKMARK", kind, object.tree());
            return;
        }
        ObjectNode meta = answers.tables().listMeta(revision, "", -1);
        ObjectNode table = answers.tables().bookmark(exchange, resource, object, form.table(), meta, firstFrame);
        firstFrame = false;
        tree(out, "BOOKMARK", Tables.KIND, table);
    }

    private byte[] error(StatusException error) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        tree(out, "ERROR", STATUS, StatusBody.failure(error));
        return out.toByteArray();
    }
}
