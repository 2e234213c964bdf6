package io.quarterdeck.api.admission.plugins;

import io.quarterdeck.api.admission.AdmissionPlugin;
import io.quarterdeck.api.admission.AdmissionRequest;
import io.quarterdeck.api.admission.AdmissionRequest.Operation;
import io.quarterdeck.api.cache.CachedObjects;
import io.quarterdeck.api.document.Document;
import io.quarterdeck.model.FieldError;
import io.quarterdeck.model.FieldError.Reason;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.ObjectKey;
import io.quarterdeck.model.StatusException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.ObjectNode;

/**
 * Holds pods to the level that their namespace's labels name; warns of templates whose pods would be refused.
 *
 * <p>Source: Kubernetes documentation, "Pod Security Admission".
 */
@Component
final class PodSecurity implements AdmissionPlugin {

    private static final GroupResource NAMESPACES = new GroupResource("", "namespaces");
    private static final GroupResource PODS = new GroupResource("", "pods");
    private static final String LABEL = "pod-security.kubernetes.io/";

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

    PodSecurity(CachedObjects objects) {
        this.objects = objects;
    }

    @Override
    public String name() {
        return "PodSecurity";
    }

    /** A level and the version of the standard that it was chosen for. */
    private record Policy(PodSecurityLevel level, String version) {

        static Policy of(Document namespace, String mode) {
            Map<String, String> labels = namespace.labels();
            String level = labels.getOrDefault(LABEL + mode, "privileged");
            PodSecurityLevel found = switch (level) {
                case "privileged" -> PodSecurityLevel.PRIVILEGED;
                case "baseline" -> PodSecurityLevel.BASELINE;
                // What cannot be read is held to be strict.
                default -> PodSecurityLevel.RESTRICTED;
            };
            return new Policy(found, labels.getOrDefault(LABEL + mode + "-version", "latest"));
        }

        String shown() {
            return '"' + level.name().toLowerCase(Locale.ROOT) + ":" + version + '"';
        }
    }

    @Override
    public void validate(AdmissionRequest request) {
        if (request.is(Operation.CREATE, "", "namespaces") || request.is(Operation.UPDATE, "", "namespaces")) {
            namespace(request);
            return;
        }
        boolean pod = request.is(Operation.CREATE, "", "pods")
                || (request.operation() == Operation.UPDATE
                        && request.resource().resource().equals(PODS)
                        && List.of("", "ephemeralcontainers")
                                .contains(request.request().subresource()));
        if (pod) {
            pod(request);
            return;
        }
        String template = TEMPLATES.get(
                request.resource().group() + "/" + request.resource().plural());
        if (template != null
                && request.request().subresource().isEmpty()
                && (request.operation() == Operation.CREATE || request.operation() == Operation.UPDATE)
                && request.body().at(template) instanceof ObjectNode tree) {
            warn(request, namespaceOf(request), new Document(tree));
        }
    }

    private Optional<Document> namespaceOf(AdmissionRequest request) {
        return objects.find(
                NAMESPACES, ObjectKey.clusterScoped(request.request().key().namespace()));
    }

    private void pod(AdmissionRequest request) {
        Document pod = request.body();
        if (request.operation() == Operation.UPDATE && !matters(pod, request.stored())) {
            return;
        }
        Optional<Document> namespace = namespaceOf(request);
        if (namespace.isEmpty()) {
            return;
        }
        Policy enforced = Policy.of(namespace.get(), "enforce");
        List<PodSecurityLevel.Violation> violations = enforced.level().violations(pod);
        if (!violations.isEmpty()) {
            throw request.forbidden("violates PodSecurity " + enforced.shown() + ": " + listed(violations));
        }
        warn(request, namespace, pod);
    }

    /** Whether the update touches anything that a level looks at. */
    private static boolean matters(Document pod, Document old) {
        if (!pod.annotations().equals(old.annotations())
                && pod.annotations().keySet().stream()
                        .anyMatch(key -> key.startsWith("container.apparmor.security.beta.kubernetes.io/"))) {
            return true;
        }
        Document next = specOf(pod);
        Document before = specOf(old);
        return !next.equals(before);
    }

