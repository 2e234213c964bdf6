package io.quarterdeck.api.discovery.openapi;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * One version of a custom resource, as the documents describe it. Immutable.
 *
 * @param schema as its definition has it; null when there is none
 * @param selectable paths of the fields that can be selected by
 */
public record CustomKind(
        String group,
        String version,
        String plural,
        String kind,
        String listKind,
        boolean namespaced,
        boolean status,
        boolean scale,
        @Nullable ObjectNode schema,
        List<String> selectable) {

    /** How its schema is called: {@code com.example.stable.v1.CronTab}. */
    String model(String ofKind) {
        return String.join(".", List.of(group.split("\\.")).reversed()) + "." + version + "." + ofKind;
    }
}
