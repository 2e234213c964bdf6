package io.quarterdeck.api.admission.podsecurity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.api.testing.Stored;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

/**
 * Every control with the versions on both sides of each change of it. A pod is one that passes everything, changed by what
 * the case says; {@code p} stands for its securityContext, {@code c} and {@code i} for its containers, {@code s} for its spec.
 */
class SecurityStandardsTest {

    private static final String GOOD = """
            {"metadata":{"name":"p"},"spec":{
              "securityContext":{"runAsNonRoot":true,"seccompProfile":{"type":"RuntimeDefault"}},
              "initContainers":[{"name":"i","image":"i","securityContext":
                {"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"]}}}],
              "containers":[{"name":"c","image":"c","securityContext":
                {"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"]}}}]}}""";

    private static Document pod(String changes) {
        Document pod = Stored.json(GOOD);
        if (changes.isBlank()) {
            return pod;
        }
        for (String change : changes.split(" & ")) {
            String[] parts = change.strip().split("=", 2);
            String path = parts[0];
            Document root = switch (path.substring(0, 2)) {
                case "p." -> new Document(pod.object("spec.securityContext"));
                case "s." -> new Document(pod.object("spec"));
                case "c." ->
                    new Document((ObjectNode) pod.items("spec.containers").getFirst());
                case "i." ->
                    new Document((ObjectNode) pod.items("spec.initContainers").getFirst());
                default -> throw new IllegalArgumentException(change);
            };
            String field = path.substring(2);
            if (parts[1].equals("-")) {
                root.remove(field);
            } else {
                root.set(
                        field,
                        Stored.json("{\"v\":" + parts[1].replace('\'', '"') + "}")
                                .at("v"));
            }
        }
        return pod;
    }

    static LevelVersion standard(String text) {
        String[] parts = text.split(":");
        SecurityPolicy policy = SecurityPolicy.configured(Map.of("enforce", parts[0], "enforce-version", parts[1]));
        assertThat(policy.enforce()).hasToString(text);
        return policy.enforce();
    }

