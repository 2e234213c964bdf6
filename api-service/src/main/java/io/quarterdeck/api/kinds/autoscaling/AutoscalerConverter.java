package io.quarterdeck.api.kinds.autoscaling;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.registry.VersionConverter;
import io.quarterdeck.model.GroupVersionKind;
import java.util.List;
import java.util.Locale;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Between autoscaling/v1, which knows CPU utilization only and keeps the rest in annotations, and v2, which is stored. */
@Component
final class AutoscalerConverter implements VersionConverter {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String METRICS = "autoscaling.alpha.kubernetes.io/metrics";
    private static final String CURRENT = "autoscaling.alpha.kubernetes.io/current-metrics";
    private static final String CONDITIONS = "autoscaling.alpha.kubernetes.io/conditions";
    private static final List<String> BEHAVIOR_NAMES = List.of(
            "scaleUp",
            "scaleDown",
            "stabilizationWindowSeconds",
            "selectPolicy",
            "policies",
            "tolerance",
            "type",
            "value",
            "periodSeconds");
    private static final String BEHAVIOR = "autoscaling.alpha.kubernetes.io/behavior";

    @Override
    public GroupVersionKind version() {
        return new GroupVersionKind("autoscaling", "v1", "HorizontalPodAutoscaler");
    }

    @Override
    public Document toStored(Document object) {
        Document stored = object.copy();
        stored.set("apiVersion", "autoscaling/v2");
        ArrayNode metrics = JsonNodeFactory.instance.arrayNode();
        read(stored, METRICS).forEach(metric -> metrics.add(specToV2(metric)));
        JsonNode utilization = stored.at("spec.targetCPUUtilizationPercentage");
        if (!utilization.isNumber() && metrics.isEmpty() && stored.has("spec")) {
            // Not among the defaults of this version: whether there are other metrics is told by the annotation alone.
            utilization = JsonNodeFactory.instance.numberNode(AutoscalerRules.DEFAULT_UTILIZATION);
        }
        if (utilization.isNumber()) {
            ObjectNode metric = metrics.addObject().put("type", "Resource");
            ObjectNode resource = metric.putObject("resource").put("name", "cpu");
            resource.putObject("target").put("type", "Utilization").set("averageUtilization", utilization);
        }
        stored.remove("spec.targetCPUUtilizationPercentage");
        if (!metrics.isEmpty()) {
            stored.set("spec.metrics", metrics);
        }
        JsonNode behavior = behaviorToV2(read(stored, BEHAVIOR));
        if (behavior.isObject() && !behavior.isEmpty()) {
            stored.set("spec.behavior", behavior);
        }
        JsonNode conditions = read(stored, CONDITIONS);
        if (conditions.isArray() && !conditions.isEmpty()) {
            stored.set("status.conditions", conditions);
        }
        ArrayNode current = JsonNodeFactory.instance.arrayNode();
        JsonNode kept = read(stored, CURRENT);
        kept.forEach(metric -> current.add(statusToV2(metric)));
        JsonNode measured = stored.at("status.currentCPUUtilizationPercentage");
        // The annotation has them all, that of the processor as well.
        if (measured.isNumber() && !kept.isArray()) {
            ObjectNode metric = current.addObject().put("type", "Resource");
            metric.putObject("resource").put("name", "cpu").putObject("current").set("averageUtilization", measured);
        }
        stored.remove("status.currentCPUUtilizationPercentage");
        if (!current.isEmpty()) {
            stored.set("status.currentMetrics", current);
        }
        dropAnnotations(stored);
        return stored;
    }

