package io.quarterdeck.api.admission.plugins;

import io.quarterdeck.api.document.Document;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/**
 * How much a pod may ask of its node. Pure.
 *
 * <p>Source: Kubernetes documentation, "Pod Security Standards", as of 1.36; words as upstream's.
 */
enum PodSecurityLevel {
    PRIVILEGED,
    BASELINE,
    RESTRICTED;

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
    private static final Set<String> SAFE_SYSCTLS = Set.of(
            "kernel.shm_rmid_forced",
            "net.ipv4.ip_local_port_range",
            "net.ipv4.ip_unprivileged_port_start",
            "net.ipv4.tcp_syncookies",
            "net.ipv4.ping_group_range",
            "net.ipv4.ip_local_reserved_ports",
            "net.ipv4.tcp_keepalive_time",
            "net.ipv4.tcp_fin_timeout",
            "net.ipv4.tcp_keepalive_intvl",
            "net.ipv4.tcp_keepalive_probes",
            "net.ipv4.tcp_rmem",
            "net.ipv4.tcp_wmem");
    private static final Set<String> SELINUX_TYPES =
            Set.of("", "container_t", "container_init_t", "container_kvm_t", "container_engine_t");
    private static final Set<String> RESTRICTED_VOLUMES = Set.of(
            "configMap",
            "csi",
            "downwardAPI",
            "emptyDir",
            "ephemeral",
            "persistentVolumeClaim",
            "projected",
            "secret",
            "image");
    private static final String APPARMOR = "container.apparmor.security.beta.kubernetes.io/";

    /** What a level forbids and where the pod does it: {@code reason (detail)}. */
    record Violation(String reason, String detail) {
        @Override
        public String toString() {
            return detail.isEmpty() ? reason : reason + " (" + detail + ")";
        }
    }

    /** Everything in which the pod goes beyond this level, in upstream's order. */
    List<Violation> violations(Document pod) {
        List<Violation> found = new ArrayList<>();
        if (this == PRIVILEGED) {
            return found;
        }
        boolean windows = pod.text("spec.os.name").equals("windows");
        hostNamespaces(pod, found);
        privileged(pod, found);
        if (this == BASELINE) {
            baselineCapabilities(pod, found);
            hostPathVolumes(pod, found);
        }
        hostPorts(pod, found);
        hostProbes(pod, found);
        appArmor(pod, found);
        seLinux(pod, found);
        procMount(pod, found);
        if (this == BASELINE) {
            baselineSeccomp(pod, found);
        }
        sysctls(pod, found);
        hostProcess(pod, found);
        if (this == RESTRICTED) {
            restrictedVolumes(pod, found);
            if (!windows) {
                privilegeEscalation(pod, found);
                restrictedCapabilities(pod, found);
            }
            runAsNonRoot(pod, found);
            runAsUser(pod, found);
            if (!windows) {
                restrictedSeccomp(pod, found);
            }
        }
        return found;
    }

    private static List<JsonNode> containers(Document pod) {
        List<JsonNode> containers = new ArrayList<>(pod.items("spec.initContainers"));
        containers.addAll(pod.items("spec.containers"));
        containers.addAll(pod.items("spec.ephemeralContainers"));
        return containers;
    }

    private static void hostNamespaces(Document pod, List<Violation> found) {
        List<String> used = List.of("hostNetwork", "hostPID", "hostIPC").stream()
                .filter(field -> pod.flag("spec." + field))
                .map(field -> field + "=true")
                .toList();
        if (!used.isEmpty()) {
            found.add(new Violation("host namespaces", String.join(", ", used)));
        }
    }

    private static void privileged(Document pod, List<Violation> found) {
        List<String> names = names(
                pod,
                container ->
                        container.path("securityContext").path("privileged").asBoolean(false));
        if (!names.isEmpty()) {
            found.add(new Violation(
                    "privileged", subject("container", names) + " must not set securityContext.privileged=true"));
        }
    }

    private static void baselineCapabilities(Document pod, List<Violation> found) {
        capabilities(pod, DEFAULT_CAPABILITIES, "non-default capabilities", found);
    }

    private static void capabilities(Document pod, Set<String> allowed, String reason, List<Violation> found) {
        Set<String> added = new TreeSet<>();
        List<String> names = names(pod, container -> {
            boolean bad = false;
            for (JsonNode capability :
                    container.path("securityContext").path("capabilities").path("add")) {
                if (!allowed.contains(capability.asString(""))) {
                    added.add(capability.asString(""));
                    bad = true;
                }
            }
            return bad;
        });
        if (!names.isEmpty()) {
            found.add(new Violation(
                    reason,
                    "%s must not include %s in securityContext.capabilities.add"
                            .formatted(subject("container", names), quoted(added))));
        }
    }

