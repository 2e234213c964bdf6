package io.quarterdeck.node.pods;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Service;
import io.quarterdeck.client.ObjectSerialization;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ServiceVariablesTest {

    private static final ObjectSerialization OBJECTS = new ObjectSerialization();

    private static Service service(String namespace, String name, String spec) {
        return OBJECTS.unmarshal(
                "---\n{apiVersion: v1, kind: Service, metadata: {name: %s, namespace: %s}, spec: {%s}}"
                        .formatted(name, namespace, spec),
                Service.class);
    }

    private static final List<Service> SERVICES = List.of(
            service("default", "kubernetes", "clusterIP: 10.96.0.1, ports: [{name: https, port: 443, protocol: TCP}]"),
            service("n", "redis-master", "clusterIP: 10.0.0.11, ports: [{port: 6379, protocol: TCP}]"),
            service("n", "headless", "clusterIP: None, ports: [{port: 1, protocol: TCP}]"),
            service("other", "far", "clusterIP: 10.0.0.12, ports: [{port: 1, protocol: TCP}]"));

    @Test
    void allSevenOfAServiceOfTheOwnNamespace() {
        assertThat(ServiceVariables.of(SERVICES, "n", true))
                .containsAllEntriesOf(Map.of(
                        "REDIS_MASTER_SERVICE_HOST", "10.0.0.11",
                        "REDIS_MASTER_SERVICE_PORT", "6379",
                        "REDIS_MASTER_PORT", "tcp://10.0.0.11:6379",
                        "REDIS_MASTER_PORT_6379_TCP", "tcp://10.0.0.11:6379",
                        "REDIS_MASTER_PORT_6379_TCP_PROTO", "tcp",
                        "REDIS_MASTER_PORT_6379_TCP_PORT", "6379",
                        "REDIS_MASTER_PORT_6379_TCP_ADDR", "10.0.0.11"))
                .containsEntry("KUBERNETES_SERVICE_PORT_HTTPS", "443")
                .allSatisfy((name, value) ->
                        assertThat(name).doesNotStartWith("HEADLESS").doesNotStartWith("FAR"));
    }

    @Test
    void withoutLinksOnlyTheApi() {
        assertThat(ServiceVariables.of(SERVICES, "n", false))
                .containsEntry("KUBERNETES_SERVICE_HOST", "10.96.0.1")
                .doesNotContainKey("REDIS_MASTER_SERVICE_HOST");
    }
}
