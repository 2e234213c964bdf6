package io.quarterdeck.api.kinds.resource;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.Cells;
import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.kinds.TableColumns;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.model.Formats;
import io.quarterdeck.model.GroupResource;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.JsonNodeFactory;

/** Taints that an administrator puts on devices of many slices at once. */
@Component
final class DeviceTaintRuleStrategy implements KindStrategy {

    private static final Rules RULES = Rules.of(Rules.at("spec", DeviceTaintRuleStrategy::spec));

    @Override
    public GroupResource resource() {
        return new GroupResource("resource.k8s.io", "devicetaintrules");
    }

    @Override
    public Rules rules() {
        return RULES;
    }

    @Override
    public boolean hasGeneration() {
        return true;
    }

    @Override
    public void prepareForCreate(Document next, RequestInfo request) {
        addTime(next, request);
    }

    private static void addTime(Document next, RequestInfo request) {
        if (!next.has("spec.taint.timeAdded")) {
            next.set(
                    "spec.taint.timeAdded",
                    request.now().truncatedTo(ChronoUnit.SECONDS).toString());
        }
    }

    @Override
    public void prepareForUpdate(Document next, Document old, RequestInfo request) {
        next.countGenerationWhenChanged("spec", old);
        addTime(next, request);
    }

    private static void spec(Field spec) {
        Field selector = spec.at("deviceSelector");
        if (!selector.at("driver").empty()) {
            selector.at("driver").format(DeviceRules::driver);
        }
        Field pool = selector.at("pool");
        if (!pool.empty()) {
            DeviceRules.pool(pool);
        }
        if (!selector.at("device").empty()) {
            selector.at("device").format(Formats::label);
        }
        spec.at("taint.key").format(Formats::qualifiedName);
        if (!spec.at("taint.value").empty()) {
            spec.at("taint.value").format(Formats::labelValue);
        }
        Field effect = spec.at("taint.effect");
        if (effect.require()) {
            effect.oneOf("NoExecute", "NoSchedule", "None");
        }
    }

    @Override
    public Optional<Columns> columns() {
        return TableColumns.of("devicetaintrules.resource.k8s.io")
                .text("Key", "spec.taint.key")
                .text("Value", "spec.taint.value")
                .text("Effect", "spec.taint.effect")
                .cell(
                        "TimeAdded",
                        (object, now) -> JsonNodeFactory.instance.stringNode(
                                Cells.since(object.text("spec.taint.timeAdded"), now)))
                .columns();
    }
}
