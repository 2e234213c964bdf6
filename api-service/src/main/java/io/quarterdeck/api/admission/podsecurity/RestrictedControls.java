package io.quarterdeck.api.admission.podsecurity;

import static io.quarterdeck.api.admission.podsecurity.BaselineControls.found;

import io.quarterdeck.api.document.Document;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/** The controls of the restricted level: what a hardened pod says of itself. Pure. */
final class RestrictedControls {

    private static final Set<String> VOLUMES = Set.of(
            "configMap",
            "csi",
            "downwardAPI",
            "emptyDir",
            "ephemeral",
            "image",
            "persistentVolumeClaim",
            "projected",
            "secret");

    private RestrictedControls() {}

    static Optional<Violation> allowPrivilegeEscalation(Document pod) {
        Offenders offenders = Offenders.containers(pod, container -> {
            JsonNode allow = container.path("securityContext").path("allowPrivilegeEscalation");
            return !allow.isBoolean() || allow.booleanValue();
        });
        return offenders.none()
                ? Optional.empty()
                : found(
                        "allowPrivilegeEscalation != false",
                        "%s must set securityContext.allowPrivilegeEscalation=false",
                        offenders);
    }

    static Optional<Violation> capabilities(Document pod) {
        Offenders keeping = Offenders.containers(pod, container -> {
            for (JsonNode dropped :
                    container.path("securityContext").path("capabilities").path("drop")) {
                if (dropped.asString("").equals("ALL")) {
                    return false;
                }
            }
            return true;
        });
        Set<String> added = new TreeSet<>();
        Offenders adding = Offenders.containers(
                pod, container -> BaselineControls.addsCapabilities(container, Set.of("NET_BIND_SERVICE"), added));
        List<String> details = new ArrayList<>();
        if (!keeping.none()) {
            details.add(keeping + " must set securityContext.capabilities.drop=[\"ALL\"]");
        }
        if (!adding.none()) {
            details.add("%s must not include %s in securityContext.capabilities.add"
                    .formatted(adding, Offenders.quoted(added)));
        }
        return details.isEmpty()
                ? Optional.empty()
                : Optional.of(new Violation("unrestricted capabilities", String.join("; ", details)));
    }

    static Optional<Violation> volumes(Document pod) {
        List<String> names = new ArrayList<>();
        Set<String> types = new TreeSet<>();
        for (JsonNode volume : pod.items("spec.volumes")) {
            List<String> sources = volume.properties().stream()
                    .map(Map.Entry::getKey)
                    .filter(field -> !field.equals("name"))
                    .toList();
            if (sources.stream().noneMatch(VOLUMES::contains)) {
                names.add(volume.path("name").asString(""));
                types.add(sources.isEmpty() ? "unknown" : sources.getFirst());
            }
        }
        return names.isEmpty()
                ? Optional.empty()
                : found(
                        "restricted volume types",
                        "%s %s %s",
                        Offenders.subject("volume", names),
                        Offenders.use(names),
                        Offenders.subject("restricted volume type", types));
    }

    static Optional<Violation> runAsNonRoot(Document pod) {
        Offenders refusing = Offenders.contexts(
                pod,
                context -> context.path("runAsNonRoot").isBoolean()
                        && !context.path("runAsNonRoot").booleanValue());
        if (!refusing.none()) {
            return found("runAsNonRoot != true", "%s must not set securityContext.runAsNonRoot=false", refusing);
        }
        Offenders silent = Offenders.containers(
                pod,
                container ->
                        !container.path("securityContext").path("runAsNonRoot").isBoolean());
        return silent.none() || pod.flag("spec.securityContext.runAsNonRoot")
                ? Optional.empty()
                : found("runAsNonRoot != true", "pod or %s must set securityContext.runAsNonRoot=true", silent);
    }

    static Optional<Violation> runAsUser(Document pod) {
        Offenders offenders = Offenders.contexts(pod, context -> {
            JsonNode user = context.path("runAsUser");
            return user.isIntegralNumber() && user.longValue() == 0;
        });
        return offenders.none() ? Optional.empty() : found("runAsUser=0", "%s must not set runAsUser=0", offenders);
    }

    static Optional<Violation> seccompProfile(Document pod) {
        Optional<Violation> wrong = BaselineControls.seccompProfile(pod);
        if (wrong.isPresent()) {
            return wrong;
        }
        Offenders silent = Offenders.containers(
                pod,
                container -> !container
                        .path("securityContext")
                        .path("seccompProfile")
                        .isObject());
        return silent.none() || pod.has("spec.securityContext.seccompProfile")
                ? Optional.empty()
                : found(
                        "seccompProfile",
                        "pod or %s must set securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\"",
                        silent);
    }
}
