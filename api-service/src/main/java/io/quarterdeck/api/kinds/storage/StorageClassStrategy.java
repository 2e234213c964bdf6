package io.quarterdeck.api.kinds.storage;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.kinds.TableColumns;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.model.Formats;
import io.quarterdeck.model.GroupResource;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.springframework.stereotype.Component;

/** Storage classes: how volumes are made. */
@Component
final class StorageClassStrategy implements KindStrategy {

    private static final Rules RULES = Rules.of(StorageClassStrategy::check);

    @Override
    public GroupResource resource() {
        return new GroupResource("storage.k8s.io", "storageclasses");
    }

    @Override
    public Rules rules() {
        return RULES;
    }

    private static void check(Field storage) {
        StorageRules.provisioner(storage.at("provisioner"));
        StorageRules.parameters(storage.at("parameters"), false);
        Field reclaim = storage.at("reclaimPolicy");
        if (!reclaim.empty()) {
            reclaim.oneOf("Delete", "Retain");
        }
        Field binding = storage.at("volumeBindingMode");
        if (binding.present()) {
            binding.oneOf("Immediate", "WaitForFirstConsumer");
        } else {
            binding.required();
        }
        topologies(storage.at("allowedTopologies"));
        if (storage.at("parameters").changed()) {
            storage.at("parameters").forbidden("updates to parameters are forbidden.");
        }
        if (storage.at("provisioner").changed()) {
            storage.at("provisioner").forbidden("updates to provisioner are forbidden.");
        }
        if (reclaim.changed()) {
            reclaim.forbidden("updates to reclaimPolicy are forbidden.");
        }
        binding.immutable();
    }

    private static void topologies(Field topologies) {
        for (Field term : topologies.items()) {
            Field expressions = term.at("matchLabelExpressions");
            if (expressions.empty()) {
                expressions.duplicateValue("");
            }
            Set<String> keys = new HashSet<>();
            for (Field requirement : expressions.items()) {
                Field values = requirement.at("values");
                values.require();
                Set<String> seen = new HashSet<>();
                for (Field value : values.items()) {
                    if (!seen.add(value.text())) {
                        value.duplicate();
                    }
                }
                requirement.at("key").format(Formats::qualifiedName);
                if (!keys.add(requirement.at("key").text())) {
                    requirement.at("key").duplicate();
                }
            }
        }
    }

    private static String shownName(Document object) {
        return "true".equals(object.annotation("storageclass.kubernetes.io/is-default-class"))
                        || "true".equals(object.annotation("storageclass.beta.kubernetes.io/is-default-class"))
                ? object.name() + " (default)"
                : object.name();
    }

    @Override
    public Optional<Columns> columns() {
        return TableColumns.of("storageclasses.storage.k8s.io")
                .text("Name", StorageClassStrategy::shownName)
                .text("Provisioner", "provisioner")
                .text("ReclaimPolicy", "reclaimPolicy")
                .text("VolumeBindingMode", "volumeBindingMode")
                .flag("AllowVolumeExpansion", object -> object.flag("allowVolumeExpansion"))
                .columns();
    }
}
