package io.quarterdeck.api.admission.podsecurity;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.model.GoQuote;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/** The controls of the baseline level: what would let a pod out of its container. Pure. */
final class BaselineControls {

    private static final Set<String> DEFAULT_CAPABILITIES = Set.of(
            "AUDIT_WRITE",
            "CHOWN",
            "DAC_OVERRIDE",
            "FOWNER",
            "FSETID",
            "KILL",
            "MKNOD",
            "NET_BIND_SERVICE",
            "SETFCAP",
            "SETGID",
            "SETPCAP",
            "SETUID",
            "SYS_CHROOT");
    private static final Set<String> CONFINED = Set.of("RuntimeDefault", "Localhost");
    private static final Set<String> SELINUX_TYPES = Set.of("", "container_t", "container_init_t", "container_kvm_t");

    /** Safe sysctls, by the minor version of the standards since when they are. */
    private static final Map<String, Integer> SAFE_SYSCTLS = Map.ofEntries(
            Map.entry("kernel.shm_rmid_forced", 0),
            Map.entry("net.ipv4.ip_local_port_range", 0),
            Map.entry("net.ipv4.tcp_syncookies", 0),
            Map.entry("net.ipv4.ping_group_range", 0),
            Map.entry("net.ipv4.ip_unprivileged_port_start", 0),
            Map.entry("net.ipv4.ip_local_reserved_ports", 27),
            Map.entry("net.ipv4.tcp_keepalive_time", 29),
            Map.entry("net.ipv4.tcp_fin_timeout", 29),
            Map.entry("net.ipv4.tcp_keepalive_intvl", 29),
            Map.entry("net.ipv4.tcp_keepalive_probes", 29),
            Map.entry("net.ipv4.tcp_rmem", 32),
            Map.entry("net.ipv4.tcp_wmem", 32));

    private static final String APPARMOR = "container.apparmor.security.beta.kubernetes.io/";
    private static final String SECCOMP_POD = "seccomp.security.alpha.kubernetes.io/pod";
    private static final String SECCOMP_CONTAINER = "container.seccomp.security.alpha.kubernetes.io/";

    private BaselineControls() {}

    static Optional<Violation> appArmorProfile(Document pod) {
        Set<String> types = new TreeSet<>();
        Offenders offenders = Offenders.contexts(pod, context -> forbiddenType(context, "appArmorProfile", types));
        Set<String> annotations = new TreeSet<>();
        pod.annotations().forEach((key, value) -> {
            if (key.startsWith(APPARMOR)
                    && !value.isEmpty()
                    && !value.equals("runtime/default")
                    && !value.startsWith("localhost/")) {
                annotations.add(assignment(key, value));
            }
        });
        List<String> setters = new ArrayList<>();
        if (!offenders.none()) {
            setters.add(offenders.toString());
        }
        if (!annotations.isEmpty()) {
            setters.add(Offenders.plural("annotation", annotations));
        }
        if (setters.isEmpty()) {
            return Optional.empty();
        }
        List<String> values = new ArrayList<>(types);
        values.addAll(annotations);
        return found(
                Offenders.plural("forbidden AppArmor profile", values),
                "%s must not set AppArmor profile type to %s",
                String.join(" and ", setters),
                Offenders.quoted(values));
    }

    static Optional<Violation> capabilities(Document pod) {
        Set<String> added = new TreeSet<>();
        Offenders offenders =
                Offenders.containers(pod, container -> addsCapabilities(container, DEFAULT_CAPABILITIES, added));
        return offenders.none()
                ? Optional.empty()
                : found(
                        "non-default capabilities",
                        "%s must not include %s in securityContext.capabilities.add",
                        offenders,
                        Offenders.quoted(added));
    }

    /** Whether the container adds others than these; they are put into {@code added}. */
    static boolean addsCapabilities(JsonNode container, Set<String> allowed, Set<String> added) {
        boolean bad = false;
        for (JsonNode capability :
                container.path("securityContext").path("capabilities").path("add")) {
            if (!allowed.contains(capability.asString(""))) {
                added.add(capability.asString(""));
                bad = true;
            }
        }
        return bad;
    }

