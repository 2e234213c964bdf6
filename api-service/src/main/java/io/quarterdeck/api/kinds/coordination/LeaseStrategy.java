package io.quarterdeck.api.kinds.coordination;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.kinds.TableColumns;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.model.GroupResource;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Leases: who leads, who is alive. */
@Component
final class LeaseStrategy implements KindStrategy {

    private static final List<String> COORDINATED = List.of("spec.strategy", "spec.preferredHolder");
    private static final Rules RULES = Rules.of(Rules.at("spec", LeaseStrategy::spec));

    @Override
    public GroupResource resource() {
        return new GroupResource("coordination.k8s.io", "leases");
    }

    @Override
    public boolean coreFinalizersOnly() {
        return false;
    }

    @Override
    public boolean allowsUnconditionalUpdate() {
        return false;
    }

    @Override
    public boolean allowsCreateOnUpdate() {
        return true;
    }

    @Override
    public Rules rules() {
        return RULES;
    }

    /** Candidates are coordinated by nobody here. */
    @Override
    public void prepareForCreate(Document next, RequestInfo request) {
        COORDINATED.forEach(next::remove);
    }

    @Override
    public void prepareForUpdate(Document next, Document old, RequestInfo request) {
        COORDINATED.stream().filter(field -> !old.has(field)).forEach(next::remove);
    }

    private static void spec(Field spec) {
        Field duration = spec.at("leaseDurationSeconds");
        if (duration.present() && duration.number() <= 0) {
            duration.invalid("must be greater than 0");
        }
        spec.at("leaseTransitions").nonNegative();
        Field strategy = spec.at("strategy");
        if (strategy.present()) {
            strategy.oneOf("OldestEmulationVersion");
        }
        Field preferred = spec.at("preferredHolder");
        if (!preferred.empty() && strategy.empty()) {
            preferred.forbidden("may only be specified when `strategy` is defined");
        }
    }

    @Override
    public Optional<Columns> columns() {
        return TableColumns.of("leases.coordination.k8s.io")
                .text("Holder", "spec.holderIdentity")
                .columns();
    }
}
