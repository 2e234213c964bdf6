package io.quarterdeck.api.kinds.autoscaling;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.Cells;
import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.kinds.TableColumns;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.model.GroupResource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Horizontal pod autoscalers, kept as autoscaling/v2. Source: Kubernetes API reference "HorizontalPodAutoscaler". */
@Component
final class HorizontalPodAutoscalerStrategy implements KindStrategy {

    private static final Rules RULES = Rules.of(Rules.at("spec", AutoscalerRules::spec));
    private static final Rules STATUS = Rules.of(Rules.at("status", status -> {
        status.at("currentReplicas").nonNegative();
        status.at("desiredReplicas").nonNegative();
    }));

    @Override
    public GroupResource resource() {
        return new GroupResource("autoscaling", "horizontalpodautoscalers");
    }

    @Override
    public void applyDefaults(Document object) {
        if (!object.has("spec.minReplicas")) {
            object.set("spec.minReplicas", 1);
        }
        if (object.items("spec.metrics").isEmpty()) {
            ObjectNode metric = object.object("spec").putArray("metrics").addObject();
            metric.put("type", "Resource");
            ObjectNode resource = metric.putObject("resource");
            resource.put("name", "cpu");
            resource.putObject("target")
                    .put("type", "Utilization")
                    .put("averageUtilization", AutoscalerRules.DEFAULT_UTILIZATION);
        }
        if (object.has("spec.behavior")) {
            BehaviorDefaults.apply(object.object("spec.behavior"));
        }
    }

    @Override
    public void prepareForCreate(Document next, RequestInfo request) {
        ObjectNode status = JsonNodeFactory.instance.objectNode();
        status.put("desiredReplicas", 0).putNull("currentMetrics");
        next.set("status", status);
    }

    @Override
    public Rules rules() {
        return RULES;
    }

    @Override
    public Rules statusRules() {
        return STATUS;
    }

    @Override
    public Optional<Columns> columns() {
        return TableColumns.of("horizontalpodautoscalers.autoscaling")
                .text(
                        "Reference",
                        object ->
                                object.text("spec.scaleTargetRef.kind") + "/" + object.text("spec.scaleTargetRef.name"))
                .text("Targets", HorizontalPodAutoscalerStrategy::targets)
                .text(
                        "MinPods",
                        object -> object.has("spec.minReplicas")
                                ? "" + object.number("spec.minReplicas", 0)
                                : Cells.UNSET)
                .number("MaxPods", "spec.maxReplicas")
                .number("Replicas", "status.currentReplicas")
                .columns();
    }

    private static String targets(Document object) {
        List<JsonNode> metrics = object.items("spec.metrics");
        List<JsonNode> statuses = object.items("status.currentMetrics");
        if (metrics.isEmpty()) {
            return Cells.NONE;
        }
        List<String> shown = new ArrayList<>();
        for (int i = 0; i < metrics.size() && i < 2; i++) {
            shown.add(target(
                    metrics.get(i), i < statuses.size() ? statuses.get(i) : JsonNodeFactory.instance.objectNode()));
        }
        String text = String.join(", ", shown);
        return metrics.size() > 2 ? "%s + %d more...".formatted(text, metrics.size() - 2) : text;
    }

    private static String target(JsonNode metric, JsonNode status) {
        return switch (metric.path("type").asString("")) {
            case "Resource" -> measured(metric, status, "resource", "name");
            case "ContainerResource" -> measured(metric, status, "containerResource", "name");
            case "Pods" -> current(status, "pods", "averageValue") + "/" + amount(metric.path("pods"), "averageValue");
            case "Object" -> averaged(metric, status, "object");
            case "External" -> averaged(metric, status, "external");
            default -> "<unknown type>";
        };
    }

    private static String measured(JsonNode metric, JsonNode status, String kind, String name) {
        String prefix = metric.path(kind).path(name).asString("") + ": ";
        JsonNode target = metric.path(kind).path("target");
        if (target.path("averageValue").isString()) {
            return prefix + current(status, kind, "averageValue") + "/"
                    + target.path("averageValue").asString();
        }
        JsonNode current = status.path(kind).path("current").path("averageUtilization");
        String now = current.isNumber() ? current.asInt() + "%" : Cells.UNKNOWN;
        JsonNode wanted = target.path("averageUtilization");
        return prefix + now + "/" + (wanted.isNumber() ? wanted.asInt() + "%" : "<auto>");
    }

    private static String averaged(JsonNode metric, JsonNode status, String kind) {
        String average = amount(metric.path(kind), "averageValue");
        return average.isEmpty()
                ? current(status, kind, "value") + "/" + amount(metric.path(kind), "value")
                : current(status, kind, "averageValue") + "/" + average + " (avg)";
    }

    private static String amount(JsonNode source, String field) {
        return source.path("target").path(field).asString("");
    }

    private static String current(JsonNode status, String kind, String field) {
        return Cells.orUnknown(status.path(kind).path("current").path(field).asString(""));
    }
}
