package io.quarterdeck.api.kinds.core;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.Cells;
import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.kinds.TableColumns;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.model.GroupResource;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Pod templates that stand alone. */
@Component
final class PodTemplateStrategy implements KindStrategy {

    private static final Rules RULES = Rules.of(Rules.at("template", PodTemplates::check));

    @Override
    public GroupResource resource() {
        return new GroupResource("", "podtemplates");
    }

    @Override
    public boolean hasGeneration() {
        return true;
    }

    @Override
    public void prepareForUpdate(Document next, Document old, RequestInfo request) {
        next.countGenerationWhenChanged("template", old);
    }

    @Override
    public Rules rules() {
        return RULES;
    }

    @Override
    public List<String> warnings(Document next, Optional<Document> old, RequestInfo request) {
        return PodTemplates.warnings("template", next.at("template"));
    }

    @Override
    public Optional<Columns> columns() {
        return PodTemplates.columns(TableColumns.of("podtemplates"), "template.spec.containers")
                .text("Pod Labels", object -> Cells.labels(object.at("template.metadata.labels")))
                .columns();
    }
}
