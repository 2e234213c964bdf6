package io.quarterdeck.node.pods;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.quarterdeck.node.host.HostCommands;
import io.quarterdeck.node.runtime.Container;
import io.quarterdeck.node.runtime.LogOptions;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** Pods from manifests on real Docker with real CNI plugins; only the API is a fake. */
@Tag("docker")
class PodsOnDockerIT {

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path dataDir;

    private NodeHarness node;

    @BeforeEach
    void start() {
        node = new NodeHarness(dataDir);
    }

    @AfterEach
    void stop() throws Exception {
        node.close();
    }

    private static ConditionFactory soon() {
        return await().atMost(Duration.ofSeconds(90)).pollInterval(Duration.ofMillis(100));
    }

    private Pod pod(String name, String policy, String... containers) {
        return node.apply(
                """
                apiVersion: v1
                kind: Pod
                metadata: {name: %s, labels: {app: it}}
                spec:
                  restartPolicy: %s
                  terminationGracePeriodSeconds: 2
                %s
                """.formatted(name, policy, String.join("\n", containers).indent(2)));
    }

    private static String sh(String name, String script) {
        return """
                - name: %s
                  image: quarterdeck-test/busybox:1
                  command: [sh, -c, %s]
                """.formatted(name, "'" + script.replace("'", "''") + "'");
    }

    private Container running(Pod pod, String name) {
        return node.workers.container(pod.getMetadata().getUid(), name, false).orElseThrow();
    }

    private String exec(Pod pod, String name, String script) {
        return node.runtime
                .execSync(running(pod, name).id(), List.of("sh", "-c", script), Duration.ofSeconds(10))
                .output();
    }

    private String logs(Pod pod, String name) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        node.runtime.logs(running(pod, name), LogOptions.ALL, out, out);
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void aPodRunsIsReadyHasAnAddressAndEnds() {
        Pod pod = pod("web", "Always", "containers:", sh("main", "trap 'exit 0' TERM; while true; do sleep 0.1; done"));
        soon().until(() -> node.isTrue(pod, "Ready"));
        assertThat(node.status(pod).getPhase()).isEqualTo("Running");
        assertThat(node.status(pod).getPodIP()).startsWith("10.177.0.");
        assertThat(node.status(pod).getHostIP()).isEqualTo("192.0.2.10");
        assertThat(node.container(pod, "main").getUser().getLinux().getUid()).isZero();
        assertThat(exec(pod, "main", "cat /etc/hosts"))
                .contains(node.status(pod).getPodIP() + "\tweb");
        assertThat(exec(pod, "main", "cat /etc/resolv.conf"))
                .contains(
                        "search default.svc.cluster.local svc.cluster.local cluster.local",
                        "nameserver 10.96.0.10",
                        "ndots:5");
        assertThat(node.events).anyMatch(event -> event.startsWith("web Started Container started"));

        node.delete(pod, 2);
        soon().until(() -> !node.pods.containsKey(pod.getMetadata().getUid()));
        soon().until(() -> node.workers.count() == 0);
        assertThat(node.runtime.podSandboxes(pod.getMetadata().getUid())).isEmpty();
        assertThat(node.network.attached()).isEmpty();
        assertThat(dataDir.resolve("pods").resolve(pod.getMetadata().getUid())).doesNotExist();
        assertThat(node.events).contains("web Killing Stopping container main");
    }

    @Test
    void whatDoesNotFitIsRejectedBeforeAnythingIsMade() {
        Pod pod = pod(
                "large",
                "Never",
                "containers:",
                sh("main", "true").stripTrailing() + "\n  resources: {requests: {cpu: 100}}");
        soon().until(() -> "Failed".equals(node.status(pod).getPhase()));
        assertThat(node.status(pod).getReason()).isEqualTo("OutOfcpu");
        assertThat(node.status(pod).getContainerStatuses()).isEmpty();
        assertThat(node.events)
                .contains(
                        "large OutOfcpu Node didn't have enough resource: cpu, requested: 100000, used: 0, capacity: 2000");
        assertThat(node.runtime.podSandboxes(pod.getMetadata().getUid())).isEmpty();
        node.delete(pod, 0);
        soon().until(() -> !node.pods.containsKey(pod.getMetadata().getUid()));
    }

