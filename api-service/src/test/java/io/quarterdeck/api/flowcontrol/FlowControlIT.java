package io.quarterdeck.api.flowcontrol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarterdeck.api.testing.RunningApi;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A small server under a noisy tenant. */
class FlowControlIT {

    @TempDir
    static Path directory;

    private static RunningApi api;

    @BeforeAll
    static void start() throws Exception {
        api = RunningApi.start(
                directory,
                "--quarterdeck.api.max-requests-in-flight=20",
                "--quarterdeck.api.max-mutating-requests-in-flight=10");
        api.create(
                "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
                "{\"metadata\":{\"name\":\"people\"},\"roleRef\":{\"apiGroup\":\"rbac.authorization.k8s.io\","
                        + "\"kind\":\"ClusterRole\",\"name\":\"cluster-admin\"},\"subjects\":[{\"apiGroup\":"
                        + "\"rbac.authorization.k8s.io\",\"kind\":\"Group\",\"name\":\"people\"}]}");
        await().atMost(Duration.ofSeconds(90))
                .until(() ->
                        api.get("/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas/global-default", RunningApi.ADMIN)
                                        .statusCode()
                                == 200);
        for (int i = 0; i < 150; i++) {
            api.create("/api/v1/namespaces/default/configmaps", "{\"metadata\":{\"name\":\"m%d\"}}".formatted(i));
        }
    }

    @AfterAll
    static void stop() {
        api.close();
    }

    private static String header(HttpResponse<?> answer, String name) {
        return answer.headers().firstValue(name).orElse("");
    }

    private static String uid(String kind, String name) {
        return RunningApi.json(api.get("/apis/flowcontrol.apiserver.k8s.io/v1/" + kind + "/" + name, RunningApi.ADMIN))
                .path("metadata")
                .path("uid")
                .asString("");
    }

    @Test
    void answersSayHowTheyWereClassified() {
        var person = api.get("/api/v1/namespaces/default/configmaps/m1", "jane-token");
        assertThat(header(person, "X-Kubernetes-PF-FlowSchema-UID")).isEqualTo(uid("flowschemas", "global-default"));
        assertThat(header(person, "X-Kubernetes-PF-PriorityLevel-UID"))
                .isEqualTo(uid("prioritylevelconfigurations", "global-default"));
        var admin = api.get("/api/v1/namespaces/default/configmaps/m1", RunningApi.ADMIN);
        assertThat(header(admin, "X-Kubernetes-PF-FlowSchema-UID")).isEqualTo(uid("flowschemas", "exempt"));
    }

    /** The token of a leader in kube-system, whose leases have a level of their own. */
    private static String leader() {
        String accounts = "/api/v1/namespaces/kube-system/serviceaccounts";
        await().until(() ->
                api.get("/api/v1/namespaces/kube-system", RunningApi.ADMIN).statusCode() == 200);
        api.create(accounts, "{\"metadata\":{\"name\":\"leader\"}}");
        api.create(
                "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
                "{\"metadata\":{\"name\":\"leader\"},\"roleRef\":{\"apiGroup\":\"rbac.authorization.k8s.io\","
                        + "\"kind\":\"ClusterRole\",\"name\":\"cluster-admin\"},\"subjects\":[{\"kind\":\"ServiceAccount\","
                        + "\"namespace\":\"kube-system\",\"name\":\"leader\"}]}");
        return api.create(accounts + "/leader/token", "{\"spec\":{}}")
                .path("status")
                .path("token")
                .asString("");
    }

    /** Within what client-go's leader election gives itself. */
    private static HttpResponse<String> renew(String token, int number) {
        return api.send(api.request(
                        "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/leader?fieldManager=leader", token)
                .timeout(Duration.ofSeconds(10))
                .header("Content-Type", "application/apply-patch+yaml")
                .method(
                        "PATCH",
                        HttpRequest.BodyPublishers.ofString(
                                "{\"apiVersion\":\"coordination.k8s.io/v1\",\"kind\":\"Lease\",\"metadata\":{\"name\":\"leader\"},"
                                        + "\"spec\":{\"holderIdentity\":\"leader\",\"leaseTransitions\":" + number
                                        + "}}")));
    }

