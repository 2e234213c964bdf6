package io.quarterdeck.api.admission.plugins;

import io.quarterdeck.api.document.Document;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The class that is marked as the default: the newest of them, then the first by name. */
final class DefaultClasses {

    private static final Comparator<Document> NEWEST_FIRST = Comparator.comparing(
                    (Document found) -> found.text("metadata.creationTimestamp"))
            .reversed()
            .thenComparing(Document::name);

    private DefaultClasses() {}

    static Optional<Document> of(List<Document> classes, String... annotations) {
        return classes.stream()
                .filter(found -> List.of(annotations).stream()
                        .anyMatch(annotation -> "true".equals(found.annotation(annotation))))
                .min(NEWEST_FIRST);
    }
}
