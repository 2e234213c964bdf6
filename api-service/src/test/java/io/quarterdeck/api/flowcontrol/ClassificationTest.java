package io.quarterdeck.api.flowcontrol;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarterdeck.api.authn.User;
import io.quarterdeck.api.authz.AccessRequest;
import io.quarterdeck.api.flowcontrol.SeatAllocation.Bounds;
import io.quarterdeck.api.flowcontrol.SeatAllocation.Demand;
import io.quarterdeck.api.testing.Stored;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClassificationTest {

    private static FlowSchema schema(String subject, String resourceRule, String pathRule) {
        return FlowSchema.of(Stored.json("""
                {"metadata":{"name":"s","uid":"u"},"spec":{"priorityLevelConfiguration":{"name":"l"},
                "distinguisherMethod":{"type":"ByUser"},
                "rules":[{"subjects":[%s],"resourceRules":[%s],"nonResourceRules":[%s]}]}}
                """.formatted(subject, resourceRule, pathRule)));
    }

    private static User user(String name, String... groups) {
        return new User(name, "", List.of(groups), Map.of());
    }

    private static AccessRequest pods(User user, String verb, String resource, String namespace) {
        String[] parts = resource.split("/");
        return AccessRequest.resource(user, verb, "", "v1", parts[0], parts.length > 1 ? parts[1] : "", namespace, "");
    }

    @ParameterizedTest(name = "{0} as {1}: {2}")
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"kind\":\"User\",\"user\":{\"name\":\"jane\"}}|jane|true",
                "{\"kind\":\"User\",\"user\":{\"name\":\"jane\"}}|joe|false",
                "{\"kind\":\"User\",\"user\":{\"name\":\"*\"}}|joe|true",
                "{\"kind\":\"Group\",\"group\":{\"name\":\"devs\"}}|jane|true",
                "{\"kind\":\"Group\",\"group\":{\"name\":\"ops\"}}|jane|false",
                "{\"kind\":\"ServiceAccount\",\"serviceAccount\":{\"namespace\":\"a\",\"name\":\"*\"}}|system:serviceaccount:a:x|true",
                "{\"kind\":\"ServiceAccount\",\"serviceAccount\":{\"namespace\":\"a\",\"name\":\"y\"}}|system:serviceaccount:a:x|false",
                "{\"kind\":\"ServiceAccount\",\"serviceAccount\":{\"namespace\":\"b\",\"name\":\"*\"}}|system:serviceaccount:a:x|false",
            })
    void subjects(String subject, String name, boolean matches) {
        FlowSchema schema = schema(
                subject,
                "{\"verbs\":[\"*\"],\"apiGroups\":[\"*\"],\"resources\":[\"*\"],\"namespaces\":[\"*\"],\"clusterScope\":true}",
                "");
        assertThat(schema.matches(pods(user(name, "devs"), "get", "pods", "x"))).isEqualTo(matches);
    }

    @ParameterizedTest(name = "{0}: {1} {2} in \"{3}\": {4}")
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"verbs\":[\"get\"],\"apiGroups\":[\"\"],\"resources\":[\"pods\"],\"namespaces\":[\"a\"]}|get|pods|a|true",
                "{\"verbs\":[\"get\"],\"apiGroups\":[\"\"],\"resources\":[\"pods\"],\"namespaces\":[\"a\"]}|list|pods|a|false",
                "{\"verbs\":[\"get\"],\"apiGroups\":[\"apps\"],\"resources\":[\"pods\"],\"namespaces\":[\"a\"]}|get|pods|a|false",
                "{\"verbs\":[\"get\"],\"apiGroups\":[\"\"],\"resources\":[\"pods\"],\"namespaces\":[\"a\"]}|get|pods/log|a|false",
                "{\"verbs\":[\"get\"],\"apiGroups\":[\"\"],\"resources\":[\"pods/log\"],\"namespaces\":[\"*\"]}|get|pods/log|a|true",
                "{\"verbs\":[\"get\"],\"apiGroups\":[\"\"],\"resources\":[\"*\"],\"namespaces\":[\"b\"]}|get|pods|a|false",
                "{\"verbs\":[\"get\"],\"apiGroups\":[\"\"],\"resources\":[\"*\"],\"namespaces\":[\"*\"]}|get|nodes||false",
                "{\"verbs\":[\"get\"],\"apiGroups\":[\"\"],\"resources\":[\"*\"],\"clusterScope\":true}|get|nodes||true",
                "{\"verbs\":[\"get\"],\"apiGroups\":[\"\"],\"resources\":[\"*\"],\"clusterScope\":true}|get|pods|a|false",
            })
    void resources(String rule, String verb, String resource, String namespace, boolean matches) {
        FlowSchema schema = schema("{\"kind\":\"User\",\"user\":{\"name\":\"*\"}}", rule, "");
        assertThat(schema.matches(pods(user("jane"), verb, resource, namespace == null ? "" : namespace)))
                .isEqualTo(matches);
    }

    @ParameterizedTest(name = "{0} on {1}: {2}")
    @CsvSource({
        "*, /version, true",
        "/version, /version, true",
        "/healthz/*, /healthz/ping, true",
        "/healthz, /healthz/ping, true",
        "/healthz*, /healthzz, false",
        "/a, /b, false",
        "/a, /ab, false"
    })
    void paths(String rule, String path, boolean matches) {
        FlowSchema schema = schema(
                "{\"kind\":\"User\",\"user\":{\"name\":\"*\"}}",
                "",
                "{\"verbs\":[\"get\"],\"nonResourceURLs\":[\"" + rule + "\"]}");
        assertThat(schema.matches(AccessRequest.path(user("jane"), "get", path)))
                .isEqualTo(matches);
    }

    @ParameterizedTest(name = "{0} of {1} stored, page {2}: {3} seats")
    @CsvSource({
        "get, 5000, 0, 1",
        "list, 0, 0, 1",
        "list, 100, 0, 1",
        "list, 101, 0, 2",
        "list, 5000, 0, 10",
        "list, 5000, 100, 2",
        "list, -1, 0, 10",
        "create, 5000, 0, 1"
    })
    void estimates(String verb, long stored, long limit, int seats) {
        assertThat(new WorkEstimate(request -> stored).seats(pods(user("jane"), verb, "pods", ""), limit))
                .isEqualTo(seats);
    }

    @Test
    void idleSeatsAreLentAndComeBack() {
        List<Bounds> bounds = List.of(new Bounds(50, 25, 100), new Bounds(50, 50, 100));
        assertThat(SeatAllocation.current(100, bounds, List.of(new Demand(0, 0, 0, 0), new Demand(90, 90, 0, 0)))
                        .seats())
                .as("half of the idle one's seats")
                .containsExactly(25, 75);
        assertThat(SeatAllocation.current(100, bounds, List.of(new Demand(80, 80, 0, 0), new Demand(90, 90, 0, 0)))
                        .seats())
                .as("each has its own")
                .containsExactly(50, 50);
        int[] idle = SeatAllocation.current(100, bounds, List.of(new Demand(0, 0, 0, 0), new Demand(0, 0, 0, 0)))
                .seats();
        assertThat(Arrays.stream(idle).sum()).isLessThanOrEqualTo(100);
        assertThat(idle[1]).isGreaterThanOrEqualTo(50);
    }

    /** At a first start schemas come one by one, and the widest may be there before that of the administrators. */
    @Test
    void administratorsNeverWaitWhicheverSchemasAreThere() {
        FlowSchema everybodys = schema(
                "{\"kind\":\"Group\",\"group\":{\"name\":\"*\"}}",
                "{\"verbs\":[\"*\"],\"apiGroups\":[\"*\"],\"resources\":[\"*\"],\"namespaces\":[\"*\"]}",
                "");
        Set<String> levels = Set.of("exempt", "catch-all", "l");
        AccessRequest administrators = pods(user("root", User.MASTERS, User.AUTHENTICATED), "create", "pods", "x");
        AccessRequest janes = pods(user("jane", User.AUTHENTICATED), "create", "pods", "x");

        assertThat(first(FlowSchema.inOrder(Map.of(), levels), administrators)).isEqualTo("exempt");
        assertThat(first(FlowSchema.inOrder(Map.of(), levels), janes)).isEqualTo("catch-all");
        Map<String, FlowSchema> some = Map.of("s", everybodys);
        assertThat(first(FlowSchema.inOrder(some, levels), administrators)).isEqualTo("exempt");
        assertThat(first(FlowSchema.inOrder(some, levels), janes)).isEqualTo("l");
        assertThat(first(FlowSchema.inOrder(some, Set.of("exempt", "catch-all")), janes))
                .as("the schema of a level that is not there")
                .isEqualTo("catch-all");
    }

    private static String first(List<FlowSchema> inOrder, AccessRequest request) {
        return inOrder.stream()
                .filter(schema -> schema.matches(request))
                .findFirst()
                .orElseThrow()
                .level();
    }
}
