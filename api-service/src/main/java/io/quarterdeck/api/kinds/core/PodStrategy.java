package io.quarterdeck.api.kinds.core;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.kinds.KindStrategy;
import io.quarterdeck.api.patch.SettableFields;
import io.quarterdeck.api.registry.Columns;
import io.quarterdeck.api.registry.RequestInfo;
import io.quarterdeck.api.registry.SelectableField;
import io.quarterdeck.api.validation.Field;
import io.quarterdeck.api.validation.Rules;
import io.quarterdeck.model.FieldError;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.StatusException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Pods: what runs. Source: Kubernetes API reference "Pod". */
@Component
final class PodStrategy implements KindStrategy {

    private static final SettableFields OF_STATUS =
            SettableFields.allBut("spec", "metadata.deletionTimestamp", "metadata.ownerReferences");

    private static final GroupResource PODS = new GroupResource("", "pods");
    private static final GroupResource BINDING = new GroupResource("", "pods/binding");

    private static final Rules RULES = Rules.of(
            pod -> {
                PodAnnotations.check(pod.at("metadata.annotations"), pod.at("spec"));
                PodSpecRules.check(pod.at("spec"), pod.at("metadata.name").text(), true);
            },
            PodStrategy::tokens,
            pod -> {
                pod.at("spec.containers").items().forEach(ContainerRules::imagePadding);
                pod.at("spec.initContainers").items().forEach(ContainerRules::imagePadding);
            });
    private static final Rules CREATE = CORE_FINALIZERS.and(RULES).and(PodStrategy::create);
    private static final Rules UPDATE = RULES.and(PodUpdateRules::check);
    private static final Rules STATUS = Rules.of(PodUpdateRules::status);
    private static final Rules EPHEMERAL = RULES.and(PodUpdateRules::ephemeralContainers);
    private static final Rules RESIZE = RULES.and(PodUpdateRules::resize);

    @Override
    public GroupResource resource() {
        return PODS;
    }

    @Override
    public boolean tabulates(String subresource) {
        return !List.of("ephemeralcontainers", "resize").contains(subresource);
    }

    @Override
    public SettableFields settable(String subresource, boolean statusApart) {
        return subresource.equals("status") ? OF_STATUS : KindStrategy.super.settable(subresource, statusApart);
    }

    @Override
    public boolean hasGeneration() {
        return true;
    }

    @Override
    public boolean allowsUnconditionalUpdate() {
        return true;
    }

    @Override
    public void applyDefaults(Document object) {
        PodDefaults.apply(object.at("spec"));
    }

    @Override
    public void prepareForCreate(Document next, RequestInfo request) {
        if (next.number("spec.terminationGracePeriodSeconds", 0) < 0) {
            next.set("spec.terminationGracePeriodSeconds", 1);
        }
        ObjectNode status = JsonNodeFactory.instance.objectNode();
        status.put("phase", "Pending");
        if (!next.items("spec.schedulingGates").isEmpty()) {
            ObjectNode condition = status.putArray("conditions").addObject();
            condition.put("type", "PodScheduled");
            condition.put("status", "False");
            condition.putNull("lastProbeTime");
            condition.put(
                    "lastTransitionTime",
                    request.now().truncatedTo(ChronoUnit.SECONDS).toString());
            condition.put("reason", "SchedulingGated");
            condition.put("message", "Scheduling is blocked due to non-empty scheduling gates");
        }
        status.put("qosClass", PodQos.of(next.at("spec")));
        next.set("status", status);
        LabelKeys.merge(next);
        appArmorFields(next);
    }

    /** What annotations say of AppArmor becomes what fields say, for containers that have none. */
    private static void appArmorFields(Document pod) {
        String prefix = "container.apparmor.security.beta.kubernetes.io/";
        for (String list : List.of("spec.initContainers", "spec.containers")) {
            for (JsonNode container : pod.items(list)) {
                String value = pod.annotation(prefix + container.path("name").asString(""));
                ObjectNode profile = value == null ? null : appArmorProfile(value);
                if (profile == null
                        || container.path("securityContext").has("appArmorProfile")
                        || profile.equals(pod.at("spec.securityContext.appArmorProfile"))) {
                    continue;
                }
                ObjectNode context = container.path("securityContext") instanceof ObjectNode present
                        ? present
                        : ((ObjectNode) container).putObject("securityContext");
                context.set("appArmorProfile", profile);
            }
        }
    }