    private static String said(String standard, Document pod) {
        return SecurityStandards.violations(standard(standard), pod).stream()
                .map(Violation::toString)
                .collect(Collectors.joining(", "));
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            nullValues = "passes",
            value = {
                // hostNamespaces
                "baseline:v1.0 | s.hostNetwork=true & s.hostPID=true & s.hostIPC=true | host namespaces (hostNetwork=true, hostPID=true, hostIPC=true)",
                "restricted:latest | s.hostPID=true | host namespaces (hostPID=true)",
                "baseline:latest | s.hostNetwork=false | passes",
                // privileged
                "baseline:v1.0 | c.securityContext.privileged=true & i.securityContext.privileged=true | privileged (containers \"i\", \"c\" must not set securityContext.privileged=true)",
                "baseline:latest | c.securityContext.privileged=false | passes",
                // capabilities_baseline
                "baseline:v1.0 | c.securityContext.capabilities={'add':['SYS_ADMIN','NET_RAW','CHOWN']} | non-default capabilities (container \"c\" must not include \"NET_RAW\", \"SYS_ADMIN\" in securityContext.capabilities.add)",
                "baseline:latest | c.securityContext.capabilities={'add':['AUDIT_WRITE','CHOWN','DAC_OVERRIDE','FOWNER','FSETID','KILL','MKNOD','NET_BIND_SERVICE','SETFCAP','SETGID','SETPCAP','SETUID','SYS_CHROOT']} | passes",
                "restricted:v1.21 | c.securityContext.capabilities={'add':['NET_RAW']} | non-default capabilities (container \"c\" must not include \"NET_RAW\" in securityContext.capabilities.add)",
                "restricted:v1.21 | c.securityContext.capabilities={'add':['CHOWN']} | passes",
                // capabilities_restricted
                "restricted:v1.22 | c.securityContext.capabilities={'add':['CHOWN']} | unrestricted capabilities (container \"c\" must set securityContext.capabilities.drop=[\"ALL\"]; container \"c\" must not include \"CHOWN\" in securityContext.capabilities.add)",
                "restricted:latest | c.securityContext.capabilities={'add':['NET_BIND_SERVICE'],'drop':['ALL']} | passes",
                "restricted:v1.24 | s.os={'name':'windows'} & c.securityContext.capabilities=- | unrestricted capabilities (container \"c\" must set securityContext.capabilities.drop=[\"ALL\"])",
                "restricted:v1.25 | s.os={'name':'windows'} & c.securityContext.capabilities=- | passes",
                // hostPathVolumes, restrictedVolumes
                "baseline:v1.0 | s.volumes=[{'name':'a','hostPath':{}},{'name':'b','hostPath':{}},{'name':'n','nfs':{}}] | hostPath volumes (volumes \"a\", \"b\")",
                "restricted:v1.0 | s.volumes=[{'name':'a','hostPath':{}},{'name':'n','nfs':{}}] | restricted volume types (volumes \"a\", \"n\" use restricted volume types \"hostPath\", \"nfs\")",
                "restricted:latest | s.volumes=[{'name':'n','nfs':{}}] | restricted volume types (volume \"n\" uses restricted volume type \"nfs\")",
                "restricted:latest | s.volumes=[{'name':'1','configMap':{}},{'name':'2','csi':{}},{'name':'3','downwardAPI':{}},{'name':'4','emptyDir':{}},{'name':'5','ephemeral':{}},{'name':'6','image':{}},{'name':'7','persistentVolumeClaim':{}},{'name':'8','projected':{}},{'name':'9','secret':{}}] | passes",
                // hostPorts
                "baseline:v1.0 | c.ports=[{'hostPort':80},{'hostPort':443},{'hostPort':0}] & i.ports=[{'hostPort':8080}] | hostPort (containers \"i\", \"c\" use hostPorts 443, 80, 8080)",
                "baseline:latest | c.ports=[{'hostPort':80}] | hostPort (container \"c\" uses hostPort 80)",
                "baseline:latest | c.ports=[{'containerPort':80}] | passes",
                // hostProbesAndHostLifecycle
                "baseline:v1.33 | c.livenessProbe={'httpGet':{'host':'h'}} | passes",
                "baseline:v1.34 | c.livenessProbe={'httpGet':{'host':'h'}} & i.readinessProbe={'tcpSocket':{'host':'h'}} | probe or lifecycle host (containers \"c\", \"i\" use probe or lifecycle host \"h\")",
                "baseline:v1.34 | c.startupProbe={'httpGet':{'host':'127.0.0.1'}} & c.lifecycle={'postStart':{'httpGet':{'host':'b'}},'preStop':{'tcpSocket':{'host':'a'}}} | probe or lifecycle host (container \"c\" uses probe or lifecycle hosts \"127.0.0.1\", \"a\", \"b\")",
                "baseline:latest | c.livenessProbe={'httpGet':{'port':80}} | passes",
                // appArmorProfile
                "baseline:v1.0 | p.appArmorProfile={'type':'Unconfined'} & c.securityContext.appArmorProfile={'type':'Unconfined'} | forbidden AppArmor profile (pod and container \"c\" must not set AppArmor profile type to \"Unconfined\")",
                "baseline:latest | p.appArmorProfile={'type':'RuntimeDefault'} & c.securityContext.appArmorProfile={'type':'Localhost'} | passes",
                // seLinuxOptions
                "baseline:v1.0 | p.seLinuxOptions={'type':'b','user':'u'} & c.securityContext.seLinuxOptions={'type':'a','role':'r'} | seLinuxOptions (pod and container \"c\" set forbidden securityContext.seLinuxOptions: types \"a\", \"b\"; user may not be set; role may not be set)",
                "baseline:v1.30 | p.seLinuxOptions={'type':'container_engine_t'} | seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: type \"container_engine_t\")",
                "baseline:v1.31 | p.seLinuxOptions={'type':'container_engine_t'} & c.securityContext.seLinuxOptions={'type':'container_t','level':'l'} | passes",
                // procMount
                "baseline:v1.0 | c.securityContext.procMount='Unmasked' | procMount (container \"c\" must not set securityContext.procMount to \"Unmasked\")",
                "baseline:v1.34 | s.hostUsers=false & c.securityContext.procMount='Unmasked' | procMount (container \"c\" must not set securityContext.procMount to \"Unmasked\")",
                "baseline:v1.35 | s.hostUsers=false & c.securityContext.procMount='Unmasked' | passes",
                "baseline:v1.35 | s.hostUsers=true & c.securityContext.procMount='Unmasked' | procMount (container \"c\" must not set securityContext.procMount to \"Unmasked\")",
                "restricted:v1.35 | s.hostUsers=false & c.securityContext.procMount='Unmasked' | procMount (container \"c\" must not set securityContext.procMount to \"Unmasked\")",
                "restricted:latest | c.securityContext.procMount='Default' | passes",
                // seccompProfile_baseline
                "baseline:v1.18 | p.seccompProfile={'type':'Unconfined'} | passes",
                "baseline:v1.19 | p.seccompProfile={'type':'Unconfined'} & c.securityContext.seccompProfile={'type':'Unconfined'} | seccompProfile (pod and container \"c\" must not set securityContext.seccompProfile.type to \"Unconfined\")",
                "baseline:latest | p.seccompProfile=- | passes",
                // seccompProfile_restricted
                "restricted:v1.18 | p.seccompProfile=- | passes",
                "restricted:v1.19 | p.seccompProfile=- & i.securityContext.seccompProfile={'type':'Localhost'} | seccompProfile (pod or container \"c\" must set securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\")",
                "restricted:latest | c.securityContext.seccompProfile={'type':'Unconfined'} | seccompProfile (container \"c\" must not set securityContext.seccompProfile.type to \"Unconfined\")",
                "restricted:v1.25 | s.os={'name':'windows'} & p.seccompProfile=- | passes",
                // sysctls
                "baseline:v1.0 | p.sysctls=[{'name':'kernel.msgmax'},{'name':'net.ipv4.tcp_syncookies'},{'name':'a.b'}] | forbidden sysctls (kernel.msgmax, a.b)",
                "baseline:v1.26 | p.sysctls=[{'name':'net.ipv4.ip_local_reserved_ports'}] | forbidden sysctls (net.ipv4.ip_local_reserved_ports)",
                "baseline:v1.27 | p.sysctls=[{'name':'net.ipv4.ip_local_reserved_ports'}] | passes",
                "baseline:v1.28 | p.sysctls=[{'name':'net.ipv4.tcp_keepalive_time'}] | forbidden sysctls (net.ipv4.tcp_keepalive_time)",
                "baseline:v1.29 | p.sysctls=[{'name':'net.ipv4.tcp_keepalive_time'},{'name':'net.ipv4.tcp_fin_timeout'},{'name':'net.ipv4.tcp_keepalive_intvl'},{'name':'net.ipv4.tcp_keepalive_probes'}] | passes",
                "baseline:v1.31 | p.sysctls=[{'name':'net.ipv4.tcp_rmem'}] | forbidden sysctls (net.ipv4.tcp_rmem)",
                "baseline:v1.32 | p.sysctls=[{'name':'net.ipv4.tcp_rmem'},{'name':'net.ipv4.tcp_wmem'}] | passes",
                "baseline:latest | p.sysctls=[{'name':'kernel.shm_rmid_forced'},{'name':'net.ipv4.ip_local_port_range'},{'name':'net.ipv4.ping_group_range'},{'name':'net.ipv4.ip_unprivileged_port_start'}] | passes",
                // windowsHostProcess
                "baseline:v1.0 | p.windowsOptions={'hostProcess':true} & c.securityContext.windowsOptions={'hostProcess':true} | hostProcess (pod and container \"c\" must not set securityContext.windowsOptions.hostProcess=true)",
                "baseline:latest | p.windowsOptions={'hostProcess':false} | passes",
                // allowPrivilegeEscalation
                "restricted:v1.7 | c.securityContext.allowPrivilegeEscalation=- | passes",
                "restricted:v1.8 | c.securityContext.allowPrivilegeEscalation=- & i.securityContext.allowPrivilegeEscalation=true | allowPrivilegeEscalation != false (containers \"i\", \"c\" must set securityContext.allowPrivilegeEscalation=false)",
                "restricted:v1.24 | s.os={'name':'windows'} & c.securityContext.allowPrivilegeEscalation=- | allowPrivilegeEscalation != false (container \"c\" must set securityContext.allowPrivilegeEscalation=false)",
                "restricted:v1.25 | s.os={'name':'windows'} & c.securityContext.allowPrivilegeEscalation=- | passes",
                // runAsNonRoot
                "restricted:v1.0 | p.runAsNonRoot=false & c.securityContext.runAsNonRoot=false | runAsNonRoot != true (pod and container \"c\" must not set securityContext.runAsNonRoot=false)",
                "restricted:latest | p.runAsNonRoot=- & i.securityContext.runAsNonRoot=true | runAsNonRoot != true (pod or container \"c\" must set securityContext.runAsNonRoot=true)",
                "restricted:latest | p.runAsNonRoot=- & i.securityContext.runAsNonRoot=true & c.securityContext.runAsNonRoot=true | passes",
                "restricted:v1.34 | s.hostUsers=false & p.runAsNonRoot=false | runAsNonRoot != true (pod must not set securityContext.runAsNonRoot=false)",
                "restricted:v1.35 | s.hostUsers=false & p.runAsNonRoot=false | passes",
                // runAsUser
                "restricted:v1.22 | p.runAsUser=0 | passes",
                "restricted:v1.23 | p.runAsUser=0 & c.securityContext.runAsUser=0 | runAsUser=0 (pod and container \"c\" must not set runAsUser=0)",
                "restricted:v1.34 | s.hostUsers=false & p.runAsUser=0 | runAsUser=0 (pod must not set runAsUser=0)",
                "restricted:v1.35 | s.hostUsers=false & p.runAsUser=0 | passes",
                "restricted:latest | p.runAsUser=1000 | passes",
                // what comes when the standards have more versions than this server knows
                "restricted:v1.99 | p.runAsUser=0 | runAsUser=0 (pod must not set runAsUser=0)",
                "privileged:latest | s.hostPID=true & c.securityContext.privileged=true | passes",
            })
    void finds(String standard, String change, @Nullable String violation) {
        assertThat(said(standard, pod(change))).isEqualTo(violation == null ? "" : violation);
    }

