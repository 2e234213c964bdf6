package io.quarterdeck.api.kinds.resource;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.kinds.TableColumns;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.registry.SelectableField;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.model.Formats;
import io.quarterdeck.model.GroupResource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.springframework.stereotype.Component;

/** Resource slices: the devices that a driver offers. */
@Component
final class ResourceSliceStrategy implements KindStrategy {

    private static final Rules RULES = Rules.of(Rules.at("spec", ResourceSliceStrategy::spec));

    @Override
    public GroupResource resource() {
        return new GroupResource("resource.k8s.io", "resourceslices");
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
        Field driver = spec.at("driver");
        if (driver.require()) {
            driver.format(DeviceRules::driver);
        }
        Field pool = spec.at("pool");
        if (pool.at("name").require()) {
            DeviceRules.pool(pool.at("name"));
        }
        Field count = pool.at("resourceSliceCount");
        if (count.number() <= 0) {
            count.invalidValue(count.number(), "must be greater than zero");
        }
        pool.at("generation").nonNegative();
        List<String> set = new ArrayList<>();
        for (String field : List.of("nodeName", "nodeSelector", "allNodes", "perDeviceNodeSelection")) {
            if (spec.at(field).present()) {
                set.add("`" + field + "`");
            }
        }
        String rule = "exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required";
        if (set.isEmpty()) {
            spec.required(rule);
        } else if (set.size() > 1) {
            spec.invalidValue("{%s}".formatted(String.join(", ", set)), rule + ", but multiple fields are set");
        }
        devices(spec.at("devices"));
        driver.immutable();
        pool.at("name").immutable();
        spec.at("nodeName").immutable();
    }

    private static void devices(Field devices) {
        Set<String> names = new HashSet<>();
        for (Field device : devices.items()) {
            Field name = device.at("name");
            if (name.require()) {
                name.format(Formats::label);
            }
            if (!names.add(name.text())) {
                device.duplicateValue(name.text());
            }
            device.at("attributes").entries((key, value) -> {
                if (value.node().size() != 1) {
                    value.invalidValue("", "exactly one value must be specified");
                }
            });
        }
    }

    @Override
    public String unsupportedField(String label) {
        return "field label not supported for resource.k8s.io/v1, Kind=ResourceSlice: " + label;
    }

    @Override
    public List<SelectableField> selectableFields() {
        return List.of(SelectableField.of("spec.nodeName"), SelectableField.of("spec.driver"));
    }

    @Override
    public Optional<Columns> columns() {
        return TableColumns.of("resourceslices.resource.k8s.io")
                .text(
                        "Node",
                        object -> object.has("spec.nodeName")
                                ? object.text("spec.nodeName")
                                : object.flag("spec.allNodes") ? "<all>" : "<unset>")
                .text("Driver", "spec.driver")
                .text("Pool", "spec.pool.name")
                .columns();
    }
}
