package io.quarterdeck.api.kinds.apps;

import static io.quarterdeck.api.validation.Rules.at;
import static io.quarterdeck.api.validation.Rules.onUpdate;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.kinds.TableColumns;
import io.quarterdeck.api.kinds.core.PodTemplates;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.registry.NameRule;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Labels;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.api.validation.Values;
import io.quarterdeck.model.Formats;
import io.quarterdeck.model.GroupResource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Stateful sets. Source: Kubernetes API reference "StatefulSet". */
@Component
final class StatefulSetStrategy implements KindStrategy {

    private static final List<String> CHANGEABLE = List.of(
            "replicas",
            "ordinals",
            "template",
            "updateStrategy",
            "revisionHistoryLimit",
            "persistentVolumeClaimRetentionPolicy",
            "minReadySeconds");
    private static final Rules RULES =
            Rules.of(at("spec", StatefulSetStrategy::check), at("spec", onUpdate(StatefulSetStrategy::update)));
    private static final Rules STATUS = Rules.of(at("status", StatefulSetStrategy::status));

    @Override
    public GroupResource resource() {
        return new GroupResource("apps", "statefulsets");
    }

    @Override
    public NameRule nameRule() {
        return NameRule.DNS_LABEL;
    }

    @Override
    public boolean hasGeneration() {
        return true;
    }

    @Override
    public void prepareForCreate(Document next, RequestInfo request) {
        next.set(
                "status",
                JsonNodeFactory.instance.objectNode().put("replicas", 0).put("availableReplicas", 0));
        for (JsonNode claim : next.items("spec.volumeClaimTemplates")) {
            if (claim instanceof ObjectNode template) {
                template.set("status", JsonNodeFactory.instance.objectNode().put("phase", "Pending"));
            }
        }
    }

    @Override
    public void prepareForUpdate(Document next, Document old, RequestInfo request) {
        next.keep("status", old);
        next.countGenerationWhenChanged("spec", old);
    }

    @Override
    public Rules rules() {
        return RULES;
    }

    @Override
    public Rules statusRules() {
        return STATUS;
    }

    private static void check(Field spec) {
        Field policy = spec.at("podManagementPolicy");
        if (policy.empty()) {
            policy.required();
        } else if (!policy.is("OrderedReady") && !policy.is("Parallel")) {
            policy.invalid("must be 'OrderedReady' or 'Parallel'");
        }
        updateStrategy(spec.at("updateStrategy"));
        Field retention = spec.at("persistentVolumeClaimRetentionPolicy");
        if (retention.present()) {
            for (String field : List.of("whenDeleted", "whenScaled")) {
                retention.at(field).oneOf("Retain", "Delete");
            }
        }
        spec.at("replicas").nonNegative();
        spec.at("minReadySeconds").nonNegative();
        spec.at("ordinals.start").nonNegative();
        Field service = spec.at("serviceName");
        if (!service.empty() && !service.updating()) {
            service.format(Formats::label);
        }
        Field selector = spec.at("selector");
        boolean readable = true;
        if (!selector.present()) {
            selector.required();
        } else {
            int before = selector.findings().size();
            Labels.checkSelector(selector);
            readable = selector.findings().size() == before;
            if (Labels.emptySelector(selector)) {
                selector.invalid("empty selector is invalid for statefulset");
            }
        }
        if (!readable) {
            selector.invalidWithoutReason();
            return;
        }
        PodTemplates.checkRunning(withClaims(spec), selector.node(), "StatefulSet");
        // Upstream reports bad labels of this template twice.
        Labels.check(spec.at("template.metadata.labels").as(spec.path() + ".template.labels"));
    }

