package io.quarterdeck.api.patch;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.model.GroupVersionKind;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Stands in until field ownership is recorded. */
@Component
final class UnrecordedOwnership implements FieldOwnership {
    @Override
    public void recordUpdate(
            Document next,
            @Nullable Document old,
            GroupVersionKind kind,
            String manager,
            String subresource,
            Instant now) {}

    @Override
    public Document apply(
            @Nullable Document live,
            Document applied,
            GroupVersionKind kind,
            String manager,
            String subresource,
            boolean force,
            Instant now) {
        throw io.quarterdeck.model.StatusException.methodNotAllowed();
    }
}
