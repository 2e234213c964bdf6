package io.quarterdeck.proxy.dns;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quarterdeck.model.ObjectKey;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.Type;

/** Real questions over real sockets, UDP and TCP, against a directory held in memory. */
class DnsServerTest {

    private static final String WEB = """
            metadata: {name: web, namespace: shop}
            spec: {clusterIP: 10.96.0.5, clusterIPs: [10.96.0.5], ports: [{name: http, port: 80, protocol: TCP}]}
            """;
    private static final String DB = """
            metadata: {name: db, namespace: shop}
            spec: {clusterIP: None, clusterIPs: [None], ports: [{name: sql, port: 5432, protocol: TCP}]}
            """;
    private static final String TWINS = """
            metadata: {name: twins, namespace: shop}
            spec: {clusterIP: None, clusterIPs: [None], ports: [{name: sql, port: 5432, protocol: TCP}]}
            """;
    private static final String EMPTY = """
            metadata: {name: empty, namespace: shop}
            spec: {clusterIP: None, clusterIPs: [None]}
            """;
    private static final String ELSEWHERE = """
            metadata: {name: elsewhere, namespace: shop}
            spec: {type: ExternalName, externalName: web.shop.svc.cluster.local}
            """;
    private static final String DB_SLICE = """
            metadata: {name: db-1, namespace: shop, labels: {kubernetes.io/service-name: db}}
            addressType: IPv4
            ports: [{name: sql, port: 5432, protocol: TCP}]
            endpoints:
            - {addresses: [10.244.0.7], hostname: db-0, conditions: {ready: true}}
            - {addresses: [10.244.0.8], conditions: {ready: true}}
            - {addresses: [10.244.0.9], conditions: {ready: false}}
            """;

    private static final String TWINS_SLICE = """
            metadata: {name: twins-1, namespace: shop, labels: {kubernetes.io/service-name: twins}}
            addressType: IPv4
            ports: [{name: sql, port: 5432, protocol: TCP}]
            endpoints:
            - {addresses: [10.244.1.7], hostname: twin, conditions: {ready: true}}
            - {addresses: [10.244.1.8], hostname: twin, conditions: {ready: true}}
            """;

    private final List<Service> services = Stream.of(WEB, DB, TWINS, EMPTY, ELSEWHERE)
            .map(yaml -> Serialization.unmarshal(yaml, Service.class))
            .toList();
    private final Map<String, EndpointSlice> slices = Map.of(
            "db", Serialization.unmarshal(DB_SLICE, EndpointSlice.class),
            "twins", Serialization.unmarshal(TWINS_SLICE, EndpointSlice.class));
    private DnsServer server;

    @BeforeEach
    void start() throws IOException {
        ServiceDirectory directory = new ServiceDirectory() {
            @Override
            public Optional<Service> service(ObjectKey key) {
                return services.stream()
                        .filter(service -> service.getMetadata().getName().equals(key.name())
                                && service.getMetadata().getNamespace().equals(key.namespace()))
                        .findFirst();
            }

            @Override
            public List<Service> services() {
                return services;
            }

            @Override
            public Collection<EndpointSlice> slices(ObjectKey service) {
                return Optional.ofNullable(slices.get(service.name())).stream().toList();
            }
        };
        ClusterZone zone = new ClusterZone("cluster.local", Duration.ofSeconds(5), directory);
        server = onSomePort(new DnsResponder(zone, Upstream.of(List.of())));
    }

    /** The port that the kernel gives for datagrams may be somebody's for streams: then another one. */
    private static DnsServer onSomePort(DnsResponder responder) throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                return new DnsServer(InetAddress.getLoopbackAddress(), 0, responder, new SimpleMeterRegistry());
            } catch (BindException taken) {
                if (attempt == 20) {
                    throw taken;
                }
            }
        }
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource(delimiter = '|', textBlock = """
                    web.shop.svc.cluster.local              | A    | 10.96.0.5
                    WEB.Shop.svc.cluster.local              | A    | 10.96.0.5
                    web.shop.svc.cluster.local              | AAAA | ''
                    db.shop.svc.cluster.local               | A    | 10.244.0.7 10.244.0.8
                    db-0.db.shop.svc.cluster.local          | A    | 10.244.0.7
                    10-244-0-8.db.shop.svc.cluster.local    | A    | 10.244.0.8
                    _http._tcp.web.shop.svc.cluster.local   | SRV  | 0 100 80 web.shop.svc.cluster.local.
                    _sql._tcp.twins.shop.svc.cluster.local  | SRV  | 0 100 5432 twin.twins.shop.svc.cluster.local.
                    twin.twins.shop.svc.cluster.local       | A    | 10.244.1.7 10.244.1.8
                    elsewhere.shop.svc.cluster.local        | A    | web.shop.svc.cluster.local. 10.96.0.5
                    10-244-0-8.shop.pod.cluster.local       | A    | 10.244.0.8
                    5.0.96.10.in-addr.arpa                  | PTR  | web.shop.svc.cluster.local.
                    7.0.244.10.in-addr.arpa                 | PTR  | db-0.db.shop.svc.cluster.local.
                    dns-version.cluster.local               | TXT  | 1.1.0
                    shop.svc.cluster.local                  | A    | ''
                    """)
    void answers(String name, String type, String expected) throws IOException {
        Message answer = ask(name, type, false);
        assertThat(answer.getRcode()).isEqualTo(Rcode.NOERROR);
        assertThat(data(answer)).isEqualTo(expected);
        assertThat(data(ask(name, type, true))).isEqualTo(expected);
    }

    @ParameterizedTest(name = "{0} {1} is {2}")
    @CsvSource({
        "nosuch.shop.svc.cluster.local, A, NXDOMAIN",
        "empty.shop.svc.cluster.local, A, NXDOMAIN",
        "_http._udp.web.shop.svc.cluster.local, SRV, NXDOMAIN",
        "web.shop.cluster.local, A, NXDOMAIN",
        "9.9.96.10.in-addr.arpa, PTR, SERVFAIL",
        "example.com, A, SERVFAIL"
    })
    void refusals(String name, String type, String code) throws IOException {
        Message answer = ask(name, type, false);
        assertThat(Rcode.string(answer.getRcode())).isEqualTo(code);
        assertThat(answer.getSection(Section.ANSWER)).isEmpty();
    }

    @Test
    void aNegativeAnswerMayBeKeptAsLongAsItsAuthoritySays() throws IOException {
        assertThat(ask("nosuch.shop.svc.cluster.local", "A", false).getSection(Section.AUTHORITY))
                .singleElement()
                .satisfies(authority -> assertThat(authority.getType()).isEqualTo(Type.SOA));
    }

    private Message ask(String name, String type, boolean tcp) throws IOException {
        SimpleResolver resolver = new SimpleResolver(InetAddress.getLoopbackAddress());
        resolver.setPort(server.port());
        resolver.setTCP(tcp);
        resolver.setTimeout(Duration.ofSeconds(5));
        return resolver.send(
                Message.newQuery(Record.newRecord(Name.fromString(name + "."), Type.value(type), DClass.IN)));
    }

    private static String data(Message answer) {
        List<String> data = new ArrayList<>();
        answer.getSection(Section.ANSWER).forEach(record -> data.add(record.rdataToString()));
        return String.join(" ", data);
    }
}
