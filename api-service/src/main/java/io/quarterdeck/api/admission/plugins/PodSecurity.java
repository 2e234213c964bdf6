package io.quarterdeck.api.admission.plugins;

import io.quarterdeck.api.admission.AdmissionPlugin;
import io.quarterdeck.api.admission.AdmissionRequest;
import io.quarterdeck.api.admission.AdmissionRequest.Operation;
import io.quarterdeck.api.admission.podsecurity.LevelVersion;
import io.quarterdeck.api.admission.podsecurity.SecurityLevel;
import io.quarterdeck.api.admission.podsecurity.SecurityPolicy;
import io.quarterdeck.api.admission.podsecurity.SecurityStandards;
import io.quarterdeck.api.admission.podsecurity.Violation;
import io.quarterdeck.api.cache.CachedObjects;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.model.FieldError;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.model.StatusException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Holds pods to the level that their namespace's labels name; notes and warns of what goes beyond, also in templates whose
 * pods would be refused.
 *
 * <p>Source: Kubernetes documentation, "Pod Security Admission".
 */
@Component
@EnableConfigurationProperties(PodSecurityProperties.class)
final class PodSecurity implements AdmissionPlugin {

    private static final GroupResource NAMESPACES = new GroupResource("", "namespaces");
    private static final GroupResource PODS = new GroupResource("", "pods");
    private static final String ANNOTATION = "pod-security.kubernetes.io/";

    /** Bodies of these are no pods, or change nothing that is judged. */
    private static final Set<String> IGNORED_SUBRESOURCES =
            Set.of("exec", "attach", "binding", "eviction", "log", "portforward", "proxy", "status");

    /** More pods than these are not looked at when a namespace's level rises. */
    private static final int MOST_PODS = 3000;

    /** Where the kinds that make pods keep their template. */
    private static final Map<String, String> TEMPLATES = Map.of(
            "/podtemplates", "template",
            "/replicationcontrollers", "spec.template",
            "apps/replicasets", "spec.template",
            "apps/deployments", "spec.template",
            "apps/statefulsets", "spec.template",
            "apps/daemonsets", "spec.template",
            "batch/jobs", "spec.template",
            "batch/cronjobs", "spec.jobTemplate.spec.template");

    private final CachedObjects objects;
    private final PodSecurityProperties properties;
    private final SecurityPolicy unlabelled;

    PodSecurity(CachedObjects objects, PodSecurityProperties properties) {
        this.objects = objects;
        this.properties = properties;
        this.unlabelled = properties.policy();
    }

    @Override
    public String name() {
        return "PodSecurity";
    }

    @Override
    public void validate(AdmissionRequest request) {
        if (request.operation() != Operation.CREATE && request.operation() != Operation.UPDATE) {
            return;
        }
        GroupResource resource = request.resource().resource();
        String subresource = request.request().subresource();
        if (resource.equals(NAMESPACES) && subresource.isEmpty()) {
            namespace(request);
        } else if (resource.equals(PODS) && !IGNORED_SUBRESOURCES.contains(subresource)) {
            judge(request, request.body(), true);
        } else if (subresource.isEmpty()) {
            String template = TEMPLATES.get(
                    request.resource().group() + "/" + request.resource().plural());
            if (template != null && request.body().at(template) instanceof ObjectNode tree) {
                judge(request, new Document(tree), false);
            }
        }
    }

    /** Whether the update brings in an image or a container: all that can change in what a level looks at. */
    private static boolean matters(Document pod, Document old) {
        return !images(pod, "spec.containers").equals(images(old, "spec.containers"))
                || !images(pod, "spec.initContainers").equals(images(old, "spec.initContainers"))
                || !Set.copyOf(images(old, "spec.ephemeralContainers"))
                        .containsAll(images(pod, "spec.ephemeralContainers"));
    }

    private static List<String> images(Document pod, String containers) {
        boolean ephemeral = containers.endsWith("ephemeralContainers");
        return pod.items(containers).stream()
                .map(container -> (ephemeral ? container.path("name").asString("") + " " : "")
                        + container.path("image").asString(""))
                .toList();
    }

    private void judge(AdmissionRequest request, Document pod, boolean enforced) {
        String namespace = request.request().key().namespace();
        if (properties.exemptNamespaces().contains(namespace)) {
            annotate(request, "exempt", "namespace");
            return;
        }
        if (properties.exemptUsernames().contains(request.request().user().name())) {
            annotate(request, "exempt", "user");
            return;
        }
        Optional<Document> found = objects.find(NAMESPACES, ObjectKey.clusterScoped(namespace));
        if (found.isEmpty()) {
            return;
        }
        SecurityPolicy policy = unlabelled.labelled(found.get().labels());
        if (policy.errors().isEmpty() && enforced && policy.isPrivileged()) {
            annotate(request, "enforce-policy", LevelVersion.PRIVILEGED.toString());
            return;
        }
        if (policy.errors().isEmpty() && !enforced && policy.isSilent()) {
            return;
        }
        if (enforced && request.operation() == Operation.UPDATE && !matters(pod, request.stored())) {
            return;
        }
        if (properties.exemptRuntimeClasses().contains(pod.text("spec.runtimeClassName"))) {
            annotate(request, "exempt", "runtimeClass");
            return;
        }
        if (!policy.errors().isEmpty()) {
            annotate(request, "error", "Failed to parse policy: " + listed(policy.errors()));
        }
        // Mostly two modes or all three ask for the same.
        Map<LevelVersion, List<Violation>> judged = new HashMap<>();
        Function<LevelVersion, List<Violation>> violations =
                level -> judged.computeIfAbsent(level, each -> SecurityStandards.violations(each, pod));
        List<Violation> refused = List.of();
        if (enforced) {
            annotate(request, "enforce-policy", policy.enforce().toString());
            refused = violations.apply(policy.enforce());
        }
        List<Violation> noted = violations.apply(policy.audit());
        if (!noted.isEmpty()) {
            annotate(request, "audit-violations", beyond("would violate", policy.audit(), noted));
        }
        if (!refused.isEmpty()) {
            throw request.forbidden(beyond("violates", policy.enforce(), refused));
        }
        List<Violation> warned = violations.apply(policy.warn());
        if (!warned.isEmpty()) {
            request.request().warn(beyond("would violate", policy.warn(), warned));
        }
    }

