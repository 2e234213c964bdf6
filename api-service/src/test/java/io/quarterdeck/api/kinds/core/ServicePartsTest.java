package io.quarterdeck.api.kinds.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarterdeck.api.document.Document;
import io.quarterdeck.model.StatusException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What a real API server made of these Services, and what it said to them. */
class ServicePartsTest {

    private static final ServiceNetwork NETWORK = new ServiceNetwork("10.96.0.0/16", 30000, 32767);

    private static Document service(String spec) {
        ObjectNode object = JsonMapper.shared().createObjectNode();
        object.putObject("metadata").put("name", "s");
        object.set("spec", JsonMapper.shared().readTree(spec));
        return new Document(object);
    }

    private static @Nullable Document before(@Nullable String spec) {
        return spec == null ? null : service(spec);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            an address of its own   |                                                                                                                   | {"type":"ClusterIP"}                                             | "SingleStack"      | ["IPv4"]
            no address, no selector |                                                                                                                   | {"type":"ClusterIP","clusterIP":"None","clusterIPs":["None"]}     | "RequireDualStack" | ["IPv4","IPv6"]
            no address              |                                                                                                                   | {"type":"ClusterIP","clusterIP":"None","clusterIPs":["None"],"selector":{"a":"b"}} | "SingleStack" | ["IPv4"]
            the policy of before    | {"type":"ClusterIP","ipFamilyPolicy":"PreferDualStack","ipFamilies":["IPv4"]}                                     | {"type":"ClusterIP","selector":{"a":"b"}}                        | "PreferDualStack"  | ["IPv4"]
            the second one goes     | {"type":"ClusterIP","clusterIP":"None","clusterIPs":["None"],"ipFamilyPolicy":"RequireDualStack","ipFamilies":["IPv4","IPv6"]} | {"type":"ClusterIP","clusterIP":"None","clusterIPs":["None"],"ipFamilyPolicy":"SingleStack","ipFamilies":["IPv4","IPv6"]} | "SingleStack" | ["IPv4"]
            """)
    void familiesAreSettled(String name, @Nullable String old, String spec, String policy, String families) {
        Document next = service(spec);

        new ServiceFamilies("IPv4").settle(next, before(old));

        assertThat(next.at("spec.ipFamilyPolicy").toString()).isEqualTo(policy);
        assertThat(next.at("spec.ipFamilies").toString()).isEqualTo(families);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            an address for who had none | {"type":"ClusterIP","clusterIP":"None","clusterIPs":["None"],"ipFamilyPolicy":"RequireDualStack","ipFamilies":["IPv4","IPv6"]} | {"type":"ClusterIP","clusterIP":"10.96.7.7","clusterIPs":["10.96.7.7"],"ipFamilyPolicy":"RequireDualStack","ipFamilies":["IPv4","IPv6"]} | Service "s" is invalid: [spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services, spec.ipFamilies[1]: Invalid value: "IPv6": not configured on this cluster]
            another family              |  | {"type":"ClusterIP","ipFamilies":["IPv6"]}                                                     | Service "s" is invalid: spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster
            both families for one       |  | {"type":"ClusterIP","ipFamilies":["IPv4","IPv6"]}                                              | Service "s" is invalid: spec.ipFamilyPolicy: Invalid value: "SingleStack": must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified
            an address of another       |  | {"type":"ClusterIP","clusterIP":"fd00::1","clusterIPs":["fd00::1"]}                             | Service "s" is invalid: spec.clusterIPs[0]: Invalid value: ["fd00::1"]: IPv6 is not configured on this cluster
            """)
    void whatTheClusterCannotGiveIsRefusedFirst(String name, @Nullable String old, String spec, String why) {
        assertThatThrownBy(() -> new ServiceFamilies("IPv4").settle(service(spec), before(old)))
                .isInstanceOfSatisfying(
                        StatusException.class,
                        refused -> assertThat(refused.text()).isEqualTo(why));
    }

    private static NodePortOperation ports(Document next, @Nullable Document old, NodePortOperation.Draw draw) {
        return new NodePortOperation(next, old, NETWORK, Set.of(30999)::contains, draw);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            two protocols share one    |                                                                                    | [{"port":53,"protocol":"UDP"},{"port":53,"protocol":"TCP"}]                                     | 31000,31000
            the one that is asked for  |                                                                                    | [{"port":53,"protocol":"UDP"},{"port":53,"protocol":"TCP","nodePort":30053}]                     | 30053,30053
            two ports have two         |                                                                                    | [{"port":80,"protocol":"TCP"},{"port":81,"protocol":"TCP"}]                                     | 31000,31001
            what was held is kept      | {"type":"NodePort","ports":[{"port":80,"protocol":"TCP","nodePort":30999}]}         | [{"port":80,"protocol":"TCP","nodePort":30999},{"port":81,"protocol":"TCP"}]                     | 30999,31000
            """)
    void nodePortsAreDrawn(String name, @Nullable String old, String ports, String drawn) {
        Document next = service("{\"type\":\"NodePort\",\"ports\":" + ports + "}");

        ports(
                        next,
                        before(old),
                        taken -> 31000
                                + (int) taken.stream()
                                        .filter(port -> port >= 31000)
                                        .count())
                .settle();

        assertThat(next.items("spec.ports").stream()
                        .map(port -> port.path("nodePort").asString()))
                .containsExactly(drawn.split(","));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            taken by another           |                                                                            | [{"port":80,"nodePort":30999}]                                             | Service "s" is invalid: spec.ports[0].nodePort: Invalid value: 30999: provided port is already allocated
            no port of nodes           |                                                                            | [{"port":80,"nodePort":80}]                                                | Service "s" is invalid: spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767
            two ports want one         |                                                                            | [{"port":80,"nodePort":30001},{"port":81,"nodePort":30001}]                 | Service "s" is invalid: spec.ports[1].nodePort: Invalid value: 30001: provided port is already allocated
            two ports are to get one   | {"type":"NodePort","ports":[{"port":80,"protocol":"TCP","nodePort":30002}]} | [{"port":80,"protocol":"TCP","nodePort":30001},{"port":81,"protocol":"TCP","nodePort":30001}] | duplicate nodePort: {TCP 30001}
            """)
    void nodePortsThatCannotBeHadAreRefused(String name, @Nullable String old, String ports, String why) {
        Document next = service("{\"type\":\"NodePort\",\"ports\":" + ports + "}");

        assertThatThrownBy(() ->
                        ports(next, before(old), NodePortOperation.Draw.LATER).settle())
                .isInstanceOfSatisfying(
                        StatusException.class,
                        refused -> assertThat(refused.text()).isEqualTo(why));
    }
}
