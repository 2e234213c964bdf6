package io.quarterdeck.api.kinds.events;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.registry.VersionConverter;
import io.quarterdeck.model.GroupVersionKind;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Between events.k8s.io/v1 and the core group, in which events are kept: the same things under other names. */
@Component
final class EventConverter implements VersionConverter {

    /** Field of events.k8s.io to field of the core group. */
    private static final Map<String, String> NAMES = names();

    private static Map<String, String> names() {
        Map<String, String> names = new LinkedHashMap<>();
        names.put("regarding", "involvedObject");
        names.put("note", "message");
        names.put("reportingController", "reportingComponent");
        names.put("deprecatedSource", "source");
        names.put("deprecatedFirstTimestamp", "firstTimestamp");
        names.put("deprecatedLastTimestamp", "lastTimestamp");
        names.put("deprecatedCount", "count");
        return names;
    }

    @Override
    public GroupVersionKind version() {
        return new GroupVersionKind("events.k8s.io", "v1", "Event");
    }

    @Override
    public Document toStored(Document object) {
        return renamed(object, "v1", NAMES);
    }

    @Override
    public Document fromStored(Document stored) {
        Map<String, String> back = new LinkedHashMap<>();
        NAMES.forEach((newer, core) -> back.put(core, newer));
        return renamed(stored, "events.k8s.io/v1", back);
    }

    private static Document renamed(Document object, String apiVersion, Map<String, String> names) {
        ObjectNode tree = JsonNodeFactory.instance.objectNode();
        tree.put("apiVersion", apiVersion).put("kind", "Event");
        object.tree().properties().forEach(field -> {
            if (!field.getKey().equals("apiVersion") && !field.getKey().equals("kind")) {
                tree.set(
                        names.getOrDefault(field.getKey(), field.getKey()),
                        field.getValue().deepCopy());
            }
        });
        return new Document(tree);
    }
}