    /** The template as its pods will be: a claim is mounted like a volume. */
    private static Field withClaims(Field spec) {
        Field template = spec.at("template");
        if (!(template.node() instanceof ObjectNode node)
                || spec.at("volumeClaimTemplates").empty()) {
            return template;
        }
        ObjectNode whole = node.deepCopy();
        ObjectNode podSpec = whole.path("spec") instanceof ObjectNode present ? present : whole.putObject("spec");
        ArrayNode volumes =
                podSpec.path("volumes") instanceof ArrayNode present ? present : podSpec.putArray("volumes");
        List<String> known = new ArrayList<>();
        volumes.forEach(volume -> known.add(volume.path("name").asString("")));
        for (JsonNode claim : spec.at("volumeClaimTemplates").node()) {
            String name = claim.path("metadata").path("name").asString("");
            if (!known.contains(name)) {
                volumes.addObject()
                        .put("name", name)
                        .putObject("persistentVolumeClaim")
                        .put("claimName", name);
            }
        }
        return template.holding(whole);
    }

    private static void updateStrategy(Field strategy) {
        Field rolling = strategy.at("rollingUpdate");
        switch (strategy.at("type").text()) {
            case "" -> strategy.required();
            case "OnDelete" -> {
                if (rolling.present()) {
                    rolling.invalidValue(
                            new Values.Raw("{\"Partition\":%d,\"MaxUnavailable\":%s}"
                                    .formatted(
                                            rolling.at("partition").number(),
                                            Values.print(
                                                    rolling.at("maxUnavailable").node()))),
                            "only allowed for updateStrategy 'RollingUpdate'");
                }
            }
            case "RollingUpdate" -> {
                rolling.at("partition").nonNegative();
                Field unavailable = rolling.at("maxUnavailable");
                if (unavailable.present()) {
                    WorkloadRules.countOrPercent(unavailable);
                    if (WorkloadRules.zero(unavailable)) {
                        unavailable.invalid("cannot be 0");
                    }
                    WorkloadRules.atMostAll(unavailable);
                }
            }
            default ->
                strategy.invalidValue(
                        WorkloadRules.shown(strategy, "partition", "maxUnavailable"),
                        "must be 'RollingUpdate' or 'OnDelete'");
        }
    }

    private static void update(Field spec) {
        if (!(spec.node() instanceof ObjectNode node) || !(spec.old() instanceof ObjectNode before)) {
            return;
        }
        ObjectNode next = node.deepCopy();
        ObjectNode old = before.deepCopy();
        next.remove(CHANGEABLE);
        old.remove(CHANGEABLE);
        if (!Values.same(next, old)) {
            spec.forbidden("updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template',"
                    + " 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and"
                    + " 'minReadySeconds' are forbidden");
        }
    }

    private static void status(Field status) {
        List.of(
                        "replicas",
                        "readyReplicas",
                        "currentReplicas",
                        "updatedReplicas",
                        "availableReplicas",
                        "observedGeneration",
                        "collisionCount")
                .forEach(field -> status.at(field).nonNegative());
        long replicas = status.at("replicas").number();
        for (String field : List.of("readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas")) {
            if (status.at(field).number() > replicas) {
                status.at(field).invalid("cannot be greater than status.replicas");
            }
        }
        if (status.at("availableReplicas").number() > status.at("readyReplicas").number()) {
            status.at("availableReplicas").invalid("cannot be greater than status.readyReplicas");
        }
    }

    @Override
    public List<String> warnings(Document next, Optional<Document> old, RequestInfo request) {
        List<String> warnings = new ArrayList<>();
        if (old.isEmpty() || !next.same("spec.template", old.get())) {
            warnings.addAll(PodTemplates.warnings("spec.template", next.at("spec.template")));
        }
        if (next.number("spec.revisionHistoryLimit", 0) < 0) {
            warnings.add(
                    "spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended");
        }
        return warnings;
    }

    @Override
    public Optional<ScalePaths> scale() {
        return Optional.of(new ScalePaths("spec.replicas", "status.replicas", "spec.selector"));
    }

    @Override
    public Optional<Columns> columns() {
        return PodTemplates.columns(TableColumns.of("statefulsets.apps"), "spec.template.spec.containers")
                .text(
                        "Ready",
                        object -> object.number("status.readyReplicas", 0) + "/" + object.number("spec.replicas", 0))
                .columns();
    }
}
