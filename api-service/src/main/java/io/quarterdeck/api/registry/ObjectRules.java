package io.quarterdeck.api.registry;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.model.FieldError;
import java.util.List;

/** What holds for the metadata of every kind: names, labels, owners, finalizers, immutable fields. Pure. */
public interface ObjectRules {

    List<FieldError> validateCreate(Document next, ResourceDefinition resource);

    List<FieldError> validateUpdate(Document next, Document old, ResourceDefinition resource);
}