    @Test
    void podsReachEachOther() {
        Pod server = pod(
                "server", "Always", "containers:", sh("main", "echo hello > /tmp/index.html; httpd -f -p 80 -h /tmp"));
        Pod client = pod("client", "Always", "containers:", sh("main", "sleep 1000"));
        soon().until(() -> node.isTrue(server, "Ready") && node.isTrue(client, "Ready"));
        assertThat(node.status(server).getPodIP())
                .isNotEqualTo(node.status(client).getPodIP());
        soon().until(() -> exec(
                        client,
                        "main",
                        "printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc "
                                + node.status(server).getPodIP() + " 80")
                .contains("hello"));
    }

    @Test
    void aRouteOfAnAgentThatIsNoMoreDoesNotSwallowAPod() {
        var commands = new HostCommands();
        String first = "10.177.0.2/32";
        commands.run("ip", "link", "add", "qd-stale0", "type", "veth", "peer", "name", "qd-stale1");
        try {
            commands.run("ip", "link", "set", "qd-stale0", "up");
            commands.run("ip", "route", "add", first, "dev", "qd-stale0", "scope", "host");
            Pod pod = pod("first", "Always", "containers:", sh("main", "sleep 1000"));
            soon().until(() -> node.isTrue(pod, "Ready"));
            assertThat(node.status(pod).getPodIP() + "/32").isEqualTo(first);
            assertThat(commands.run("ip", "route", "show", "exact", first))
                    .doesNotContain("qd-stale0")
                    .contains("dev veth");
        } finally {
            commands.run("ip", "link", "del", "qd-stale0");
        }
    }

    @Test
    void completedPodsTellHowTheyEnded() throws Exception {
        Pod good = pod("good", "Never", "containers:", sh("main", "echo done > /dev/termination-log"));
        Pod bad = pod("bad", "Never", "containers:", sh("main", "echo broken; exit 3"));
        soon().until(() -> "Succeeded".equals(node.status(good).getPhase()));
        soon().until(() -> "Failed".equals(node.status(bad).getPhase()));
        assertThat(node.container(good, "main").getState().getTerminated().getReason())
                .isEqualTo("Completed");
        assertThat(node.container(good, "main").getState().getTerminated().getMessage())
                .isEqualTo("done\n");
        assertThat(node.container(bad, "main").getState().getTerminated().getExitCode())
                .isEqualTo(3);
        assertThat(logs(bad, "main")).isEqualTo("broken\n");
    }

    @Test
    void aContainerThatKeepsEndingIsHeldBack() {
        Pod pod = pod("crash", "Always", "containers:", sh("main", "exit 1"));
        soon().until(() -> {
            ContainerStatus status = node.container(pod, "main");
            return status.getState() != null
                    && status.getState().getWaiting() != null
                    && "CrashLoopBackOff".equals(status.getState().getWaiting().getReason());
        });
        ContainerStatus status = node.container(pod, "main");
        assertThat(status.getRestartCount()).isEqualTo(1);
        assertThat(status.getState().getWaiting().getMessage())
                .isEqualTo("back-off 10s restarting failed container=main pod=crash_default(%s)"
                        .formatted(pod.getMetadata().getUid()));
        assertThat(status.getLastState().getTerminated().getExitCode()).isEqualTo(1);
        assertThat(node.status(pod).getPhase()).isEqualTo("Running");
    }

