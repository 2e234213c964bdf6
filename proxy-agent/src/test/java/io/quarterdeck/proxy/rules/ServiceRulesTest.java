package io.quarterdeck.proxy.rules;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServiceRulesTest {

    private final ServiceRules rules = new ServiceRules("here");

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
                    ready ones serve               | ready:here ready:there             | Cluster | 2 | ''
                    unready ones do not            | ready:here unready:there           | Cluster | 1 | ''
                    unknown counts as ready        | unknown:here                       | Cluster | 1 | ''
                    terminating ones as last resort| leaving:here                       | Cluster | 1 | ''
                    not beside ready ones          | leaving:here ready:there           | Cluster | 1 | ''
                    none refuses                   | unready:here                       | Cluster | 0 | REJECT
                    local means this node          | ready:here ready:there             | Local   | 1 | ''
                    local with none here drops     | ready:there                        | Local   | 0 | DROP
                    local with none at all refuses | unready:here                       | Local   | 0 | REJECT
                    """)
    void destinations(String name, String endpoints, String policy, int expected, String refusal) {
        ServiceRule rule = rules.of(service("internalTrafficPolicy: " + policy), List.of(slice(endpoints)))
                .getFirst();
        assertThat(rule.internal().endpoints()).hasSize(expected);
        assertThat(rule.internal().whenEmpty().map(Enum::name).orElse("")).isEqualTo(refusal);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "headless, 'clusterIP: None'",
        "another name, 'type: ExternalName, externalName: x.y'",
        "not yet allocated, 'clusterIP: \"\"'"
    })
    void noRules(String name, String spec) {
        Service service = Serialization.unmarshal(
                "metadata: {name: s, namespace: n}\nspec: {" + spec + ", ports: [{port: 80}]}", Service.class);
        assertThat(rules.of(service, List.of())).isEmpty();
    }

    @Test
    void affinityLastsThreeHoursUnlessSaid() {
        assertThat(rules.of(service("sessionAffinity: ClientIP"), List.of())
                        .getFirst()
                        .affinitySeconds())
                .hasValue(10800);
        assertThat(rules.of(
                                service(
                                        "sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: 7}}"),
                                List.of())
                        .getFirst()
                        .affinitySeconds())
                .hasValue(7);
    }

    private static Service service(String more) {
        return Serialization.unmarshal(
                "metadata: {name: s, namespace: n}\nspec: {clusterIP: 10.96.0.9, ports: [{port: 80}], " + more + "}",
                Service.class);
    }

    private static EndpointSlice slice(String endpoints) {
        StringBuilder yaml = new StringBuilder("metadata: {name: s-1, namespace: n}\naddressType: IPv4\n")
                .append("ports: [{name: \"\", port: 8080, protocol: TCP}]\nendpoints:\n");
        int number = 1;
        for (String endpoint : endpoints.split(" ")) {
            String[] words = endpoint.split(":");
            String conditions = switch (words[0]) {
                case "ready" -> "{ready: true, serving: true}";
                case "unready" -> "{ready: false, serving: false}";
                case "leaving" -> "{ready: false, serving: true, terminating: true}";
                default -> "{}";
            };
            yaml.append("- {addresses: [10.244.0.%d], nodeName: %s, conditions: %s}\n"
                    .formatted(number++, words[1], conditions));
        }
        return Serialization.unmarshal(yaml.toString(), EndpointSlice.class);
    }
}
