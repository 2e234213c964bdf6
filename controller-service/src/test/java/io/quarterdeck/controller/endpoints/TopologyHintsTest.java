package io.quarterdeck.controller.endpoints;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.quarterdeck.reconcile.Action;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TopologyHintsTest {

    private static final ZoneShares THIRDS = ZoneShares.of(List.of(node("a", "2"), node("b", "2"), node("c", "2")));

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(delimiter = '|', textBlock = """
            2-2-2 | {a=2, b=2, c=2} |
            4-1-1 | {a=2, b=2, c=2} |
            6-0-0 | {a=2, b=2, c=2} |
            1-1-1 | {a=1, b=1, c=1} |
            1-1-0 | {}              | Insufficient number of endpoints (2 endpoints, 3 zones)
            2-1-1 | {}              | Unable to allocate minimum required endpoints to each zone without exceeding overload threshold (4 endpoints, 3 zones)
            """)
    void sharesOutByCpu(String spread, String expected, String refusal) {
        TopologyHints.Outcome outcome = apply(THIRDS, List.of(new Action.Create(slice("new", endpoints(spread)))));

        assertThat(outcome.refusal()).isEqualTo(refusal == null ? "" : refusal);
        assertThat(TopologyHints.count(slices(outcome))).hasToString(expected);
    }

    @Test
    void leavesSlicesThatFitAlone() {
        EndpointSlice hinted = slices(apply(THIRDS, List.of(new Action.Create(slice("one", endpoints("2-2-2"))))))
                .getFirst();

        assertThat(apply(THIRDS, List.of(), hinted)).isEqualTo(new TopologyHints.Outcome(List.of(), ""));
    }

    @Test
    void takesHintsAwayWhenANodeHasNoZone() {
        EndpointSlice hinted = slices(apply(THIRDS, List.of(new Action.Create(slice("one", endpoints("2-2-2"))))))
                .getFirst();

        TopologyHints.Outcome outcome = apply(ZoneShares.of(List.of(node("a", "2"), node("", "2"))), List.of(), hinted);

        assertThat(outcome.refusal()).startsWith("Insufficient Node information");
        assertThat(slices(outcome))
                .singleElement()
                .satisfies(slice -> assertThat(slice.getEndpoints())
                        .allSatisfy(endpoint -> assertThat(endpoint.getHints()).isNull()));
    }

    @Test
    void meansNobodyToUseWhatIsNotReady() {
        List<Endpoint> endpoints = endpoints("2-2-2");
        endpoints.add(endpoint("a", "10.0.9.9", false));

        List<EndpointSlice> slices = slices(apply(THIRDS, List.of(new Action.Create(slice("new", endpoints)))));

        assertThat(slices.getFirst().getEndpoints().getLast().getHints()).isNull();
    }

    @Test
    void knowsWhenAZoneIsOverloaded() {
        assertThat(THIRDS.overloaded(Map.of("a", 2, "b", 2, "c", 2))).isFalse();
        assertThat(THIRDS.overloaded(Map.of("a", 4, "b", 1, "c", 1))).isTrue();
        assertThat(THIRDS.overloaded(Map.of("a", 3, "b", 3))).isTrue();
        assertThat(new ZoneShares(Map.of()).overloaded(Map.of("a", 1))).isTrue();
        assertThat(THIRDS.overloaded(Map.of())).isFalse();
    }

    private static TopologyHints.Outcome apply(ZoneShares shares, List<Action> actions, EndpointSlice... existing) {
        return new TopologyHints(shares, "IPv4").apply(actions, List.of(existing));
    }

    private static List<EndpointSlice> slices(TopologyHints.Outcome outcome) {
        return outcome.actions().stream()
                .map(action -> switch (action) {
                    case Action.Create(EndpointSlice slice) -> slice;
                    case Action.Update(EndpointSlice slice) -> slice;
                    default -> throw new AssertionError(action.toString());
                })
                .toList();
    }

    private static EndpointSlice slice(String name, List<Endpoint> endpoints) {
        return new EndpointSliceBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .withAddressType("IPv4")
                .withEndpoints(endpoints)
                .build();
    }

    private static List<Endpoint> endpoints(String spread) {
        List<Endpoint> endpoints = new ArrayList<>();
        List<Integer> counts =
                Arrays.stream(spread.split("-")).map(Integer::valueOf).toList();
        for (int zone = 0; zone < counts.size(); zone++) {
            for (int i = 0; i < counts.get(zone); i++) {
                endpoints.add(endpoint("abc".substring(zone, zone + 1), "10.0.%d.%d".formatted(zone, i), true));
            }
        }
        return endpoints;
    }

    private static Endpoint endpoint(String zone, String address, boolean ready) {
        return new EndpointBuilder()
                .withAddresses(address)
                .withZone(zone)
                .withNewConditions()
                .withReady(ready)
                .endConditions()
                .build();
    }

    private static Node node(String zone, String cpu) {
        return new NodeBuilder()
                .withNewMetadata()
                .withName("node-" + zone)
                .withLabels(zone.isEmpty() ? Map.of() : Map.of("topology.kubernetes.io/zone", zone))
                .endMetadata()
                .withNewStatus()
                .withAllocatable(Map.of("cpu", new Quantity(cpu)))
                .addNewCondition()
                .withType("Ready")
                .withStatus("True")
                .endCondition()
                .endStatus()
                .build();
    }
}
