package io.quarterdeck.api.kinds.admissionregistration;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.kinds.TableColumns;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.model.GroupResource;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.springframework.stereotype.Component;

/** Webhooks that judge objects on their way in. */
@Component
final class ValidatingWebhookConfigurationStrategy implements KindStrategy {

    private static final Rules RULES = Rules.of(ValidatingWebhookConfigurationStrategy::hooks);

    @Override
    public GroupResource resource() {
        return new GroupResource("admissionregistration.k8s.io", "validatingwebhookconfigurations");
    }

    @Override
    public boolean coreFinalizersOnly() {
        return false;
    }

    @Override
    public boolean hasGeneration() {
        return true;
    }

    @Override
    public void prepareForUpdate(Document next, Document old, RequestInfo request) {
        AdmissionRules.countGeneration(next, old);
    }

    @Override
    public boolean allowsUnconditionalUpdate() {
        return false;
    }

    @Override
    public boolean repeatsMetadataFindings() {
        return false;
    }

    @Override
    public Rules rules() {
        return RULES;
    }

    private static void hooks(Field configuration) {
        Set<String> names = new HashSet<>();
        configuration.at("webhooks").items().forEach(hook -> AdmissionRules.webhook(hook, false, names));
    }

    @Override
    public Optional<Columns> columns() {
        return TableColumns.of("validatingwebhookconfigurations.admissionregistration.k8s.io")
                .number("Webhooks", object -> object.items("webhooks").size())
                .columns();
    }
}
