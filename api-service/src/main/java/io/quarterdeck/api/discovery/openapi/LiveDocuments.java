package io.quarterdeck.api.discovery.openapi;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.quarterdeck.api.discovery.openapi.OpenApiDocuments.Addition;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * The documents of what is served now: those of the built-in kinds, and what custom ones add, made when first asked for. No
 * {@link Supplier} itself: Spring Cloud Stream would send what such a bean supplies. Thread-safe.
 */
public final class LiveDocuments {

    private final OpenApiDocuments builtin;
    private final Cache<CustomKind, Addition> additions =
            Caffeine.newBuilder().weakKeys().build();
    private volatile Current current;

    /** @param kinds those that the documents know */
    private record Current(List<CustomKind> kinds, Supplier<OpenApiDocuments> documents) {}

    public LiveDocuments(OpenApiDocuments builtin) {
        this.builtin = builtin;
        this.current = new Current(List.of(), () -> builtin);
    }

    /** Describes these custom kinds and no others. */
    public void describe(List<CustomKind> kinds) {
        List<CustomKind> known = current.kinds();
        if (kinds.equals(known)) {
            return;
        }
        // What stays the same keeps what was made of it.
        List<CustomKind> next = new ArrayList<>();
        for (CustomKind kind : kinds) {
            int before = known.indexOf(kind);
            next.add(before < 0 ? kind : known.get(before));
        }
        current = new Current(List.copyOf(next), new Made(next));
    }

    public OpenApiDocuments current() {
        return current.documents().get();
    }

    private final class Made implements Supplier<OpenApiDocuments> {
        private final List<CustomKind> kinds;
        private volatile OpenApiDocuments documents;

        Made(List<CustomKind> kinds) {
            this.kinds = kinds;
            this.documents = builtin;
        }

        @Override
        public synchronized OpenApiDocuments get() {
            if (documents == builtin && !kinds.isEmpty()) {
                List<Addition> added = new ArrayList<>();
                for (CustomKind kind : kinds) {
                    added.add(additions.get(kind, builtin::addition));
                }
                documents = builtin.with(added);
            }
            return documents;
        }
    }
}