    @Test
    void aKilledContainerIsRestartedInTheSamePod() {
        Pod pod = pod("killed", "Always", "containers:", sh("main", "sleep 1000"));
        soon().until(() -> node.isTrue(pod, "Ready"));
        String ip = node.status(pod).getPodIP();
        node.runtime.signalContainer(running(pod, "main").id(), "SIGKILL");
        soon().until(() ->
                Integer.valueOf(1).equals(node.container(pod, "main").getRestartCount()) && node.isTrue(pod, "Ready"));
        assertThat(node.status(pod).getPodIP()).isEqualTo(ip);
        assertThat(node.container(pod, "main").getLastState().getTerminated().getExitCode())
                .isEqualTo(137);
    }

    @Test
    void anAgentThatComesBackAdoptsWhatRuns() throws Exception {
        Pod stays = pod("stays", "Always", "containers:", sh("main", "sleep 1000"));
        Pod goes = pod("goes", "Always", "containers:", sh("main", "sleep 1000"));
        soon().until(() -> node.isTrue(stays, "Ready") && node.isTrue(goes, "Ready"));
        String id = running(stays, "main").id();
        node.stop();
        node.pods.remove(goes.getMetadata().getUid());
        node.start();
        soon().until(() ->
                node.runtime.podSandboxes(goes.getMetadata().getUid()).isEmpty());
        // The agent that came back looks at each pod by itself: at this one perhaps later.
        soon().until(() -> node.workers
                .container(stays.getMetadata().getUid(), "main", false)
                .isPresent());
        assertThat(running(stays, "main").id()).isEqualTo(id);
        assertThat(running(stays, "main").running()).isTrue();
        assertThat(node.isTrue(stays, "Ready")).isTrue();
        assertThat(node.network.attached()).hasSize(1);
    }

    @Test
    void aLostSandboxIsReplaced() {
        Pod pod = pod("lost", "Always", "containers:", sh("main", "sleep 1000"));
        soon().until(() -> node.isTrue(pod, "Ready"));
        String before =
                node.runtime.podSandboxes(pod.getMetadata().getUid()).getFirst().id();
        node.runtime.removePodSandbox(before);
        soon().until(() -> node.runtime.podSandboxes(pod.getMetadata().getUid()).stream()
                .anyMatch(sandbox -> sandbox.ready() && !sandbox.id().equals(before)));
        soon().until(() -> node.isTrue(pod, "Ready")
                && Integer.valueOf(1).equals(node.container(pod, "main").getRestartCount()));
    }

    @Test
    void initContainersRunInOrderAndSidecarsGoOn() throws Exception {
        Pod pod = node.apply("""
                apiVersion: v1
                kind: Pod
                metadata: {name: init}
                spec:
                  restartPolicy: Never
                  terminationGracePeriodSeconds: 2
                  volumes: [{name: work, emptyDir: {}}]
                  initContainers:
                  - name: first
                    image: quarterdeck-test/busybox:1
                    command: [sh, -c, 'echo first >> /work/order']
                    volumeMounts: [{name: work, mountPath: /work}]
                  - name: side
                    restartPolicy: Always
                    image: quarterdeck-test/busybox:1
                    command: [sh, -c, 'echo side >> /work/order; sleep 1000']
                    startupProbe: {exec: {command: [grep, -q, side, /work/order]}, periodSeconds: 1}
                    volumeMounts: [{name: work, mountPath: /work}]
                  containers:
                  - name: main
                    image: quarterdeck-test/busybox:1
                    command: [sh, -c, 'echo main >> /work/order; cat /work/order']
                    volumeMounts: [{name: work, mountPath: /work}]
                """);
        soon().until(() -> "Succeeded".equals(node.status(pod).getPhase()));
        assertThat(logs(pod, "main")).isEqualTo("first\nside\nmain\n");
        assertThat(running(pod, "side").running()).isFalse();
    }

