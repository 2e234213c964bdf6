package io.quarterdeck.api.kinds.storage;

import io.quarterdeck.api.validation.Field;
import io.quarterdeck.model.Formats;

/** What classes of volumes share. */
final class StorageRules {

    private StorageRules() {}

    static void provisioner(Field provisioner) {
        if (provisioner.require()) {
            String lower = Formats.lower(provisioner.text());
            Formats.qualifiedName(lower).forEach(problem -> provisioner.invalidValue(lower, problem));
        }
    }

    static void parameters(Field parameters, boolean required) {
        if (required && parameters.empty()) {
            parameters.required("must contain at least one key/value pair");
        }
        if (parameters.node().size() > 512) {
            parameters.tooLong(512);
        }
        long[] size = {0};
        parameters.entries((key, value) -> {
            if (key.isEmpty()) {
                parameters.invalidValue(key, "field can not be empty.");
            }
            size[0] += key.length() + value.text().length();
        });
        if (size[0] > 256 * 1024) {
            parameters.tooLong(256 * 1024);
        }
    }
}
