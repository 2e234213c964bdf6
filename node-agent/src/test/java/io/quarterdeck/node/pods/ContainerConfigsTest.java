package io.quarterdeck.node.pods;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.fabric8.kubernetes.api.model.Pod;
import io.quarterdeck.client.ObjectSerialization;
import io.quarterdeck.node.runtime.ContainerConfig;
import io.quarterdeck.node.runtime.ContainerConfig.Namespaces.Pid;
import io.quarterdeck.node.runtime.ContainerConfig.Resources;
import io.quarterdeck.node.runtime.ContainerConfig.Security;
import io.quarterdeck.node.volumes.VolumeFailure;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ContainerConfigsTest {

    private static final ObjectSerialization OBJECTS = new ObjectSerialization();

    private static final long GIB = 1L << 30;

    private static Pod pod(String podLevel, String container) {
        return OBJECTS.unmarshal(
                "---\n{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: n, uid: u}, spec: {%s containers: [{name: c, image: i %s}]}}"
                        .formatted(podLevel, container),
                Pod.class);
    }

    private static ContainerConfig config(Pod pod, String imageUser, Optional<String> target) {
        return ContainerConfigs.of(
                pod,
                pod.getSpec().getContainers().getFirst(),
                0,
                imageUser,
                Map.of("A", "1"),
                List.of(),
                4 * GIB,
                name -> "{}",
                target);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void resources(String name, String resources, Resources expected) {
        assertThat(config(pod("", ", resources: {" + resources + "}"), "", Optional.empty())
                        .resources())
                .isEqualTo(expected);
    }

    static Stream<Arguments> resources() {
        return Stream.of(
                arguments("best effort goes first when memory is short", "", new Resources(2, 0, 100_000, 0, 1000)),
                arguments(
                        "guaranteed goes last",
                        "limits: {cpu: 200m, memory: 48Mi}, requests: {cpu: 200m, memory: 48Mi}",
                        new Resources(204, 20_000, 100_000, 48 << 20, -997)),
                arguments(
                        "burstable by its share of the memory",
                        "requests: {cpu: '1', memory: 1Gi}",
                        new Resources(1024, 0, 100_000, 0, 750)),
                arguments(
                        "a request of all the memory is never better than guaranteed",
                        "requests: {memory: 4Gi}",
                        new Resources(2, 0, 100_000, 0, 3)),
                arguments(
                        "the least quota is a millisecond",
                        "limits: {cpu: 1m}",
                        new Resources(2, 1000, 100_000, 0, 999)));
    }

    @Test
    void thePodsOwnLimitHoldsWhereTheContainerHasNone() {
        Pod pod = pod(
                "resources: {limits: {cpu: '1', memory: 64Mi}, requests: {cpu: '1', memory: 64Mi}},",
                ", resources: {limits: {cpu: 500m}}");
        Resources resources = config(pod, "", Optional.empty()).resources();
        assertThat(resources.cpuQuota()).isEqualTo(50_000);
        assertThat(resources.memoryLimit()).isEqualTo(64 << 20);
        assertThat(resources.oomScoreAdj()).as("guaranteed by the pod's own").isEqualTo(-997);
    }

    @Test
    void aSidecarIsNotEndedBeforeThoseThatItServes() {
        Pod pod = pod(
                "initContainers: [{name: s, image: i, restartPolicy: Always}],",
                ", resources: {requests: {memory: 1Gi}}");
        ContainerConfig sidecar = ContainerConfigs.of(
                pod,
                pod.getSpec().getInitContainers().getFirst(),
                0,
                "",
                Map.of(),
                List.of(),
                4 * GIB,
                name -> "{}",
                Optional.empty());
        assertThat(sidecar.resources().oomScoreAdj()).isEqualTo(750);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void security(String name, String podLevel, String own, Function<Security, Object> what, Object expected) {
        assertThat(what.apply(config(
                                pod("securityContext: {" + podLevel + "},", ", securityContext: {" + own + "}"),
                                "",
                                Optional.empty())
                        .security()))
                .isEqualTo(expected);
    }

    static Stream<Arguments> security() {
        Function<Security, Object> ids = it -> it.runAsUser() + " " + it.runAsGroup();
        Function<Security, Object> groups = Security::supplementalGroups;
        return Stream.of(
                arguments("nothing asked", "", "", ids, "OptionalLong.empty OptionalLong.empty"),
                arguments("the pod's user", "runAsUser: 1", "", ids, "OptionalLong[1] OptionalLong.empty"),
                arguments(
                        "the container's goes first",
                        "runAsUser: 1",
                        "runAsUser: 2",
                        ids,
                        "OptionalLong[2] OptionalLong.empty"),
                arguments("a group alone is root's", "runAsGroup: 7", "", ids, "OptionalLong[0] OptionalLong[7]"),
                arguments(
                        "fsGroup joins the others",
                        "fsGroup: 5, supplementalGroups: [3, 4]",
                        "",
                        groups,
                        List.of(3L, 4L, 5L)),
                arguments(
                        "no escalation",
                        "",
                        "allowPrivilegeEscalation: false",
                        (Function<Security, Object>) Security::noNewPrivileges,
                        true),
                arguments(
                        "capabilities",
                        "",
                        "capabilities: {add: [NET_ADMIN], drop: [ALL]}",
                        (Function<Security, Object>) it -> it.addCapabilities() + "" + it.dropCapabilities(),
                        "[NET_ADMIN][ALL]"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void rootIsRefused(String name, String own, String imageUser, String said) {
        Pod pod = pod("", ", securityContext: {runAsNonRoot: true" + own + "}");
        assertThatThrownBy(() -> config(pod, imageUser, Optional.empty()))
                .isInstanceOf(VolumeFailure.class)
                .hasMessage(said + " (pod: \"p_n(u)\", container: c)");
    }

    static Stream<Arguments> rootIsRefused() {
        return Stream.of(
                arguments("asked for", ", runAsUser: 0", "", "container's runAsUser breaks non-root policy"),
                arguments("the image's", "", "", "container has runAsNonRoot and image will run as root"),
                arguments("the image's, by number", "", "0:0", "container has runAsNonRoot and image will run as root"),
                arguments(
                        "nobody knows who it is",
                        "",
                        "web",
                        "container has runAsNonRoot and image has non-numeric user (web), cannot verify user is non-root"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void processes(String name, String podLevel, Optional<String> target, Pid expected) {
        assertThat(config(pod(podLevel, ""), "", target).namespaces().pid()).isEqualTo(expected);
    }

    static Stream<Arguments> processes() {
        return Stream.of(
                arguments("its own", "", Optional.empty(), new Pid.Own()),
                arguments("all of the pod's", "shareProcessNamespace: true,", Optional.empty(), new Pid.Sandbox()),
                arguments("the node's", "hostPID: true,", Optional.empty(), new Pid.Host()),
                arguments("those of whom it is to look at", "", Optional.of("id"), new Pid.Target("id")));
    }

    @Test
    void commandAndArgumentsAreExpanded() {
        ContainerConfig config = config(pod("", ", command: ['$(A)', '$$(A)'], args: ['$(B)']"), "", Optional.empty());
        assertThat(config.command()).containsExactly("1", "$(A)");
        assertThat(config.args()).containsExactly("$(B)");
    }
}