    private static @Nullable ObjectNode appArmorProfile(String annotation) {
        ObjectNode profile = JsonNodeFactory.instance.objectNode();
        if (annotation.equals("unconfined")) {
            return profile.put("type", "Unconfined");
        }
        if (annotation.equals("runtime/default")) {
            return profile.put("type", "RuntimeDefault");
        }
        String local = "localhost/";
        return annotation.startsWith(local) && annotation.length() > local.length()
                ? profile.put("type", "Localhost").put("localhostProfile", annotation.substring(local.length()))
                : null;
    }

    @Override
    public void prepareForUpdate(Document next, Document old, RequestInfo request) {
        next.keep("status", old);
        next.countGenerationWhenChanged("spec", old);
    }

    @Override
    public void prepareForStatusUpdate(Document next, Document old, RequestInfo request) {
        next.keep("metadata.ownerReferences", old);
        if (next.text("status.qosClass").isEmpty() && old.has("status.qosClass")) {
            next.keep("status.qosClass", old);
        }
    }

    @Override
    public void prepareForSubresourceUpdate(Document next, Document old, RequestInfo request) {
        if (request.subresource().equals("binding")) {
            // All that a binding changes was set from its body; the client sent no pod to be held to its bounds.
            return;
        }
        if (request.subresource().equals("ephemeralcontainers")) {
            JsonNode containers = next.at("spec.ephemeralContainers");
            next.keep("spec", old);
            if (!containers.isMissingNode()) {
                next.set("spec.ephemeralContainers", containers);
            }
            next.keep("status", old);
        } else {
            PodUpdateRules.keepAllButResources(next, old);
        }
        for (String field : List.of("labels", "annotations", "ownerReferences", "finalizers", "generateName")) {
            next.keep("metadata." + field, old);
        }
        next.countGenerationWhenChanged("spec", old);
    }

    @Override
    public void judgeSubresource(Document body, String subresource) {
        if (!subresource.equals("binding")) {
            return;
        }
        // Upstream answers a bad target with a bare 500.
        String kind = body.text("target.kind");
        if (!kind.isEmpty() && !kind.equals("Node")) {
            throw new StatusException(
                    500,
                    "",
                    "target.kind: Unsupported value: \"%s\": supported values: \"Node\", \"<empty>\"".formatted(kind),
                    null);
        }
        if (body.text("target.name").isEmpty()) {
            throw new StatusException(500, "", "target.name: Required value", null);
        }
    }

    @Override
    public void applySubresource(Document object, Document body, RequestInfo request) {
        if (!request.subresource().equals("binding")) {
            throw StatusException.methodNotAllowed();
        }
        if (!body.uid().isEmpty() && !body.uid().equals(object.uid())) {
            throw StatusException.conflict(
                    PODS,
                    object.name(),
                    ("StorageError: invalid object, Code: 4, Key: /registry/pods/%s/%s, ResourceVersion: 0,"
                                    + " AdditionalErrorMsg: Precondition failed: UID in precondition: %s, UID in object meta: %s")
                            .formatted(object.namespace(), object.name(), body.uid(), object.uid()));
        }
        bind(object, body, body.text("target.name"), request);
    }