    private static void annotate(AdmissionRequest request, String key, String value) {
        request.request().annotate(ANNOTATION + key, value);
    }

    private static String listed(List<FieldError> errors) {
        return errors.size() == 1
                ? errors.getFirst().toString()
                : errors.stream().map(FieldError::toString).collect(Collectors.joining(", ", "[", "]"));
    }

    private static String beyond(String verb, LevelVersion standard, List<Violation> violations) {
        return "%s PodSecurity \"%s\": %s"
                .formatted(
                        verb,
                        standard,
                        violations.stream().map(Violation::toString).collect(Collectors.joining(", ")));
    }

    private void namespace(AdmissionRequest request) {
        Document namespace = request.body();
        SecurityPolicy policy = unlabelled.labelled(namespace.labels());
        Document old = request.old();
        if (old == null) {
            refuseUnreadable(namespace, policy);
            if (properties.exemptNamespaces().contains(namespace.name())) {
                warnOfExemption(request, policy);
            }
            return;
        }
        SecurityPolicy before = unlabelled.labelled(old.labels());
        if (!policy.errors().equals(before.errors())) {
            refuseUnreadable(namespace, policy);
        }
        LevelVersion level = policy.enforce();
        boolean relaxed = level.minor() == before.enforce().minor()
                && level.level().compareTo(before.enforce().level()) <= 0;
        if (level.equals(before.enforce()) || level.level() == SecurityLevel.PRIVILEGED || relaxed) {
            return;
        }
        if (!properties.exemptNamespaces().contains(namespace.name())) {
            warnOfExisting(request, level);
        } else {
            warnOfExemption(request, policy);
        }
    }

    private void warnOfExemption(AdmissionRequest request, SecurityPolicy policy) {
        if (!policy.isPrivileged() && !policy.sameAs(unlabelled)) {
            Document namespace = request.body();
            request.request()
                    .warn("namespace \"%s\" is exempt from Pod Security, and the policy (%s) will be ignored"
                            .formatted(namespace.name(), policy.shown(namespace.labels())));
        }
    }

    private static void refuseUnreadable(Document namespace, SecurityPolicy policy) {
        if (!policy.errors().isEmpty()) {
            throw StatusException.invalid("", "Namespace", namespace.name(), policy.errors());
        }
    }

    /** Names the pods that would not be let in today, those alike together. */
    private void warnOfExisting(AdmissionRequest request, LevelVersion level) {
        String namespace = request.request().key().name();
        List<Document> pods = inOrderOfInterest(objects.list(PODS, namespace));
        Map<String, Set<String>> byReason = new TreeMap<>();
        for (Document pod : pods.subList(0, Math.min(pods.size(), MOST_PODS))) {
            List<Violation> violations = SecurityStandards.violations(level, pod);
            if (!violations.isEmpty()) {
                String reasons = violations.stream().map(Violation::reason).collect(Collectors.joining(", "));
                byReason.computeIfAbsent(reasons, key -> new TreeSet<>()).add(pod.name());
            }
        }
        if (pods.size() > MOST_PODS) {
            request.request()
                    .warn("new PodSecurity enforce level only checked against the first %d of %d existing pods"
                            .formatted(MOST_PODS, pods.size()));
        }
        if (byReason.isEmpty()) {
            return;
        }
        request.request()
                .warn("existing pods in namespace \"%s\" violate the new PodSecurity enforce level \"%s\""
                        .formatted(namespace, level));
        List<String> warnings = new ArrayList<>();
        byReason.forEach((reasons, names) -> {
            String others = switch (names.size()) {
                case 1 -> "";
                case 2 -> " (and 1 other pod)";
                default -> " (and " + (names.size() - 1) + " other pods)";
            };
            warnings.add(names.iterator().next() + others + ": " + reasons);
        });
        warnings.stream().sorted().forEach(request.request()::warn);
    }

    /** One pod of each controller first: the others are made from the same template. */
    private List<Document> inOrderOfInterest(List<Document> pods) {
        List<Document> first = new ArrayList<>();
        List<Document> alike = new ArrayList<>();
        Set<String> controllers = new HashSet<>();
        for (Document pod : pods) {
            if (properties.exemptRuntimeClasses().contains(pod.text("spec.runtimeClassName"))) {
                continue;
            }
            (controllerOf(pod).map(controllers::add).orElse(true) ? first : alike).add(pod);
        }
        first.addAll(alike);
        return first;
    }

    private static Optional<String> controllerOf(Document pod) {
        return pod.items("metadata.ownerReferences").stream()
                .filter(owner -> owner.path("controller").asBoolean(false))
                .map((JsonNode owner) -> owner.path("uid").asString(""))
                .findFirst();
    }
}
