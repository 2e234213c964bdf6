package io.quarterdeck.api.kinds.resource;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.kinds.TableColumns;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.model.Formats;
import io.quarterdeck.model.GroupResource;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Device classes: which devices a claim may ask for by name. */
@Component
final class DeviceClassStrategy implements KindStrategy {

    private static final Rules RULES = Rules.of(Rules.at("spec", DeviceClassStrategy::spec));

    @Override
    public GroupResource resource() {
        return new GroupResource("resource.k8s.io", "deviceclasses");
    }

    @Override
    public boolean hasGeneration() {
        return true;
    }

    @Override
    public void prepareForUpdate(Document next, Document old, RequestInfo request) {
        next.countGenerationWhenChanged("spec", old);
    }

    @Override
    public Rules rules() {
        return RULES;
    }

    private static void spec(Field spec) {
        DeviceRules.selectors(spec.at("selectors"));
        DeviceRules.configurations(spec.at("config"), null);
        spec.at("extendedResourceName").ifPresent(name -> {
            boolean another = name.text().contains("/")
                    && !name.text().contains("kubernetes.io/")
                    && !name.text().startsWith("requests.");
            if (!another || !Formats.qualifiedName("requests." + name.text()).isEmpty()) {
                name.invalid("must be a valid extended resource name");
            }
        });
    }

    @Override
    public Optional<Columns> columns() {
        return TableColumns.of("deviceclasses.resource.k8s.io").columns();
    }
}
