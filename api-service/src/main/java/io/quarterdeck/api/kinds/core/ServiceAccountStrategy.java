package io.quarterdeck.api.kinds.core;

import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.kinds.TableColumns;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.model.GroupResource;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Service accounts: nothing beyond metadata is judged. */
@Component
final class ServiceAccountStrategy implements KindStrategy {

    @Override
    public GroupResource resource() {
        return new GroupResource("", "serviceaccounts");
    }

    @Override
    public Optional<Columns> columns() {
        return TableColumns.of("serviceaccounts").columns();
    }
}