    /** The level of both has three seats, its share is one and a half: the noisy one wants forty times as much. */
    @Test
    void aQuietTenantIsNeverRefusedAndLeasesNeverMiss() throws Exception {
        String leader = leader();
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger noise = new AtomicInteger();
        List<Integer> quiet = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 60; i++) {
                threads.submit(() -> {
                    while (!over.get()) {
                        api.get("/api/v1/configmaps", "noisy-token");
                        noise.incrementAndGet();
                    }
                });
            }
            await().until(() -> noise.get() > 30);
            try {
                for (int i = 0; i < 100; i++) {
                    quiet.add(api.get("/api/v1/namespaces/default/configmaps/m" + i, "quiet-token")
                            .statusCode());
                    if (i % 10 == 0) {
                        assertThat(renew(leader, i).statusCode()).isBetween(200, 201);
                    }
                }
            } finally {
                over.set(true);
            }
        }
        assertThat(quiet).containsOnly(200);
    }

    @Test
    void dumpsAndMetricsTell() {
        api.get("/api/v1/namespaces/default/configmaps/m1", "jane-token");
        assertThat(api.get("/debug/api_priority_and_fairness/dump_priority_levels", RunningApi.ADMIN)
                        .body())
                .startsWith("PriorityLevelName, ActiveQueues, IsIdle, IsQuiescing, WaitingRequests, ExecutingRequests,")
                .containsPattern("global-default, +0, +true, +false, +0, +0, +[0-9]+, +[0-9]+, +[0-9]+, +0\n")
                .containsPattern("exempt, +0, +false, +false, +0, +1, +[0-9]+, +0, +0, +0\n");
        assertThat(api.get("/debug/api_priority_and_fairness/dump_queues", RunningApi.ADMIN)
                        .body())
                .containsPattern("global-default, +127, +0, +0, +0, +[0-9.]+ss, +0, +0, +0.00000000ss\n");
        assertThat(api.get("/debug/api_priority_and_fairness/dump_requests?includeRequestDetails=1", RunningApi.ADMIN)
                        .body())
                .containsPattern(
                        "exempt, +exempt, +-1, +-1, +, +20[^ ]+Z, +1, +0, +0s, +20[^ ]+Z, +admin, +get, +/debug/");
        assertThat(api.get("/debug/api_priority_and_fairness/dump_queues", "").statusCode())
                .isEqualTo(403);
        assertThat(api.get("/metrics", RunningApi.ADMIN).body())
                .contains("apiserver_flowcontrol_dispatched_requests_total{")
                .contains("apiserver_flowcontrol_request_execution_seconds_bucket{")
                .contains("apiserver_flowcontrol_work_estimated_seats_sum{")
                .contains(
                        "apiserver_flowcontrol_current_inqueue_seats{flow_schema=\"exempt\",priority_level=\"exempt\"} 0.0")
                .contains("apiserver_flowcontrol_nominal_limit_seats{")
                .contains("apiserver_flowcontrol_current_limit_seats{");
    }

    @Test
    void aLevelThatRejectsAnswers429() throws Exception {
        api.create(
                "/apis/flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations",
                "{\"metadata\":{\"name\":\"tiny\"},\"spec\":{\"type\":\"Limited\",\"limited\":{"
                        + "\"nominalConcurrencyShares\":1,\"borrowingLimitPercent\":0,"
                        + "\"limitResponse\":{\"type\":\"Reject\"}}}}");
        api.create(
                "/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas",
                "{\"metadata\":{\"name\":\"joes\"},\"spec\":{\"matchingPrecedence\":50,"
                        + "\"priorityLevelConfiguration\":{\"name\":\"tiny\"},\"rules\":[{\"subjects\":[{\"kind\":\"User\","
                        + "\"user\":{\"name\":\"joe\"}}],\"resourceRules\":[{\"verbs\":[\"*\"],\"apiGroups\":[\"*\"],"
                        + "\"resources\":[\"*\"],\"namespaces\":[\"*\"],\"clusterScope\":true}]}]}}");
        List<HttpResponse<String>> refused = new ArrayList<>();
        await().atMost(Duration.ofSeconds(90)).until(() -> {
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                for (int i = 0; i < 20; i++) {
                    threads.submit(() -> {
                        var answer = api.get("/api/v1/configmaps", "joe-token");
                        if (answer.statusCode() == 429) {
                            synchronized (refused) {
                                refused.add(answer);
                            }
                        }
                    });
                }
            }
            return !refused.isEmpty();
        });
        assertThat(header(refused.getFirst(), "Retry-After")).isEqualTo("1");
        assertThat(header(refused.getFirst(), "X-Kubernetes-PF-PriorityLevel-UID"))
                .isEqualTo(uid("prioritylevelconfigurations", "tiny"));
    }
}