    private static Document specOf(Document pod) {
        Document spec = Document.empty();
        spec.set("spec", pod.at("spec").deepCopy());
        spec.remove("spec.tolerations");
        spec.remove("spec.activeDeadlineSeconds");
        spec.remove("spec.schedulingGates");
        spec.remove("spec.terminationGracePeriodSeconds");
        return spec;
    }

    private static void warn(AdmissionRequest request, Optional<Document> namespace, Document pod) {
        if (namespace.isEmpty()) {
            return;
        }
        Policy warned = Policy.of(namespace.get(), "warn");
        // A refused pod was told already.
        List<PodSecurityLevel.Violation> violations = warned.level().violations(pod);
        if (!violations.isEmpty()) {
            request.request().warn("would violate PodSecurity " + warned.shown() + ": " + listed(violations));
        }
    }

    private static String listed(List<PodSecurityLevel.Violation> violations) {
        return violations.stream().map(PodSecurityLevel.Violation::toString).collect(Collectors.joining(", "));
    }

    private void namespace(AdmissionRequest request) {
        Document namespace = request.body();
        List<FieldError> findings = labels(namespace);
        Document old = request.old();
        if (!findings.isEmpty() && (old == null || !namespace.labels().equals(old.labels()))) {
            throw StatusException.invalid("", "Namespace", namespace.name(), findings);
        }
        if (old == null) {
            return;
        }
        Policy now = Policy.of(namespace, "enforce");
        Policy before = Policy.of(old, "enforce");
        if (!now.equals(before) && now.level() != PodSecurityLevel.PRIVILEGED) {
            warnOfExisting(request, now);
        }
    }

    private static List<FieldError> labels(Document namespace) {
        List<FieldError> findings = new ArrayList<>();
        Map<String, String> labels = namespace.labels();
        for (String mode : List.of("enforce", "audit", "warn")) {
            String level = labels.get(LABEL + mode);
            if (level != null
                    && !List.of("privileged", "baseline", "restricted").contains(level)) {
                findings.add(new FieldError(
                        Reason.INVALID,
                        "metadata.labels[" + LABEL + mode + "]",
                        "Invalid value: \"" + level + "\": must be one of privileged, baseline, restricted"));
            }
            String version = labels.get(LABEL + mode + "-version");
            if (version != null && !version.equals("latest") && !version.matches("v1\\.(0|[1-9][0-9]*)")) {
                findings.add(new FieldError(
                        Reason.INVALID,
                        "metadata.labels[" + LABEL + mode + "-version]",
                        "Invalid value: \"" + version + "\": must be \"latest\" or \"v1.x\""));
            }
        }
        return findings;
    }

    /** Names the pods that would not be let in today, those alike together. */
    private void warnOfExisting(AdmissionRequest request, Policy policy) {
        Map<String, List<String>> byReason = new LinkedHashMap<>();
        for (Document pod : objects.list(PODS, request.request().key().name())) {
            List<PodSecurityLevel.Violation> violations = policy.level().violations(pod);
            if (!violations.isEmpty()) {
                String reasons = violations.stream()
                        .map(PodSecurityLevel.Violation::reason)
                        .collect(Collectors.joining(", "));
                byReason.computeIfAbsent(reasons, key -> new ArrayList<>()).add(pod.name());
            }
        }
        if (byReason.isEmpty()) {
            return;
        }
        request.request()
                .warn("existing pods in namespace \"%s\" violate the new PodSecurity enforce level %s"
                        .formatted(request.request().key().name(), policy.shown()));
        byReason.forEach((reasons, pods) -> {
            String others = switch (pods.size()) {
                case 1 -> "";
                case 2 -> " (and 1 other pod)";
                default -> " (and " + (pods.size() - 1) + " other pods)";
            };
            request.request().warn(pods.getFirst() + others + ": " + reasons);
        });
    }
}