    static Optional<Violation> hostNamespaces(Document pod) {
        List<String> used = List.of("hostNetwork", "hostPID", "hostIPC").stream()
                .filter(field -> pod.flag("spec." + field))
                .map(field -> field + "=true")
                .toList();
        return used.isEmpty()
                ? Optional.empty()
                : Optional.of(new Violation("host namespaces", String.join(", ", used)));
    }

    static Optional<Violation> hostPathVolumes(Document pod) {
        List<String> names = pod.items("spec.volumes").stream()
                .filter(volume -> volume.has("hostPath"))
                .map(volume -> volume.path("name").asString(""))
                .toList();
        return names.isEmpty()
                ? Optional.empty()
                : Optional.of(new Violation("hostPath volumes", Offenders.subject("volume", names)));
    }

    static Optional<Violation> hostPorts(Document pod) {
        // Sorted as text, as upstream sorts them.
        Set<String> ports = new TreeSet<>();
        Offenders offenders = Offenders.containers(pod, container -> {
            boolean bad = false;
            for (JsonNode port : container.path("ports")) {
                int number = port.path("hostPort").asInt(0);
                if (number != 0) {
                    ports.add(String.valueOf(number));
                    bad = true;
                }
            }
            return bad;
        });
        return offenders.none()
                ? Optional.empty()
                : found(
                        "hostPort",
                        "%s %s %s %s",
                        offenders,
                        Offenders.use(offenders.containers()),
                        Offenders.plural("hostPort", ports),
                        String.join(", ", ports));
    }

    static Optional<Violation> hostProbesAndHostLifecycle(Document pod) {
        Set<String> hosts = new TreeSet<>();
        Set<String> names = new TreeSet<>(Offenders.containers(pod, container -> {
                    Set<String> own = new HashSet<>();
                    for (String probe : List.of("livenessProbe", "readinessProbe", "startupProbe")) {
                        host(container.path(probe), own);
                    }
                    for (String hook : List.of("postStart", "preStop")) {
                        host(container.path("lifecycle").path(hook), own);
                    }
                    hosts.addAll(own);
                    return !own.isEmpty();
                })
                .containers());
        return names.isEmpty()
                ? Optional.empty()
                : found(
                        "probe or lifecycle host",
                        "%s %s %s",
                        Offenders.subject("container", names),
                        Offenders.use(names),
                        Offenders.subject("probe or lifecycle host", hosts));
    }

    private static void host(JsonNode handler, Set<String> hosts) {
        for (String kind : List.of("httpGet", "tcpSocket")) {
            String host = handler.path(kind).path("host").asString("");
            if (!host.isEmpty()) {
                hosts.add(host);
            }
        }
    }

    static Optional<Violation> privileged(Document pod) {
        Offenders offenders = Offenders.containers(
                pod,
                container ->
                        container.path("securityContext").path("privileged").asBoolean(false));
        return offenders.none()
                ? Optional.empty()
                : found("privileged", "%s must not set securityContext.privileged=true", offenders);
    }

    static Optional<Violation> procMount(Document pod) {
        Set<String> types = new TreeSet<>();
        Offenders offenders = Offenders.containers(pod, container -> {
            JsonNode type = container.path("securityContext").path("procMount");
            if (!type.isString() || type.asString("").equals("Default")) {
                return false;
            }
            types.add(type.asString(""));
            return true;
        });
        return offenders.none()
                ? Optional.empty()
                : found(
                        "procMount",
                        "%s must not set securityContext.procMount to %s",
                        offenders,
                        Offenders.quoted(types));
    }

