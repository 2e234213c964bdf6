package io.quarterdeck.controller.policystatus;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.PartialObjectMetadata;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingAdmissionPolicy;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.quarterdeck.client.ResourceType;
import io.quarterdeck.controller.Discovery.Served;
import io.quarterdeck.model.GroupVersionKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;

/** The texts are those of upstream's controller for the same policies. */
class TypeCheckerTest {

    private static final String APPS = """
            {"components": {"schemas": {
              "Deployment": {"type": "object",
                "x-kubernetes-group-version-kind": [{"group": "apps", "version": "v1", "kind": "Deployment"}],
                "properties": {
                  "apiVersion": {"type": "string"}, "kind": {"type": "string"},
                  "metadata": {"allOf": [{"$ref": "#/components/schemas/Meta"}], "default": {}},
                  "spec": {"$ref": "#/components/schemas/Spec"}}},
              "Meta": {"type": "object", "properties": {
                "name": {"type": "string"}, "generateName": {"type": "string"},
                "creationTimestamp": {"type": "string", "format": "date-time"},
                "labels": {"type": "object", "additionalProperties": {"type": "string"}}}},
              "Spec": {"type": "object", "properties": {
                "replicas": {"type": "integer"},
                "maxSurge": {"oneOf": [{"type": "integer"}, {"type": "string"}], "format": "int-or-string"},
                "amount": {"oneOf": [{"type": "string"}, {"type": "number"}]},
                "inner": {"$ref": "#/components/schemas/Spec"},
                "containers": {"type": "array", "items": {"$ref": "#/components/schemas/Container"}}}},
              "Container": {"type": "object", "properties": {"image": {"type": "string"}}}}}}""";
    private static final String CORE = """
            {"components": {"schemas": {"ConfigMap": {"type": "object",
              "x-kubernetes-group-version-kind": [{"group": "", "version": "v1", "kind": "ConfigMap"}],
              "properties": {"data": {"type": "object", "additionalProperties": {"type": "string"}}}}}}}""";

    private static final OpenApiSchemas SCHEMAS = new OpenApiSchemas(path -> switch (path) {
        case "/openapi/v3/apis/apps/v1" -> Optional.of(JsonMapper.shared().readTree(APPS));
        case "/openapi/v3/api/v1" -> Optional.of(JsonMapper.shared().readTree(CORE));
        default -> Optional.empty();
    });

    private static ValidatingAdmissionPolicy policy(String spec) {
        return Serialization.unmarshal(
                "{\"metadata\": {\"name\": \"p\"}, \"spec\": {" + spec + "}}", ValidatingAdmissionPolicy.class);
    }

    private static GroupVersionKind kind(String apiVersion, String kind) {
        return GroupVersionKind.of(apiVersion, kind);
    }

    private static List<TypeChecker.Warning> check(String spec, GroupVersionKind... kinds) {
        return new TypeChecker(SCHEMAS::of).check(policy(spec), List.of(kinds));
    }