    @Test
    void environmentAndVolumesHoldWhatTheObjectsSay() {
        node.configMaps.put(
                "settings",
                new ConfigMapBuilder()
                        .withNewMetadata()
                        .withName("settings")
                        .endMetadata()
                        .withData(Map.of("color", "blue", "SHAPE", "round"))
                        .build());
        node.secrets.put(
                "key",
                new SecretBuilder()
                        .withNewMetadata()
                        .withName("key")
                        .endMetadata()
                        .withData(Map.of("password", "aHVudGVyMg=="))
                        .build());
        node.services.add(new ServiceBuilder()
                .withNewMetadata()
                .withName("redis-master")
                .withNamespace("default")
                .endMetadata()
                .withNewSpec()
                .withClusterIP("10.0.0.11")
                .addNewPort()
                .withPort(6379)
                .withProtocol("TCP")
                .endPort()
                .endSpec()
                .build());
        Pod pod = node.apply("""
                apiVersion: v1
                kind: Pod
                metadata: {name: objects, labels: {tier: front}}
                spec:
                  terminationGracePeriodSeconds: 1
                  volumes:
                  - {name: cm, configMap: {name: settings}}
                  - {name: sec, secret: {secretName: key, defaultMode: 256}}
                  - {name: down, downwardAPI: {items: [{path: labels, fieldRef: {fieldPath: metadata.labels}}]}}
                  - name: all
                    projected:
                      sources:
                      - {serviceAccountToken: {path: token, audience: somebody}}
                      - {configMap: {name: settings, items: [{key: color, path: sub/colour}]}}
                  containers:
                  - name: main
                    image: quarterdeck-test/busybox:1
                    command: [sleep, "1000"]
                    env:
                    - {name: COLOR, valueFrom: {configMapKeyRef: {name: settings, key: color}}}
                    - {name: PASSWORD, valueFrom: {secretKeyRef: {name: key, key: password}}}
                    - {name: POD_IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
                    - {name: CPU, valueFrom: {resourceFieldRef: {resource: limits.cpu, divisor: 1m}}}
                    - {name: BOTH, value: "$(COLOR)-$(PASSWORD)-$(NONE)-$$(COLOR)"}
                    envFrom: [{prefix: CFG_, configMapRef: {name: settings}}]
                    resources: {limits: {cpu: 500m, memory: 64Mi}, requests: {cpu: 100m}}
                    volumeMounts:
                    - {name: cm, mountPath: /cm}
                    - {name: sec, mountPath: /sec, readOnly: true}
                    - {name: down, mountPath: /down}
                    - {name: all, mountPath: /all}
                    - {name: cm, mountPath: /one, subPath: color}
                """);
        soon().until(() -> node.isTrue(pod, "Ready"));
        String env = exec(pod, "main", "env");
        assertThat(env)
                .contains(
                        "COLOR=blue",
                        "PASSWORD=hunter2",
                        "CPU=500",
                        "BOTH=blue-hunter2-$(NONE)-$(COLOR)",
                        "CFG_SHAPE=round",
                        "POD_IP=" + node.status(pod).getPodIP(),
                        "REDIS_MASTER_SERVICE_HOST=10.0.0.11",
                        "REDIS_MASTER_SERVICE_PORT=6379",
                        "REDIS_MASTER_PORT=tcp://10.0.0.11:6379",
                        "REDIS_MASTER_PORT_6379_TCP=tcp://10.0.0.11:6379",
                        "REDIS_MASTER_PORT_6379_TCP_PROTO=tcp",
                        "REDIS_MASTER_PORT_6379_TCP_PORT=6379",
                        "REDIS_MASTER_PORT_6379_TCP_ADDR=10.0.0.11");
        assertThat(exec(pod, "main", "cat /cm/color /sec/password /down/labels /all/token /all/sub/colour /one"))
                .isEqualTo("bluehunter2tier=\"front\"token-for-somebodyblueblue");
        assertThat(exec(pod, "main", "stat -L -c %a /sec/password")).isEqualTo("400\n");
        Container container = running(pod, "main");
        assertThat(Path.of("/proc", Long.toString(container.pid()))).exists();
    }