    private static void hostPathVolumes(Document pod, List<Violation> found) {
        List<String> names = pod.items("spec.volumes").stream()
                .filter(volume -> volume.has("hostPath"))
                .map(volume -> volume.path("name").asString(""))
                .toList();
        if (!names.isEmpty()) {
            found.add(new Violation("hostPath volumes", subject("volume", names)));
        }
    }

    private static void hostPorts(Document pod, List<Violation> found) {
        Set<Integer> ports = new TreeSet<>();
        List<String> names = names(pod, container -> {
            boolean bad = false;
            for (JsonNode port : container.path("ports")) {
                if (port.path("hostPort").asInt(0) != 0) {
                    ports.add(port.path("hostPort").asInt());
                    bad = true;
                }
            }
            return bad;
        });
        if (!names.isEmpty()) {
            String verb = names.size() == 1 ? "uses" : "use";
            String numbers = ports.stream().map(String::valueOf).collect(Collectors.joining(", "));
            found.add(new Violation(
                    "hostPort",
                    "%s %s %s %s"
                            .formatted(
                                    subject("container", names),
                                    verb,
                                    ports.size() == 1 ? "hostPort" : "hostPorts",
                                    numbers)));
        }
    }

    private static void hostProbes(Document pod, List<Violation> found) {
        Set<String> hosts = new TreeSet<>();
        List<String> names = names(pod, container -> {
            int before = hosts.size();
            for (String probe : List.of("livenessProbe", "readinessProbe", "startupProbe")) {
                host(container.path(probe), hosts);
            }
            for (String hook : List.of("postStart", "preStop")) {
                host(container.path("lifecycle").path(hook), hosts);
            }
            return hosts.size() > before;
        });
        if (!names.isEmpty()) {
            found.add(new Violation(
                    "probe or lifecycle host",
                    "%s %s %s %s"
                            .formatted(
                                    subject("container", names),
                                    names.size() == 1 ? "uses" : "use",
                                    hosts.size() == 1 ? "probe or lifecycle host" : "probe or lifecycle hosts",
                                    quoted(hosts))));
        }
    }

    private static void host(JsonNode handler, Set<String> hosts) {
        for (String kind : List.of("httpGet", "tcpSocket")) {
            String host = handler.path(kind).path("host").asString("");
            if (!host.isEmpty() && !host.equals("127.0.0.1") && !host.equals("::1")) {
                hosts.add(host);
            }
        }
    }

    private static void appArmor(Document pod, List<Violation> found) {
        List<String> setters = new ArrayList<>();
        Set<String> values = new TreeSet<>();
        boolean plural = false;
        String podType = pod.text("spec.securityContext.appArmorProfile.type");
        if (!Set.of("", "RuntimeDefault", "Localhost").contains(podType)) {
            setters.add("pod");
            values.add('"' + podType + '"');
        }
        List<String> names = names(pod, container -> {
            String type = container
                    .path("securityContext")
                    .path("appArmorProfile")
                    .path("type")
                    .asString("");
            if (Set.of("", "RuntimeDefault", "Localhost").contains(type)) {
                return false;
            }
            values.add('"' + type + '"');
            return true;
        });
        if (!names.isEmpty()) {
            setters.add(subject("container", names));
        }
        Set<String> annotations = new TreeSet<>();
        new TreeMap<>(pod.annotations()).forEach((key, value) -> {
            if (key.startsWith(APPARMOR)
                    && !value.isEmpty()
                    && !value.equals("runtime/default")
                    && !value.startsWith("localhost/")) {
                annotations.add("\"%s=\"%s\"\"".formatted(key, value));
            }
        });
        if (!annotations.isEmpty()) {
            setters.add(annotations.size() == 1 ? "annotation" : "annotations");
            values.addAll(annotations);
        }
        plural = values.size() > 1 && annotations.isEmpty();
        if (!setters.isEmpty()) {
            found.add(new Violation(
                    plural ? "forbidden AppArmor profiles" : profiles(setters, annotations),
                    "%s must not set AppArmor profile type to %s"
                            .formatted(String.join(" and ", setters), ordered(values, annotations))));
        }
    }

    private static String profiles(List<String> setters, Set<String> annotations) {
        return setters.size() > 1 || annotations.size() > 1
                ? "forbidden AppArmor profiles"
                : "forbidden AppArmor profile";
    }

    /** Fields before annotations. */
    private static String ordered(Set<String> values, Set<String> annotations) {
        List<String> sorted = new ArrayList<>(values);
        sorted.removeAll(annotations);
        sorted.addAll(annotations);
        return String.join(", ", sorted);
    }

