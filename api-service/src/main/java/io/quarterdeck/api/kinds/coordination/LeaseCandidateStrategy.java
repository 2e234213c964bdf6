package io.quarterdeck.api.kinds.coordination;

import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.kinds.TableColumns;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.model.GroupResource;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Those who would lead: who is chosen among them gets the lease. */
@Component
final class LeaseCandidateStrategy implements KindStrategy {

    private static final Rules RULES = Rules.of(Rules.at("spec", LeaseCandidateStrategy::spec));

    @Override
    public GroupResource resource() {
        return new GroupResource("coordination.k8s.io", "leasecandidates");
    }

    @Override
    public Rules rules() {
        return RULES;
    }

    @Override
    public boolean allowsUnconditionalUpdate() {
        return false;
    }

    @Override
    public boolean allowsCreateOnUpdate() {
        return true;
    }

    private static void spec(Field spec) {
        spec.at("leaseName").require();
        spec.at("leaseName").immutable();
        spec.at("binaryVersion").require();
        spec.at("strategy").require();
        if (spec.at("strategy").is("OldestEmulationVersion")
                && spec.at("emulationVersion").empty()) {
            spec.at("emulationVersion").required("must be specified when `strategy` is 'OldestEmulationVersion'");
        }
    }

    @Override
    public Optional<Columns> columns() {
        return TableColumns.of("leasecandidates.coordination.k8s.io")
                .text("LeaseName", "spec.leaseName")
                .text("BinaryVersion", "spec.binaryVersion")
                .text("EmulationVersion", "spec.emulationVersion")
                .columns();
    }
}