    @Override
    public Document fromStored(Document stored) {
        Document object = stored.copy();
        object.set("apiVersion", "autoscaling/v1");
        dropAnnotations(object);
        ArrayNode others = JsonNodeFactory.instance.arrayNode();
        boolean taken = false;
        for (JsonNode metric : object.items("spec.metrics")) {
            JsonNode utilization = metric.path("resource").path("target").path("averageUtilization");
            if (!taken && metric.path("resource").path("name").asString("").equals("cpu") && utilization.isNumber()) {
                object.set("spec.targetCPUUtilizationPercentage", utilization);
                taken = true;
            } else {
                others.add(specToV1(metric));
            }
        }
        write(object, METRICS, others);
        write(object, BEHAVIOR, behaviorToV1(object.at("spec.behavior")));
        write(object, CONDITIONS, object.at("status.conditions"));
        ArrayNode current = JsonNodeFactory.instance.arrayNode();
        for (JsonNode metric : object.items("status.currentMetrics")) {
            JsonNode utilization = metric.path("resource").path("current").path("averageUtilization");
            if (metric.path("resource").path("name").asString("").equals("cpu") && utilization.isNumber()) {
                object.set("status.currentCPUUtilizationPercentage", utilization);
            }
            current.add(statusToV1(metric));
        }
        write(object, CURRENT, current);
        for (String field : List.of("spec.metrics", "spec.behavior", "status.currentMetrics", "status.conditions")) {
            object.remove(field);
        }
        if (object.has("status") && !object.has("status.currentReplicas")) {
            object.set("status.currentReplicas", 0);
        }
        return object;
    }

    private static JsonNode read(Document object, String annotation) {
        String text = object.annotation(annotation);
        try {
            return text == null ? JsonNodeFactory.instance.missingNode() : JSON.readTree(text);
        } catch (JacksonException e) {
            // Upstream ignores what it cannot read here.
            return JsonNodeFactory.instance.missingNode();
        }
    }

    private static void write(Document object, String annotation, JsonNode value) {
        if (value.isContainer() && !value.isEmpty()) {
            object.object("metadata.annotations").put(annotation, JSON.writeValueAsString(value));
        }
    }

    private static void dropAnnotations(Document object) {
        if (object.at("metadata.annotations") instanceof ObjectNode annotations) {
            annotations.remove(List.of(METRICS, CURRENT, CONDITIONS, BEHAVIOR));
            if (annotations.isEmpty()) {
                object.remove("metadata.annotations");
            }
        }
    }

    /** The annotation holds upstream's internal type as Go prints it: names in capitals, and what is unset as null. */
    private static JsonNode behaviorToV1(JsonNode behavior) {
        if (!behavior.isObject()) {
            return behavior;
        }
        ObjectNode shown = JsonNodeFactory.instance.objectNode();
        for (String direction : List.of("ScaleUp", "ScaleDown")) {
            JsonNode rules = behavior.path(lower(direction));
            if (!rules.isObject()) {
                shown.putNull(direction);
                continue;
            }
            ObjectNode each = shown.putObject(direction);
            print(each, "StabilizationWindowSeconds", rules);
            print(each, "SelectPolicy", rules);
            if (rules.path("policies").isArray()) {
                ArrayNode policies = each.putArray("Policies");
                for (JsonNode policy : rules.path("policies")) {
                    ObjectNode printed = policies.addObject();
                    List.of("Type", "Value", "PeriodSeconds").forEach(name -> print(printed, name, policy));
                }
            } else {
                each.putNull("Policies");
            }
            print(each, "Tolerance", rules);
        }
        return shown;
    }

    private static void print(ObjectNode printed, String name, JsonNode source) {
        JsonNode value = source.get(lower(name));
        printed.set(name, value == null ? JsonNodeFactory.instance.nullNode() : value.deepCopy());
    }

    private static String lower(String name) {
        return Character.toLowerCase(name.charAt(0)) + name.substring(1);
    }

    /** Go reads names in any case, and nothing from a null; what is of another type spoils all. */
    private static JsonNode behaviorToV2(JsonNode shown) {
        if (shown instanceof ArrayNode list) {
            ArrayNode read = JsonNodeFactory.instance.arrayNode();
            list.forEach(item -> read.add(behaviorToV2(item)));
            return read;
        }
        if (!(shown instanceof ObjectNode object)) {
            return shown;
        }
        ObjectNode read = JsonNodeFactory.instance.objectNode();
        object.properties().forEach(entry -> {
            if (!entry.getValue().isNull()) {
                BEHAVIOR_NAMES.stream()
                        .filter(entry.getKey()::equalsIgnoreCase)
                        .forEach(name -> read.set(name, behaviorToV2(entry.getValue())));
            }
        });
        return read;
    }