    @Test
    void aMissingConfigMapHoldsThePodUntilItComes() {
        Pod pod = node.apply("""
                apiVersion: v1
                kind: Pod
                metadata: {name: waits}
                spec:
                  terminationGracePeriodSeconds: 1
                  volumes: [{name: cm, configMap: {name: later}}]
                  containers:
                  - {name: main, image: "quarterdeck-test/busybox:1", command: [sleep, "1000"], volumeMounts: [{name: cm, mountPath: /cm}]}
                """);
        soon().until(() -> node.events.contains(
                "waits FailedMount MountVolume.SetUp failed for volume \"cm\" : configmap \"later\" not found"));
        assertThat(node.container(pod, "main").getState().getWaiting().getReason())
                .isEqualTo("ContainerCreating");
        node.configMaps.put(
                "later",
                new ConfigMapBuilder()
                        .withNewMetadata()
                        .withName("later")
                        .endMetadata()
                        .build());
        soon().until(() -> node.isTrue(pod, "Ready"));
    }

    @Test
    void probesDecideReadinessAndRestart() {
        Pod pod = node.apply("""
                apiVersion: v1
                kind: Pod
                metadata: {name: probed}
                spec:
                  terminationGracePeriodSeconds: 1
                  containers:
                  - name: main
                    image: quarterdeck-test/busybox:1
                    command: [sh, -c, 'echo ok > /tmp/index.html; httpd -p 80 -h /tmp; sleep 1000']
                    readinessProbe: {httpGet: {path: /index.html, port: 80}, periodSeconds: 1, timeoutSeconds: 20, failureThreshold: 1}
                    livenessProbe: {exec: {command: [test, "!", -e, /tmp/dead]}, periodSeconds: 1, timeoutSeconds: 20, failureThreshold: 1}
                """);
        soon().until(() -> node.isTrue(pod, "Ready"));
        exec(pod, "main", "rm /tmp/index.html");
        soon().until(() -> !node.isTrue(pod, "Ready"));
        assertThat(node.events)
                .contains("probed Unhealthy Readiness probe failed: HTTP probe failed with statuscode: 404");
        exec(pod, "main", "touch /tmp/dead");
        soon().until(() ->
                Integer.valueOf(1).equals(node.container(pod, "main").getRestartCount()) && node.isTrue(pod, "Ready"));
        assertThat(node.events).contains("probed Killing Container main failed liveness probe, will be restarted");
    }

    @Test
    void hooksRunAndTheGracePeriodEnds() throws Exception {
        Path seen = Files.createDirectories(dataDir.resolve("seen"));
        Pod pod = node.apply("""
                apiVersion: v1
                kind: Pod
                metadata: {name: hooks}
                spec:
                  terminationGracePeriodSeconds: 3
                  volumes: [{name: seen, hostPath: {path: %s, type: Directory}}]
                  containers:
                  - name: main
                    image: quarterdeck-test/busybox:1
                    command: [sh, -c, 'trap "" TERM; while true; do sleep 0.1; done']
                    lifecycle:
                      postStart: {exec: {command: [touch, /seen/post-start]}}
                      preStop: {exec: {command: [touch, /seen/pre-stop]}}
                    volumeMounts: [{name: seen, mountPath: /seen}]
                """.formatted(seen));
        soon().until(() -> node.isTrue(pod, "Ready"));
        assertThat(seen.resolve("post-start")).exists();
        node.delete(pod, 3);
        soon().until(() -> !node.pods.containsKey(pod.getMetadata().getUid()));
        assertThat(seen.resolve("pre-stop")).exists();
    }