    @Test
    void annotationsCount() {
        Document pod = pod("");
        pod.object("metadata.annotations")
                .put("container.apparmor.security.beta.kubernetes.io/c", "unconfined")
                .put("container.apparmor.security.beta.kubernetes.io/i", "localhost/x")
                .put("seccomp.security.alpha.kubernetes.io/pod", "unconfined")
                .put("container.seccomp.security.alpha.kubernetes.io/c", "docker/default");
        assertThat(said("baseline:v1.18", pod))
                .isEqualTo("forbidden AppArmor profile (annotation must not set AppArmor profile type to"
                        + " \"container.apparmor.security.beta.kubernetes.io/c=\"unconfined\"\"), seccompProfile (forbidden"
                        + " annotation seccomp.security.alpha.kubernetes.io/pod=\"unconfined\")");
        assertThat(said("baseline:v1.19", pod)).doesNotContain("seccomp.security");
    }

    @Test
    void ephemeralContainersCountLast() {
        Document pod = pod("");
        pod.set(
                "spec.ephemeralContainers",
                Stored.json("{\"v\":[{\"name\":\"a\"}]}").at("v"));
        assertThat(said("restricted:latest", pod))
                .isEqualTo("allowPrivilegeEscalation != false (container \"a\" must set"
                        + " securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container \"a\" must"
                        + " set securityContext.capabilities.drop=[\"ALL\"])");
    }