    private static void seLinux(Document pod, List<Violation> found) {
        List<String> setters = new ArrayList<>();
        Set<String> values = new TreeSet<>();
        if (badSeLinux(pod.at("spec.securityContext.seLinuxOptions"), values)) {
            setters.add("pod");
        }
        List<String> names = names(
                pod, container -> badSeLinux(container.path("securityContext").path("seLinuxOptions"), values));
        if (!names.isEmpty()) {
            setters.add(subject("container", names));
        }
        if (!setters.isEmpty()) {
            found.add(new Violation(
                    "seLinuxOptions",
                    "%s set forbidden securityContext.seLinuxOptions: %s"
                            .formatted(String.join(" and ", setters), String.join("; ", values))));
        }
    }

    private static boolean badSeLinux(JsonNode options, Set<String> values) {
        String type = options.path("type").asString("");
        boolean bad = false;
        if (!SELINUX_TYPES.contains(type)) {
            values.add("type \"" + type + "\"");
            bad = true;
        }
        for (String field : List.of("user", "role")) {
            if (!options.path(field).asString("").isEmpty()) {
                values.add(field + " may not be set");
                bad = true;
            }
        }
        return bad;
    }

    private static void procMount(Document pod, List<Violation> found) {
        Set<String> values = new TreeSet<>();
        List<String> names = names(pod, container -> {
            String type = container.path("securityContext").path("procMount").asString("");
            if (type.isEmpty() || type.equals("Default")) {
                return false;
            }
            values.add(type);
            return true;
        });
        if (!names.isEmpty()) {
            found.add(new Violation(
                    "procMount",
                    "%s must not set securityContext.procMount to %s"
                            .formatted(subject("container", names), quoted(values))));
        }
    }

    private static void baselineSeccomp(Document pod, List<Violation> found) {
        List<String> setters = new ArrayList<>();
        if (pod.text("spec.securityContext.seccompProfile.type").equals("Unconfined")) {
            setters.add("pod");
        }
        List<String> names = names(
                pod,
                container -> container
                        .path("securityContext")
                        .path("seccompProfile")
                        .path("type")
                        .asString("")
                        .equals("Unconfined"));
        if (!names.isEmpty()) {
            setters.add(subject("container", names));
        }
        if (!setters.isEmpty()) {
            found.add(new Violation(
                    "seccompProfile",
                    String.join(" and ", setters)
                            + " must not set securityContext.seccompProfile.type to \"Unconfined\""));
        }
    }

    private static void sysctls(Document pod, List<Violation> found) {
        List<String> forbidden = pod.items("spec.securityContext.sysctls").stream()
                .map(sysctl -> sysctl.path("name").asString(""))
                .filter(name -> !SAFE_SYSCTLS.contains(name))
                .toList();
        if (!forbidden.isEmpty()) {
            found.add(new Violation("forbidden sysctls", String.join(", ", forbidden)));
        }
    }

    private static void hostProcess(Document pod, List<Violation> found) {
        List<String> setters = new ArrayList<>();
        if (pod.flag("spec.securityContext.windowsOptions.hostProcess")) {
            setters.add("pod");
        }
        List<String> names = names(
                pod,
                container -> container
                        .path("securityContext")
                        .path("windowsOptions")
                        .path("hostProcess")
                        .asBoolean(false));
        if (!names.isEmpty()) {
            setters.add(subject("container", names));
        }
        if (!setters.isEmpty()) {
            found.add(new Violation(
                    "hostProcess",
                    String.join(" and ", setters) + " must not set securityContext.windowsOptions.hostProcess=true"));
        }
    }

    private static void restrictedVolumes(Document pod, List<Violation> found) {
        List<String> names = new ArrayList<>();
        Set<String> types = new TreeSet<>();
        for (JsonNode volume : pod.items("spec.volumes")) {
            volume.properties().stream()
                    .map(Map.Entry::getKey)
                    .filter(field -> !field.equals("name") && !RESTRICTED_VOLUMES.contains(field))
                    .findFirst()
                    .ifPresent(type -> {
                        names.add(volume.path("name").asString(""));
                        types.add(type);
                    });
        }
        if (!names.isEmpty()) {
            found.add(new Violation(
                    "restricted volume types",
                    "%s %s restricted volume %s %s"
                            .formatted(
                                    subject("volume", names),
                                    names.size() == 1 ? "uses" : "use",
                                    types.size() == 1 ? "type" : "types",
                                    quoted(types))));
        }
    }

    private static void privilegeEscalation(Document pod, List<Violation> found) {
        List<String> names = names(pod, container -> {
            JsonNode allow = container.path("securityContext").path("allowPrivilegeEscalation");
            return !allow.isBoolean() || allow.booleanValue();
        });
        if (!names.isEmpty()) {
            found.add(new Violation(
                    "allowPrivilegeEscalation != false",
                    subject("container", names) + " must set securityContext.allowPrivilegeEscalation=false"));
        }
    }