    @Test
    void anImageThatIsNotThereIsSaid() {
        Pod pod = node.apply("""
                apiVersion: v1
                kind: Pod
                metadata: {name: noimage}
                spec:
                  containers: [{name: main, image: "localhost:1/none:1"}]
                """);
        soon().until(() -> {
            ContainerStatus status = node.container(pod, "main");
            return status.getState() != null
                    && status.getState().getWaiting() != null
                    && "ImagePullBackOff".equals(status.getState().getWaiting().getReason());
        });
        assertThat(node.events)
                .contains("noimage Pulling Pulling image \"localhost:1/none:1\"", "noimage Failed Error: ErrImagePull");
        assertThat(node.status(pod).getPhase()).isEqualTo("Pending");
        node.delete(pod, 0);
        soon().until(() -> !node.pods.containsKey(pod.getMetadata().getUid()));
    }

    @Test
    void securityContextIsKept() {
        Pod pod = node.apply("""
                apiVersion: v1
                kind: Pod
                metadata: {name: secure}
                spec:
                  terminationGracePeriodSeconds: 1
                  securityContext: {runAsUser: 1001, runAsGroup: 1002, fsGroup: 1003, runAsNonRoot: true}
                  volumes: [{name: data, emptyDir: {medium: Memory, sizeLimit: 1Mi}}]
                  containers:
                  - name: main
                    image: quarterdeck-test/busybox:1
                    command: [sleep, "1000"]
                    securityContext: {readOnlyRootFilesystem: true, allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
                    volumeMounts: [{name: data, mountPath: /data}]
                """);
        soon().until(() -> node.isTrue(pod, "Ready"));
        assertThat(
                        exec(
                                pod,
                                "main",
                                "id -u; id -g; id -G; touch /data/x && stat -c %g /data/x; touch /x; grep CapEff /proc/1/status"))
                .contains("1001\n1002\n", "1003", "Read-only file system", "CapEff:\t0000000000000000");
    }

    @Test
    void somebodyLooksIntoARunningPod() throws Exception {
        Pod pod = pod("seen", "Always", "containers:", sh("main", "exec sleep 1234"));
        soon().until(() -> node.isTrue(pod, "Ready"));

        node.change(
                pod,
                current -> new PodBuilder(current)
                        .editSpec()
                        .addNewEphemeralContainer()
                        .withName("eye")
                        .withImage("quarterdeck-test/busybox:1")
                        .withImagePullPolicy("IfNotPresent")
                        .withTargetContainerName("main")
                        .withCommand("sh", "-c", "cat /proc/1/cmdline; exit 3")
                        .endEphemeralContainer()
                        .endSpec()
                        .build());

        soon().until(() -> node.status(pod).getEphemeralContainerStatuses().stream()
                .anyMatch(status -> status.getState().getTerminated() != null
                        && status.getState().getTerminated().getExitCode() == 3));
        assertThat(logs(pod, "eye").replace('\0', ' ')).contains("sleep 1234");
        assertThat(node.status(pod).getContainerStatuses().getFirst().getRestartCount())
                .isZero();
        assertThat(node.isTrue(pod, "Ready")).isTrue();
    }

    @Test
    void aCommandThatTakesTooLongIsEnded() {
        Pod pod = pod("slow", "Always", "containers:", sh("main", "exec sleep 1000"));
        soon().until(() -> node.isTrue(pod, "Ready"));
        assertThat(node.runtime
                        .execSync(running(pod, "main").id(), List.of("sleep", "4321"), Duration.ofSeconds(1))
                        .timedOut())
                .isTrue();
        soon().until(() -> !exec(pod, "main", "cat /proc/[0-9]*/cmdline").contains("4321"));
    }

    @Test
    void anEndedPodHasNoSandbox() {
        Pod pod = pod("done", "Never", "containers:", sh("main", "true"));
        soon().until(() ->
                "Succeeded".equals(node.status(pod).getPhase()) && !node.isTrue(pod, "PodReadyToStartContainers"));
        assertThat(node.network.attached()).isEmpty();
        assertThat(node.status(pod).getPodIP()).isNotBlank();
    }
}