    private static String field(JsonNode metric) {
        String type = metric.path("type").asString("");
        return type.isEmpty() ? "" : type.substring(0, 1).toLowerCase(Locale.ROOT) + type.substring(1);
    }

    private static ObjectNode specToV2(JsonNode metric) {
        String field = field(metric);
        JsonNode old = metric.path(field);
        ObjectNode next = JsonNodeFactory.instance
                .objectNode()
                .put("type", metric.path("type").asString(""));
        ObjectNode source = next.putObject(field);
        named(source, old, field);
        ObjectNode target = source.putObject("target");
        JsonNode utilization = old.path("targetAverageUtilization");
        JsonNode average = old.path(field.equals("object") ? "averageValue" : "targetAverageValue");
        JsonNode value = old.path("targetValue");
        if (utilization.isNumber()) {
            target.put("type", "Utilization").set("averageUtilization", utilization);
        } else if (average.isString()) {
            target.put("type", "AverageValue").set("averageValue", average);
        } else if (value.isString()) {
            target.put("type", "Value").set("value", value);
        }
        return next;
    }

    private static ObjectNode specToV1(JsonNode metric) {
        String field = field(metric);
        JsonNode source = metric.path(field);
        JsonNode target = source.path("target");
        ObjectNode next = JsonNodeFactory.instance
                .objectNode()
                .put("type", metric.path("type").asString(""));
        ObjectNode old = next.putObject(field);
        unnamed(old, source, field);
        copy(old, "targetAverageUtilization", target.path("averageUtilization"));
        copy(old, "targetValue", target.path("value"));
        copy(old, field.equals("object") ? "averageValue" : "targetAverageValue", target.path("averageValue"));
        return next;
    }

    private static ObjectNode statusToV2(JsonNode metric) {
        String field = field(metric);
        JsonNode old = metric.path(field);
        ObjectNode next = JsonNodeFactory.instance
                .objectNode()
                .put("type", metric.path("type").asString(""));
        ObjectNode source = next.putObject(field);
        named(source, old, field);
        ObjectNode current = source.putObject("current");
        copy(current, "averageUtilization", old.path("currentAverageUtilization"));
        copy(current, "averageValue", old.path(field.equals("object") ? "averageValue" : "currentAverageValue"));
        copy(current, "value", old.path("currentValue"));
        return next;
    }

    private static ObjectNode statusToV1(JsonNode metric) {
        String field = field(metric);
        JsonNode source = metric.path(field);
        JsonNode current = source.path("current");
        ObjectNode next = JsonNodeFactory.instance
                .objectNode()
                .put("type", metric.path("type").asString(""));
        ObjectNode old = next.putObject(field);
        unnamed(old, source, field);
        copy(old, "currentAverageUtilization", current.path("averageUtilization"));
        copy(old, field.equals("object") ? "averageValue" : "currentAverageValue", current.path("averageValue"));
        copy(old, "currentValue", current.path("value"));
        return next;
    }

    private static void named(ObjectNode source, JsonNode old, String field) {
        switch (field) {
            case "resource", "containerResource" -> {
                copy(source, "name", old.path("name"));
                copy(source, "container", old.path("container"));
            }
            default -> {
                copy(source, "describedObject", old.path("target"));
                ObjectNode metric = source.putObject("metric");
                copy(metric, "name", old.path("metricName"));
                copy(metric, "selector", old.path(field.equals("external") ? "metricSelector" : "selector"));
            }
        }
    }

    private static void unnamed(ObjectNode old, JsonNode source, String field) {
        switch (field) {
            case "resource", "containerResource" -> {
                copy(old, "name", source.path("name"));
                copy(old, "container", source.path("container"));
            }
            default -> {
                copy(old, "target", source.path("describedObject"));
                copy(old, "metricName", source.path("metric").path("name"));
                copy(
                        old,
                        field.equals("external") ? "metricSelector" : "selector",
                        source.path("metric").path("selector"));
            }
        }
    }

    private static void copy(ObjectNode target, String field, JsonNode value) {
        if (!value.isMissingNode() && !value.isNull()) {
            target.set(field, value.deepCopy());
        }
    }
}