    private static void restrictedCapabilities(Document pod, List<Violation> found) {
        List<String> keeping = names(pod, container -> {
            for (JsonNode dropped :
                    container.path("securityContext").path("capabilities").path("drop")) {
                if (dropped.asString("").equals("ALL")) {
                    return false;
                }
            }
            return true;
        });
        List<Violation> adding = new ArrayList<>();
        capabilities(pod, Set.of("NET_BIND_SERVICE"), "unrestricted capabilities", adding);
        List<String> details = new ArrayList<>();
        if (!keeping.isEmpty()) {
            details.add(subject("container", keeping) + " must set securityContext.capabilities.drop=[\"ALL\"]");
        }
        adding.forEach(violation -> details.add(violation.detail()));
        if (!details.isEmpty()) {
            found.add(new Violation("unrestricted capabilities", String.join("; ", details)));
        }
    }

    private static void runAsNonRoot(Document pod, List<Violation> found) {
        JsonNode whole = pod.at("spec.securityContext.runAsNonRoot");
        List<String> refusing = names(pod, container -> {
            JsonNode own = container.path("securityContext").path("runAsNonRoot");
            return own.isBoolean() && !own.booleanValue();
        });
        List<String> setters = new ArrayList<>();
        if (whole.isBoolean() && !whole.booleanValue()) {
            setters.add("pod");
        }
        if (!refusing.isEmpty()) {
            setters.add(subject("container", refusing));
        }
        if (!setters.isEmpty()) {
            found.add(new Violation(
                    "runAsNonRoot != true",
                    String.join(" and ", setters) + " must not set securityContext.runAsNonRoot=false"));
            return;
        }
        if (whole.isBoolean()) {
            return;
        }
        List<String> silent = names(
                pod,
                container ->
                        !container.path("securityContext").path("runAsNonRoot").isBoolean());
        if (!silent.isEmpty()) {
            found.add(new Violation(
                    "runAsNonRoot != true",
                    "pod or %s must set securityContext.runAsNonRoot=true".formatted(subject("container", silent))));
        }
    }

    private static void runAsUser(Document pod, List<Violation> found) {
        List<String> setters = new ArrayList<>();
        if (isZero(pod.at("spec.securityContext.runAsUser"))) {
            setters.add("pod");
        }
        List<String> names =
                names(pod, container -> isZero(container.path("securityContext").path("runAsUser")));
        if (!names.isEmpty()) {
            setters.add(subject("container", names));
        }
        if (!setters.isEmpty()) {
            found.add(new Violation("runAsUser=0", String.join(" and ", setters) + " must not set runAsUser=0"));
        }
    }

    private static boolean isZero(JsonNode number) {
        return number.isIntegralNumber() && number.longValue() == 0;
    }

    private static void restrictedSeccomp(Document pod, List<Violation> found) {
        Set<String> good = Set.of("RuntimeDefault", "Localhost");
        String whole = pod.text("spec.securityContext.seccompProfile.type");
        Set<String> bad = new TreeSet<>();
        List<String> setters = new ArrayList<>();
        if (!whole.isEmpty() && !good.contains(whole)) {
            setters.add("pod");
            bad.add(whole);
        }
        List<String> wrong = names(pod, container -> {
            String own = container
                    .path("securityContext")
                    .path("seccompProfile")
                    .path("type")
                    .asString("");
            if (own.isEmpty() || good.contains(own)) {
                return false;
            }
            bad.add(own);
            return true;
        });
        if (!wrong.isEmpty()) {
            setters.add(subject("container", wrong));
        }
        if (!setters.isEmpty()) {
            found.add(new Violation(
                    "seccompProfile",
                    "%s must not set securityContext.seccompProfile.type to %s"
                            .formatted(String.join(" and ", setters), quoted(bad))));
            return;
        }
        if (good.contains(whole)) {
            return;
        }
        List<String> silent = names(
                pod,
                container -> container
                        .path("securityContext")
                        .path("seccompProfile")
                        .path("type")
                        .asString("")
                        .isEmpty());
        if (!silent.isEmpty()) {
            found.add(new Violation(
                    "seccompProfile",
                    "pod or %s must set securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\""
                            .formatted(subject("container", silent))));
        }
    }

    private interface Test {
        boolean of(JsonNode container);
    }

    private static List<String> names(Document pod, Test test) {
        return containers(pod).stream()
                .filter(test::of)
                .map(container -> container.path("name").asString(""))
                .toList();
    }

    private static String subject(String what, List<String> names) {
        return (names.size() == 1 ? what : what + "s") + " " + quoted(names);
    }

    private static String quoted(Collection<String> values) {
        return values.stream().map(value -> '"' + value + '"').collect(Collectors.joining(", "));
    }
}
