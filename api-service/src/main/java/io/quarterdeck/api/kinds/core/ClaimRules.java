package io.quarterdeck.api.kinds.core;

import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Labels;
import io.quarterdeck.model.Formats;
import java.util.List;

/** Rules about the spec of a PersistentVolumeClaim, alone or as a template. */
public final class ClaimRules {

    private ClaimRules() {}

    public static void spec(Field spec) {
        Field modes = spec.at("accessModes");
        if (modes.empty()) {
            modes.required("at least 1 access mode is required");
        }
        Labels.checkSelector(spec.at("selector"));
        accessModes(modes);
        Field storage = spec.at("resources.requests").key("storage").as(spec.path() + ".resources[storage]");
        if (!storage.present()) {
            storage.required();
        } else {
            ResourceRules.positive(storage);
        }
        Field storageClass = spec.at("storageClassName");
        if (!storageClass.empty()) {
            storageClass.format(Formats::subdomain);
        }
        spec.at("volumeMode").ifPresent(mode -> mode.oneOf("Block", "Filesystem"));
        dataSource(spec.at("dataSource"));
        dataSource(spec.at("dataSourceRef"));
        agree(spec);
        Field attributes = spec.at("volumeAttributesClassName");
        if (!attributes.empty()) {
            attributes.format(Formats::subdomain);
        }
    }

    static void accessModes(Field modes) {
        List<String> known = List.of("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod");
        boolean once = false;
        boolean other = false;
        for (String mode : modes.texts()) {
            if (!known.contains(mode)) {
                modes.unsupportedValue(mode, known);
            } else if (mode.equals("ReadWriteOncePod")) {
                once = true;
            } else {
                other = true;
            }
        }
        if (once && other) {
            modes.forbidden("may not use ReadWriteOncePod with other access modes");
        }
    }

    private static void dataSource(Field source) {
        if (!source.present()) {
            return;
        }
        source.at("name").require();
        source.at("kind").require();
        Field group = source.at("apiGroup");
        if (group.empty()) {
            if (!source.at("kind").is("PersistentVolumeClaim")) {
                source.invalidValue(
                        source.at("kind").text(),
                        "must be 'PersistentVolumeClaim' when referencing the default apiGroup");
            }
        } else {
            group.format(Formats::subdomain);
        }
        Field namespace = source.at("namespace");
        if (!namespace.empty()) {
            namespace.format(Formats::label);
        }
    }

    private static void agree(Field spec) {
        Field source = spec.at("dataSource");
        Field reference = spec.at("dataSourceRef");
        if (!source.present() || !reference.present()) {
            return;
        }
        if (!reference.at("namespace").empty()) {
            spec.invalidValue("dataSource", "may not be specified when dataSourceRef.namespace is specified");
        } else if (!List.of("apiGroup", "kind", "name").stream()
                .allMatch(field ->
                        source.at(field).text().equals(reference.at(field).text()))) {
            spec.invalidValue("dataSource", "must match dataSourceRef");
        }
    }
}