    static Stream<Arguments> expressions() {
        return Stream.of(
                Arguments.of("object.spec.replicas > 5", ""),
                Arguments.of(
                        "object.foo == 'bar'",
                        "ERROR: <input>:1:7: undefined field 'foo'\n | object.foo == 'bar'\n | ......^"),
                Arguments.of(
                        "object.spec.replicas == 'three'",
                        "ERROR: <input>:1:22: found no matching overload for '_==_' applied to '(int, string)'\n"
                                + " | object.spec.replicas == 'three'\n | .....................^"),
                Arguments.of(
                        "object.spec.containers.all(c, c.image.startsWith('x') && c.nope == 1)",
                        "ERROR: <input>:1:59: undefined field 'nope'\n"
                                + " | object.spec.containers.all(c, c.image.startsWith('x') && c.nope == 1)\n"
                                + " | ..........................................................^"),
                Arguments.of("object.spec.maxSurge == 1 || object.spec.maxSurge == '25%'", ""),
                Arguments.of(
                        "object.spec.amount == '1'",
                        "ERROR: <input>:1:12: undefined field 'amount'\n"
                                + " | object.spec.amount == '1'\n | ...........^"),
                Arguments.of("object.spec.inner == object.spec.inner", ""),
                Arguments.of(
                        "object.spec.inner.replicas == 1",
                        "ERROR: <input>:1:18: undefined field 'replicas'\n"
                                + " | object.spec.inner.replicas == 1\n | .................^"),
                Arguments.of(
                        "object.metadata.creationTimestamp > '2020'",
                        "ERROR: <input>:1:35: found no matching overload for '_>_' applied to '(timestamp, string)'\n"
                                + " | object.metadata.creationTimestamp > '2020'\n"
                                + " | ..................................^"),
                Arguments.of(
                        "object.spec == object.metadata",
                        "ERROR: <input>:1:13: found no matching overload for '_==_' applied to"
                                + " '(Deployment.spec, Deployment.metadata)'\n"
                                + " | object.spec == object.metadata\n | ............^"),
                Arguments.of("authorizer.group('').resource('pods').check('get').allowed()", ""),
                Arguments.of(
                        "authorizer.requestResource.check('get').allowed()",
                        "ERROR: <input>:1:11: unexpected failed resolution of 'kubernetes.authorization.Authorizer'\n"
                                + " | authorizer.requestResource.check('get').allowed()\n | ..........^"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("expressions")
    void anExpressionMeetsADeployment(String expression, String warning) {
        List<TypeChecker.Warning> found =
                check("\"validations\": [{\"expression\": \"" + expression + "\"}]", kind("apps/v1", "Deployment"));

        assertThat(found)
                .isEqualTo(
                        warning.isEmpty()
                                ? List.of()
                                : List.of(new TypeChecker.Warning(
                                        "spec.validations[0].expression",
                                        "apps/v1, Kind=Deployment: " + warning + "\n")));
    }

    @Test
    void eachKindAndEachExpressionIsTold() {
        List<TypeChecker.Warning> found = check(
                "\"validations\": [{\"expression\": \"true\"},"
                        + " {\"expression\": \"object.x == 1\", \"messageExpression\": \"object.y\"}]",
                kind("v1", "ConfigMap"),
                kind("apps/v1", "Deployment"),
                kind("nobody.io/v1", "Unknown"));

        assertThat(found)
                .extracting(TypeChecker.Warning::fieldRef)
                .containsExactly("spec.validations[1].expression", "spec.validations[1].messageExpression");
        assertThat(found.getFirst().warning())
                .isEqualTo(
                        "/v1, Kind=ConfigMap: ERROR: <input>:1:7: undefined field 'x'\n | object.x == 1\n | ......^\n"
                                + "\napps/v1, Kind=Deployment: ERROR: <input>:1:7: undefined field 'x'\n"
                                + " | object.x == 1\n | ......^\n");
    }

    @Test
    void parametersHaveTheirTypeAndVariablesTheirs() {
        String params = "\"paramKind\": {\"apiVersion\": \"v1\", \"kind\": \"ConfigMap\"}, \"variables\":"
                + " [{\"name\": \"wrong\", \"expression\": \"object.x == 1\"}, {\"name\": \"n\", \"expression\": \"object.spec.replicas\"}],"
                + "\"validations\": [{\"expression\": \"%s\"}]";

        assertThat(check(params.formatted("params.data.a == 'x'"), kind("apps/v1", "Deployment")))
                .isEmpty();
        assertThat(check(params.formatted("params.data.a == variables.n"), kind("apps/v1", "Deployment")))
                .singleElement()
                .extracting(TypeChecker.Warning::warning)
                .asString()
                .contains("found no matching overload for '_==_' applied to '(string, int)'");
        assertThat(check(params.formatted("variables.wrong == 1"), kind("apps/v1", "Deployment")))
                .as("a variable that is wrong itself")
                .isEmpty();
        assertThat(check(
                        params.replace("ConfigMap", "Unknown").formatted("params.whatever == 1"),
                        kind("apps/v1", "Deployment")))
                .as("parameters that nobody knows")
                .isEmpty();
    }

    private static Served served(String group, String version, String plural, String kind) {
        return new Served(
                new ResourceType<>(group, version, plural, kind, true, PartialObjectMetadata.class),
                kind.toLowerCase(Locale.ROOT),
                Set.of());
    }

    private static String rule(String groups, String versions, String resources) {
        return "{\"apiGroups\": [%s], \"apiVersions\": [%s], \"resources\": [%s], \"operations\": [\"*\"]}"
                .formatted(groups, versions, resources);
    }

    static Stream<Arguments> rules() {
        String apps = "\"apps\"";
        String v1 = "\"v1\"";
        return Stream.of(
                Arguments.of("one", rule(apps, v1, "\"deployments\""), List.of("apps/v1 Deployment")),
                Arguments.of("its singular", rule(apps, v1, "\"Deployment\""), List.of("apps/v1 Deployment")),
                Arguments.of("a subresource", rule(apps, v1, "\"deployments/scale\""), List.of()),
                Arguments.of("any resource", rule(apps, v1, "\"*\""), List.of()),
                Arguments.of("any version", rule(apps, "\"*\"", "\"deployments\""), List.of()),
                Arguments.of("any group", rule("\"*\"", v1, "\"deployments\""), List.of()),
                Arguments.of("nobody's", rule("\"a.io\"", v1, "\"deployments\""), List.of()),
                Arguments.of(
                        "the core group means all",
                        rule("\"\"", v1, "\"events\""),
                        List.of("/v1 Event", "events.k8s.io/v1 Event")),
                Arguments.of(
                        "two rules, in order of group and kind",
                        rule(apps, v1, "\"deployments\"") + "," + rule("\"\"", v1, "\"pods\""),
                        List.of("/v1 Pod", "apps/v1 Deployment")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rules")
    void kindsAreThoseThatRulesName(String name, String rules, List<String> kinds) {
        List<Served> served = List.of(
                served("apps", "v1", "deployments", "Deployment"),
                served("events.k8s.io", "v1", "events", "Event"),
                served("", "v1", "events", "Event"),
                served("", "v1", "pods", "Pod"));

        assertThat(MatchedKinds.of(policy("\"matchConstraints\": {\"resourceRules\": [" + rules + "]}"), served))
                .extracting(kind -> kind.group() + "/" + kind.version() + " " + kind.kind())
                .isEqualTo(kinds);
    }

    @Test
    void tenKindsOfARuleAreEnough() {
        List<Served> served = new ArrayList<>();
        StringBuilder named = new StringBuilder("\"x0\"");
        for (int i = 0; i < 12; i++) {
            served.add(served("", "v1", "x" + i, "X" + i));
            named.append(",\"x").append(i).append('"');
        }
        String rules = rule("\"\"", "\"v1\"", named.toString());

        assertThat(MatchedKinds.of(policy("\"matchConstraints\": {\"resourceRules\": [" + rules + "]}"), served))
                .extracting(GroupVersionKind::kind)
                .containsExactly("X0", "X1", "X10", "X11", "X2", "X3", "X4", "X5", "X6");
    }
}