    /** @param further types that are allowed besides those of the first version */
    static SecurityStandards.Check seLinuxOptions(Set<String> further) {
        Set<String> allowed = new HashSet<>(SELINUX_TYPES);
        allowed.addAll(further);
        return pod -> {
            Set<String> types = new TreeSet<>();
            Set<String> fields = new TreeSet<>(Comparator.reverseOrder());
            Offenders offenders = Offenders.contexts(pod, context -> {
                JsonNode options = context.path("seLinuxOptions");
                String type = options.path("type").asString("");
                boolean bad = !allowed.contains(type);
                if (bad) {
                    types.add(type);
                }
                for (String field : List.of("user", "role")) {
                    if (!options.path(field).asString("").isEmpty()) {
                        fields.add(field + " may not be set");
                        bad = true;
                    }
                }
                return bad;
            });
            if (offenders.none()) {
                return Optional.empty();
            }
            List<String> values = new ArrayList<>(fields);
            if (!types.isEmpty()) {
                values.addFirst(Offenders.subject("type", types));
            }
            return found(
                    "seLinuxOptions",
                    "%s set forbidden securityContext.seLinuxOptions: %s",
                    offenders,
                    String.join("; ", values));
        };
    }

    /** Before there was a field for it. */
    static Optional<Violation> seccompAnnotations(Document pod) {
        Map<String, String> annotations = pod.annotations();
        List<String> keys = new ArrayList<>();
        keys.add(SECCOMP_POD);
        Offenders.containersOf(pod)
                .forEach(container ->
                        keys.add(SECCOMP_CONTAINER + container.path("name").asString("")));
        Set<String> forbidden = new TreeSet<>();
        for (String key : keys) {
            String value = annotations.get(key);
            if (value != null
                    && !value.equals("runtime/default")
                    && !value.equals("docker/default")
                    && !value.startsWith("localhost/")) {
                forbidden.add(assignment(key, value));
            }
        }
        return forbidden.isEmpty()
                ? Optional.empty()
                : found(
                        "seccompProfile",
                        "forbidden %s %s",
                        Offenders.plural("annotation", forbidden),
                        String.join(", ", forbidden));
    }

    static Optional<Violation> seccompProfile(Document pod) {
        Set<String> types = new TreeSet<>();
        Offenders offenders = Offenders.contexts(pod, context -> forbiddenType(context, "seccompProfile", types));
        return offenders.none()
                ? Optional.empty()
                : found(
                        "seccompProfile",
                        "%s must not set securityContext.seccompProfile.type to %s",
                        offenders,
                        Offenders.quoted(types));
    }

    /** Whether a profile is named that does not confine; its type is put into {@code types}. */
    private static boolean forbiddenType(JsonNode context, String field, Set<String> types) {
        if (!context.path(field).isObject()) {
            return false;
        }
        String type = context.path(field).path("type").asString("");
        if (CONFINED.contains(type)) {
            return false;
        }
        types.add(type);
        return true;
    }

    static SecurityStandards.Check sysctls(int minor) {
        return pod -> {
            List<String> forbidden = pod.items("spec.securityContext.sysctls").stream()
                    .map(sysctl -> sysctl.path("name").asString(""))
                    .filter(name -> SAFE_SYSCTLS.getOrDefault(name, Integer.MAX_VALUE) > minor)
                    .toList();
            return forbidden.isEmpty()
                    ? Optional.empty()
                    : Optional.of(new Violation("forbidden sysctls", String.join(", ", forbidden)));
        };
    }

    static Optional<Violation> windowsHostProcess(Document pod) {
        Offenders offenders = Offenders.contexts(
                pod,
                context -> context.path("windowsOptions").path("hostProcess").asBoolean(false));
        return offenders.none()
                ? Optional.empty()
                : found("hostProcess", "%s must not set securityContext.windowsOptions.hostProcess=true", offenders);
    }

    private static String assignment(String key, String value) {
        return key + "=" + GoQuote.quote(value);
    }

    static Optional<Violation> found(String reason, String detail, Object... words) {
        return Optional.of(new Violation(reason, detail.formatted(words)));
    }
}