    @Test
    void controlsComeInTheirOrder() {
        assertThat(
                        SecurityStandards.violations(
                                standard("restricted:latest"),
                                pod(
                                        "s.hostPID=true & c.securityContext.privileged=true & p.runAsUser=0 & p.appArmorProfile={'type':'Unconfined'}"
                                                + " & s.volumes=[{'name':'a','hostPath':{}}] & c.securityContext.allowPrivilegeEscalation=- & p.runAsNonRoot=-")))
                .extracting(Violation::reason)
                .containsExactly(
                        "forbidden AppArmor profile",
                        "host namespaces",
                        "privileged",
                        "allowPrivilegeEscalation != false",
                        "restricted volume types",
                        "runAsNonRoot != true",
                        "runAsUser=0");
    }

    @Test
    void labelsStandOverDefaults() {
        SecurityPolicy defaults = SecurityPolicy.configured(Map.of("enforce", "baseline", "audit-version", "v1.20"));
        assertThat(defaults.labelled(Map.of())).isEqualTo(defaults);
        SecurityPolicy chosen = defaults.labelled(Map.of(
                "pod-security.kubernetes.io/enforce", "restricted",
                "pod-security.kubernetes.io/enforce-version", "v1.30",
                "pod-security.kubernetes.io/audit", "baseline"));
        assertThat(List.of(chosen.enforce(), chosen.audit(), chosen.warn()))
                .as("who enforces is warned of as much")
                .extracting(Object::toString)
                .containsExactly("restricted:v1.30", "baseline:v1.20", "restricted:v1.30");
        assertThat(chosen.shown(Map.of("pod-security.kubernetes.io/enforce", "")))
                .isEqualTo("enforce=restricted:v1.30");
    }

    @Test
    void whatCannotBeReadIsStrictWhereItIsEnforcedOnly() {
        SecurityPolicy odd = SecurityPolicy.configured(Map.of())
                .labelled(Map.of(
                        "pod-security.kubernetes.io/enforce", "odd",
                        "pod-security.kubernetes.io/audit", "odd",
                        "pod-security.kubernetes.io/warn-version", "v1.01"));
        assertThat(List.of(odd.enforce(), odd.audit(), odd.warn()))
                .extracting(Object::toString)
                .containsExactly("restricted:latest", "privileged:latest", "privileged:latest");
        assertThat(odd.errors())
                .extracting(Object::toString)
                .containsExactly(
                        "metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: \"odd\": must be one of privileged,"
                                + " baseline, restricted",
                        "metadata.labels[pod-security.kubernetes.io/audit]: Invalid value: \"odd\": must be one of privileged,"
                                + " baseline, restricted",
                        "metadata.labels[pod-security.kubernetes.io/warn-version]: Invalid value: \"v1.01\": must be \"latest\" or"
                                + " \"v1.x\"");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SecurityPolicy.configured(Map.of("enforce", "odd")))
                .withMessageContaining("must be one of");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SecurityPolicy.configured(Map.of("enforced", "baseline")))
                .withMessage("there is no mode enforced of PodSecurity");
    }
}
