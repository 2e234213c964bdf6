package io.quarterdeck.system.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.quarterdeck.system.harness.ApiAlone;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The fabric8 client as its users write it, against the API alone. */
class Fabric8IT {
    private static final String NAMESPACE = "fabric8";

    private static KubernetesClient client;

    @BeforeAll
    static void start() throws Exception {
        String kubeconfig = Files.readString(ApiAlone.kubeconfig(ApiAlone.shared()));
        client = new KubernetesClientBuilder()
                .withConfig(Config.fromKubeconfig(kubeconfig))
                .build();
        client.namespaces()
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(NAMESPACE)
                        .endMetadata()
                        .build())
                .create();
    }

    @AfterAll
    static void stop() {
        if (client != null) {
            client.close();
        }
    }

    private static ConfigMap map(String name, Map<String, String> data) {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(NAMESPACE)
                .addToLabels("from", "fabric8")
                .endMetadata()
                .withData(data)
                .build();
    }

    @Test
    void createsReadsUpdatesAndDeletes() {
        var maps = client.configMaps().inNamespace(NAMESPACE);
        assertThat(maps.resource(map("crud", Map.of("a", "b")))
                        .create()
                        .getMetadata()
                        .getUid())
                .isNotEmpty();
        assertThat(maps.withName("crud")
                        .edit(old ->
                                new ConfigMapBuilder(old).addToData("c", "d").build())
                        .getData())
                .containsEntry("c", "d");
        assertThat(maps.withLabel("from", "fabric8").list().getItems())
                .extracting(item -> item.getMetadata().getName())
                .contains("crud");
        assertThat(maps.withName("nothing").get()).isNull();
        assertThatThrownBy(() -> maps.resource(map("Wrong_Name", Map.of())).create())
                .isInstanceOfSatisfying(KubernetesClientException.class, refusal -> {
                    assertThat(refusal.getCode()).isEqualTo(422);
                    assertThat(refusal.getStatus().getDetails().getCauses()).isNotEmpty();
                });
        maps.withName("crud").delete();
        assertThat(maps.withName("crud").get()).isNull();
    }

    @Test
    void patches() {
        client.apps()
                .deployments()
                .inNamespace(NAMESPACE)
                .resource(new DeploymentBuilder()
                        .withNewMetadata()
                        .withName("patched")
                        .endMetadata()
                        .withNewSpec()
                        .withNewSelector()
                        .addToMatchLabels("app", "patched")
                        .endSelector()
                        .withNewTemplate()
                        .withNewMetadata()
                        .addToLabels("app", "patched")
                        .endMetadata()
                        .withNewSpec()
                        .addNewContainer()
                        .withName("c")
                        .withImage("nginx")
                        .endContainer()
                        .endSpec()
                        .endTemplate()
                        .endSpec()
                        .build())
                .create();
        var deployment = client.apps().deployments().inNamespace(NAMESPACE).withName("patched");
        assertThat(deployment
                        .patch(
                                PatchContext.of(PatchType.STRATEGIC_MERGE),
                                "{\"spec\":{\"template\":{\"spec\":{\"containers\":[{\"name\":\"d\",\"image\":\"redis\"}]}}}}")
                        .getSpec()
                        .getTemplate()
                        .getSpec()
                        .getContainers())
                .extracting("name")
                .containsExactly("d", "c");
        assertThat(deployment
                        .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"replicas\":3}}")
                        .getSpec()
                        .getReplicas())
                .isEqualTo(3);
        assertThat(deployment
                        .patch(
                                PatchContext.of(PatchType.JSON),
                                "[{\"op\":\"replace\",\"path\":\"/spec/replicas\",\"value\":4}]")
                        .getSpec()
                        .getReplicas())
                .isEqualTo(4);
        assertThat(deployment.scale(2).getSpec().getReplicas()).isEqualTo(2);
    }

    @Test
    void appliesOnTheServer() {
        var applied = client.resource(map("applied", Map.of("a", "b")))
                .inNamespace(NAMESPACE)
                .fieldManager("fabric8")
                .serverSideApply();
        assertThat(applied.getMetadata().getManagedFields()).anySatisfy(fields -> {
            assertThat(fields.getManager()).isEqualTo("fabric8");
            assertThat(fields.getOperation()).isEqualTo("Apply");
        });
    }

    @Test
    void watches() {
        List<String> seen = new CopyOnWriteArrayList<>();
        var maps = client.configMaps().inNamespace(NAMESPACE);
        try (var _ = maps.withName("watched").watch(new Watcher<>() {
            @Override
            public void eventReceived(Action action, ConfigMap resource) {
                seen.add(action.name());
            }

            @Override
            public void onClose(WatcherException cause) {
                seen.add("closed: " + cause);
            }
        })) {
            maps.resource(map("watched", Map.of())).create();
            maps.withName("watched")
                    .edit(old -> new ConfigMapBuilder(old).addToData("a", "b").build());
            maps.withName("watched").delete();
            await().atMost(Duration.ofSeconds(90))
                    .untilAsserted(() -> assertThat(seen).containsExactly("ADDED", "MODIFIED", "DELETED"));
        }
    }

    @Test
    void informs() {
        try (var informer = client.configMaps()
                .inNamespace(NAMESPACE)
                .withLabel("set", "informed")
                .runnableInformer(0)
                .run()) {
            client.configMaps()
                    .inNamespace(NAMESPACE)
                    .resource(new ConfigMapBuilder(map("informed", Map.of()))
                            .editMetadata()
                            .addToLabels("set", "informed")
                            .endMetadata()
                            .build())
                    .create();
            await().atMost(Duration.ofSeconds(90))
                    .until(() -> informer.getStore().list().size() == 1);
        }
    }
}
