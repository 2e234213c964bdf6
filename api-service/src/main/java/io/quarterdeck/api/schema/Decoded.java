package io.quarterdeck.api.schema;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.model.GroupVersionKind;
import java.util.List;

/**
 * A request body, read.
 *
 * @param kind the kind that the body names, or the expected one where it names none
 * @param document without the fields that the schema does not know
 * @param findings what strict field validation refuses and the default one warns of, in upstream's words and order:
 *     {@code unknown field "spec.x"}, {@code duplicate field "spec.y"}
 */
public record Decoded(GroupVersionKind kind, Document document, List<String> findings) {
    public Decoded {
        findings = List.copyOf(findings);
    }
}