    private static void bind(Document pod, Document binding, String node, RequestInfo request) {
        if (pod.deleting()) {
            throw refused(pod, "pod %s is being deleted, cannot be assigned to a host".formatted(pod.name()));
        }
        if (!pod.text("spec.nodeName").isEmpty()) {
            throw refused(
                    pod, "pod %s is already assigned to node \"%s\"".formatted(pod.name(), pod.text("spec.nodeName")));
        }
        if (!pod.items("spec.schedulingGates").isEmpty()) {
            throw refused(pod, "pod %s has non-empty .spec.schedulingGates".formatted(pod.name()));
        }
        pod.set("spec.nodeName", node);
        for (String map : List.of("metadata.annotations", "metadata.labels")) {
            binding.at(map).properties().forEach(entry -> pod.object(map).set(entry.getKey(), entry.getValue()));
        }
        ArrayNode conditions = pod.at("status.conditions") instanceof ArrayNode present
                ? present
                : pod.object("status").putArray("conditions");
        ObjectNode scheduled = null;
        for (JsonNode condition : conditions) {
            if (condition.path("type").asString("").equals("PodScheduled")) {
                scheduled = (ObjectNode) condition;
            }
        }
        if (scheduled == null) {
            scheduled = conditions.addObject().put("type", "PodScheduled");
        } else if (scheduled.path("status").asString("").equals("True")) {
            return;
        }
        scheduled.put("status", "True").putNull("lastProbeTime");
        scheduled.put(
                "lastTransitionTime",
                request.now().truncatedTo(ChronoUnit.SECONDS).toString());
        scheduled.remove(List.of("reason", "message"));
        pod.set("metadata.generation", pod.number("metadata.generation", 0) + 1);
    }

    private static StatusException refused(Document pod, String why) {
        return StatusException.conflict(BINDING, pod.name(), why);
    }

    @Override
    public List<FieldError> validateCreate(Document next, RequestInfo request) {
        return CREATE.check(next, null);
    }

    @Override
    public List<FieldError> validateUpdate(Document next, Document old, RequestInfo request) {
        return CORE_FINALIZERS.and(UPDATE).check(next, old);
    }

    @Override
    public Rules statusRules() {
        return STATUS;
    }

    @Override
    public List<FieldError> validateSubresourceUpdate(Document next, Document old, RequestInfo request) {
        return switch (request.subresource()) {
            case "binding" -> List.of();
            case "resize" -> RESIZE.check(next, old);
            default -> EPHEMERAL.check(next, old);
        };
    }

    private static void tokens(Field pod) {
        if (!pod.at("spec.serviceAccountName").empty()) {
            return;
        }
        for (Field volume : pod.at("spec.volumes").items()) {
            for (Field source : volume.at("projected.sources").items()) {
                source.at("serviceAccountToken")
                        .ifPresent(
                                token -> token.forbidden("must not be specified when serviceAccountName is not set"));
            }
        }
    }

    private static void create(Field pod) {
        Field spec = pod.at("spec");
        if (!spec.at("ephemeralContainers").empty()) {
            spec.at("ephemeralContainers").forbidden("cannot be set on create");
        }
        if (!spec.at("nodeName").empty() && !spec.at("schedulingGates").empty()) {
            spec.at("nodeName").forbidden("cannot be set until all schedulingGates have been cleared");
        }
        PodAnnotations.agree(pod.at("metadata.annotations"), spec);
    }

    @Override
    public List<String> warnings(Document next, Optional<Document> old, RequestInfo request) {
        boolean unchanged = old.isPresent() && next.same("spec", old.get());
        return unchanged ? List.of() : PodWarnings.of("", next.tree());
    }

    /** A pod that no node has, or that has ended, needs no time to end. */
    @Override
    public Optional<Duration> gracePeriod(Document object, Optional<Long> requestedSeconds) {
        long seconds = requestedSeconds.orElse(object.number("spec.terminationGracePeriodSeconds", 30));
        if (object.text("spec.nodeName").isEmpty()
                || Set.of("Succeeded", "Failed").contains(object.text("status.phase"))) {
            seconds = 0;
        }
        return Optional.of(Duration.ofSeconds(seconds < 0 ? 1 : seconds));
    }

    @Override
    public List<SelectableField> selectableFields() {
        return List.of(
                SelectableField.of("spec.nodeName"),
                SelectableField.of("spec.restartPolicy"),
                SelectableField.of("spec.schedulerName"),
                SelectableField.of("spec.serviceAccountName"),
                SelectableField.of("spec.hostNetwork", "false"),
                SelectableField.of("status.phase"),
                SelectableField.of("status.podIP"),
                SelectableField.of("status.podIPs"),
                SelectableField.of("status.nominatedNodeName"));
    }

    @Override
    public Optional<Columns> columns() {
        return PodColumns.columns();
    }
}
