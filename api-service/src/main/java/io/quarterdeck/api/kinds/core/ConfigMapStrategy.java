package io.quarterdeck.api.kinds.core;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.kinds.TableColumns;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.model.GroupResource;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** ConfigMaps. Source: Kubernetes API reference "ConfigMap". */
@Component
final class ConfigMapStrategy implements KindStrategy {

    private static final Rules RULES =
            Rules.of(map -> DataRules.frozen(map, "data", "binaryData"), ConfigMapStrategy::keys);

    @Override
    public GroupResource resource() {
        return new GroupResource("", "configmaps");
    }

    @Override
    public Rules rules() {
        return RULES;
    }

    private static void keys(Field map) {
        long[] size = {0};
        map.at("data").entries((key, value) -> {
            DataRules.key(key, value);
            if (map.at("binaryData").node().has(key)) {
                value.invalidValue(key, "duplicate of key present in binaryData");
            }
            size[0] += DataRules.bytes(value.text());
        });
        map.at("binaryData").entries((key, value) -> {
            DataRules.key(key, value);
            size[0] += DataRules.decoded(value.text());
        });
        if (size[0] > DataRules.LIMIT) {
            // What is wrong with the object as a whole has this path upstream.
            map.as("[]").tooLong(DataRules.LIMIT);
        }
    }

    @Override
    public Optional<Columns> columns() {
        return TableColumns.of("configmaps")
                .number("Data", ConfigMapStrategy::count)
                .columns();
    }

    private static Number count(Document map) {
        return map.at("data").size() + map.at("binaryData").size();
    }
}
