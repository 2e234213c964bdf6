package io.quarterdeck.api.kinds.scheduling;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.kinds.TableColumns;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.model.GroupResource;
import java.util.Optional;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** Pods that are placed together or not at all. */
@Component
final class PodGroupStrategy implements KindStrategy {

    private static final String PROTECTION = "scheduling.k8s.io/podgroup-protection";
    private static final Rules RULES = Rules.of(Rules.at("spec", PodGroupStrategy::spec));

    @Override
    public GroupResource resource() {
        return new GroupResource("scheduling.k8s.io", "podgroups");
    }

    @Override
    public Rules rules() {
        return RULES;
    }

    @Override
    public void prepareForCreate(Document next, RequestInfo request) {
        if (next.items("metadata.finalizers").stream()
                .noneMatch(each -> each.asString("").equals(PROTECTION))) {
            next.tree().withObject("/metadata").withArray("/finalizers").add(PROTECTION);
        }
    }

    private static void spec(Field spec) {
        schedulingPolicy(spec.at("schedulingPolicy"));
        spec.immutable();
    }

    /** Either pods one by one, or a gang of which some must fit at once. */
    static void schedulingPolicy(Field policy) {
        Field basic = policy.at("basic");
        Field gang = policy.at("gang");
        if (basic.present() && gang.present()) {
            policy.invalidValue("{basic, gang}", "must specify exactly one of: `basic`, `gang`");
        } else if (!basic.present() && !gang.present()) {
            policy.invalidValue("", "must specify one of: `basic`, `gang`");
        }
        Field least = gang.at("minCount");
        if (gang.present() && least.number() == 0) {
            least.required();
        } else if (least.number() < 0) {
            least.invalid("must be greater than or equal to 1");
        }
    }

    private static String state(Document group) {
        for (JsonNode condition : group.items("status.conditions")) {
            if (condition.path("type").asString("").equals("PodGroupScheduled")) {
                return condition.path("status").asString("").equals("True") ? "Scheduled" : "Pending";
            }
        }
        return "Pending";
    }

    @Override
    public Optional<Columns> columns() {
        return TableColumns.of("podgroups.scheduling.k8s.io")
                .text("Policy", object -> object.has("spec.schedulingPolicy.gang") ? "Gang" : "Basic")
                .text("Workload", "spec.podGroupTemplateRef.workload.workloadName")
                .text("Status", PodGroupStrategy::state)
                .columns();
    }
}
