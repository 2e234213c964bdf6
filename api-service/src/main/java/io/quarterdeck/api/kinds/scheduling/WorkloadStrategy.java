package io.quarterdeck.api.kinds.scheduling;

import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.model.Formats;
import io.quarterdeck.model.GroupResource;
import java.util.HashSet;
import java.util.Set;
import org.springframework.stereotype.Component;

/** The groups of pods that make up an application. */
@Component
final class WorkloadStrategy implements KindStrategy {

    private static final int MOST_TEMPLATES = 8;
    private static final Rules RULES = Rules.of(Rules.at("spec", WorkloadStrategy::spec));

    @Override
    public GroupResource resource() {
        return new GroupResource("scheduling.k8s.io", "workloads");
    }

    @Override
    public Rules rules() {
        return RULES;
    }

    private static void spec(Field spec) {
        Field templates = spec.at("podGroupTemplates");
        if (templates.items().isEmpty()) {
            templates.required();
        } else if (templates.items().size() > MOST_TEMPLATES) {
            templates.tooMany(templates.items().size(), MOST_TEMPLATES);
        }
        Set<String> names = new HashSet<>();
        for (Field template : templates.items()) {
            Field name = template.at("name");
            if (name.require()) {
                name.format(Formats::label);
            }
            if (!names.add(name.text())) {
                template.duplicateValue(name.text());
            }
            PodGroupStrategy.schedulingPolicy(template.at("schedulingPolicy"));
        }
        spec.at("podGroupTemplates").immutable();
    }
}
