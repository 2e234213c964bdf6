package io.quarterdeck.node.pods;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.quarterdeck.client.ObjectSerialization;
import io.quarterdeck.node.pods.ActualPod.Refusal;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PodAdmissionTest {

    private static final ObjectSerialization OBJECTS = new ObjectSerialization();
    private static final Node NODE = OBJECTS.unmarshal("""
            {"kind": "Node", "apiVersion": "v1", "metadata": {"name": "n1", "labels": {"disk": "ssd"}},
             "spec": {"taints": [{"key": "gone", "effect": "NoExecute"}, {"key": "soft", "effect": "NoSchedule"}]},
             "status": {"allocatable": {"cpu": "2", "memory": "1Gi", "pods": "2", "example.test/gpu": "1"}}}""", Node.class);
    private static final String TOLERATES = "\"tolerations\": [{\"key\": \"gone\", \"operator\": \"Exists\"}]";

    private static Pod pod(String requests, String container, String spec) {
        return OBJECTS.unmarshal("""
                {"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "p", "uid": "u"},
                 "spec": {"containers": [{"name": "c", "resources": {"requests": {%s}} %s}], %s}}""".formatted(requests, container, spec), Pod.class);
    }

    private static Pod pod(String requests) {
        return pod(requests, "", TOLERATES);
    }

    private static Pod sysctls(String name, String spec) {
        return pod(
                "",
                "",
                TOLERATES
                        + ", \"securityContext\": {\"sysctls\": [{\"name\": \"%s\", \"value\": \"1\"}]}%s"
                                .formatted(name, spec));
    }

    private static Arguments verdict(
            String name, Pod pod, List<Pod> others, @Nullable String reason, @Nullable String message) {
        return arguments(name, pod, others, reason == null ? null : new Refusal(reason, message, true));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("verdicts")
    void saysWhatUpstreamSays(String name, Pod pod, List<Pod> others, @Nullable Refusal refusal) {
        assertThat(PodAdmission.refusal(pod, NODE, others, false).orElse(null)).isEqualTo(refusal);
    }

    static Stream<Arguments> verdicts() {
        Pod small = pod("\"cpu\": \"500m\"");
        String port = ", \"ports\": [{\"containerPort\": 80, \"hostPort\": 8080%s}]";
        return Stream.of(
                verdict("fits", small, List.of(small), null, null),
                verdict("to the last", pod("\"cpu\": \"1500m\""), List.of(small), null, null),
                verdict(
                        "too much CPU",
                        pod("\"cpu\": \"100\""),
                        List.of(),
                        "OutOfcpu",
                        "Node didn't have enough resource: cpu, requested: 100000, used: 0, capacity: 2000"),
                verdict(
                        "too much beside another",
                        pod("\"cpu\": \"1501m\""),
                        List.of(small),
                        "OutOfcpu",
                        "Node didn't have enough resource: cpu, requested: 1501, used: 500, capacity: 2000"),
                verdict(
                        "too much memory",
                        pod("\"memory\": \"2Gi\""),
                        List.of(),
                        "OutOfmemory",
                        "Node didn't have enough resource: memory, requested: 2147483648, used: 0, capacity: 1073741824"),
                verdict(
                        "too many pods",
                        small,
                        List.of(small, small),
                        "OutOfpods",
                        "Node didn't have enough resource: pods, requested: 1, used: 2, capacity: 2"),
                verdict(
                        "too much of the node's own resource",
                        pod("\"example.test/gpu\": \"2\""),
                        List.of(),
                        "OutOfexample.test/gpu",
                        "Node didn't have enough resource: example.test/gpu, requested: 2, used: 0, capacity: 1"),
                verdict("a resource that is not the node's", pod("\"example.test/far\": \"2\""), List.of(), null, null),
                verdict(
                        "another label is selected",
                        pod("", "", TOLERATES + ", \"nodeSelector\": {\"disk\": \"hdd\"}"),
                        List.of(),
                        "NodeAffinity",
                        "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector"),
                verdict(
                        "this label is selected",
                        pod("", "", TOLERATES + ", \"nodeSelector\": {\"disk\": \"ssd\"}"),
                        List.of(),
                        null,
                        null),
                verdict(
                        "a port that is taken",
                        pod("", port.formatted(""), TOLERATES),
                        List.of(pod("", port.formatted(", \"hostIP\": \"127.0.0.1\""), TOLERATES)),
                        "NodePorts",
                        "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports"),
                verdict(
                        "the port of another protocol",
                        pod("", port.formatted(""), TOLERATES),
                        List.of(pod("", port.formatted(", \"protocol\": \"UDP\""), TOLERATES)),
                        null,
                        null),
                verdict(
                        "a taint that ends pods",
                        pod("", "", "\"tolerations\": []"),
                        List.of(),
                        "TaintToleration",
                        "Predicate TaintToleration failed: node(s) had taints that the pod didn't tolerate"),
                verdict("kernel parameters of its own", sysctls("net.ipv4.tcp_syncookies", ""), List.of(), null, null),
                verdict("one with slashes", sysctls("kernel/shm_rmid_forced", ""), List.of(), null, null),
                verdict(
                        "a kernel parameter that reaches others",
                        sysctls("kernel.msgmax", ""),
                        List.of(),
                        "SysctlForbidden",
                        "forbidden sysctl: \"kernel.msgmax\" not allowlisted"),
                verdict(
                        "a network's parameter on the node's network",
                        sysctls("net.ipv4.tcp_syncookies", ", \"hostNetwork\": true"),
                        List.of(),
                        "SysctlForbidden",
                        "forbidden sysctl: \"net.ipv4.tcp_syncookies\" not allowed with host Net enabled"),
                verdict(
                        "shared memory's parameter beside the node's",
                        sysctls("kernel.shm_rmid_forced", ", \"hostIPC\": true"),
                        List.of(),
                        "SysctlForbidden",
                        "forbidden sysctl: \"kernel.shm_rmid_forced\" not allowed with host IPC enabled"),
                verdict(
                        "a profile that nobody would enforce",
                        pod(
                                "",
                                ", \"securityContext\": {\"appArmorProfile\": {\"type\": \"RuntimeDefault\"}}",
                                TOLERATES),
                        List.of(),
                        "AppArmor",
                        "Cannot enforce AppArmor: AppArmor is not enabled on the host"),
                verdict(
                        "no profile wanted",
                        pod("", ", \"securityContext\": {\"appArmorProfile\": {\"type\": \"Unconfined\"}}", TOLERATES),
                        List.of(),
                        null,
                        null),
                verdict(
                        "another system",
                        pod("", "", "\"os\": {\"name\": \"windows\"}"),
                        List.of(),
                        "PodOSNotSupported",
                        "Failed to admit pod as the OS field doesn't match node OS"));
    }
}
