package io.quarterdeck.api.authz;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarterdeck.api.settings.ConfigurationFile;
import io.quarterdeck.model.FieldError;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

/** AuthorizationConfigurations with one mistake each, and what kube-apiserver 1.36.2 says of them. */
class AuthorizationRulesTest {

    private static ObjectNode configuration(String authorizers) {
        return ConfigurationFile.parse(
                "{apiVersion: apiserver.config.k8s.io/v1, kind: AuthorizationConfiguration, authorizers: %s}"
                        .formatted(authorizers),
                "test");
    }

    /** A webhook that could be meant, with one part of it replaced. */
    private static String webhook(String part) {
        String name = part.substring(0, part.indexOf(':'));
        String whole = Stream.of(
                        "timeout: 3s",
                        "subjectAccessReviewVersion: v1",
                        "matchConditionSubjectAccessReviewVersion: v1",
                        "failurePolicy: Deny",
                        "connectionInfo: {type: KubeConfigFile, kubeConfigFile: /there}",
                        "matchConditions: [{expression: \"has(request.resourceAttributes)\"}]")
                .map(line -> line.startsWith(name + ":") ? part : line)
                .reduce((left, right) -> left + ", " + right)
                .orElseThrow();
        return "[{type: Webhook, name: hook, webhook: {%s}}]"
                .formatted(whole.contains(part) ? whole : whole + ", " + part);
    }

    private static String findings(ObjectNode configuration) {
        return String.join(
                "; ",
                AuthorizationRules.check(
                                configuration, path -> path.equals("/there") ? "" : "error loading file: not there")
                        .stream()
                        .map(FieldError::toString)
                        .toList());
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            [] | authorizers: Required value: at least one authorization mode must be defined
            [{name: x}] | authorizers[0].type: Required value
            [{type: Foo, name: x}] | authorizers[0].type: Unsupported value: "Foo": supported values: "ABAC", "AlwaysAllow", "AlwaysDeny", "Node", "RBAC", "Webhook"
            [{type: RBAC, name: rbac}, {type: RBAC, name: other}] | authorizers[1].type: Duplicate value: "RBAC"
            [{type: RBAC}] | authorizers[0].name: Required value
            [{type: RBAC, name: rbac}, {type: Node, name: rbac}] | authorizers[1].name: Duplicate value: "rbac"
            [{type: Webhook, name: h}] | authorizers[0].webhook: Required value: required when type=Webhook
            [{type: RBAC, name: rbac, webhook: {timeout: 3s}}] | authorizers[0].webhook: Invalid value: "non-null": may only be specified when type=Webhook
            [{type: Webhook, name: h, webhook: {}}] | authorizers[0].timeout: Required value; authorizers[0].subjectAccessReviewVersion: Required value; authorizers[0].failurePolicy: Required value; authorizers[0].connectionInfo.type: Required value
            [{type: RBAC, name: rbac}, {type: Node, name: node}, {type: AlwaysDeny, name: alwaysdeny}] | ``
            """)
    void authorizersAreJudged(String authorizers, String findings) {
        assertThat(findings(configuration(authorizers))).isEqualTo(findings);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            timeout: 30s | ``
            timeout: 31s | authorizers[0].timeout: Invalid value: "31s": must be > 0s and <= 30s
            timeout: -1s | authorizers[0].timeout: Invalid value: "-1s": must be > 0s and <= 30s
            authorizedTTL: 0s | ``
            unauthorizedTTL: -2s | authorizers[0].unauthorizedTTL: Invalid value: "-2s": must be > 0s
            subjectAccessReviewVersion: v2 | authorizers[0].subjectAccessReviewVersion: Unsupported value: "v2": supported values: "v1", "v1beta1"
            matchConditionSubjectAccessReviewVersion: v1beta1 | authorizers[0].matchConditionSubjectAccessReviewVersion: Unsupported value: "v1beta1": supported values: "v1"
            matchConditionSubjectAccessReviewVersion: | authorizers[0].matchConditionSubjectAccessReviewVersion: Required value: required if match conditions are specified
            failurePolicy: Maybe | authorizers[0].failurePolicy: Unsupported value: "Maybe": supported values: "NoOpinion", "Deny"
            connectionInfo: {type: Foo} | authorizers[0].connectionInfo.type: Unsupported value: {"Type":"Foo","KubeConfigFile":null}: supported values: "InClusterConfig", "KubeConfigFile"
            connectionInfo: {type: KubeConfigFile} | authorizers[0].connectionInfo.kubeConfigFile: Required value
            connectionInfo: {type: KubeConfigFile, kubeConfigFile: a/b} | authorizers[0].connectionInfo.kubeConfigFile: Invalid value: "a/b": must be an absolute path
            connectionInfo: {type: KubeConfigFile, kubeConfigFile: /a} | authorizers[0].connectionInfo.kubeConfigFile: Invalid value: "/a": error loading file: not there
            connectionInfo: {type: InClusterConfig, kubeConfigFile: /a} | authorizers[0].connectionInfo.kubeConfigFile: Invalid value: "/a": can only be set when type=KubeConfigFile
            matchConditions: [{expression: ""}] | authorizers[0].matchConditions[0].expression: Required value
            matchConditions: [{expression: "true"}, {expression: "true"}] | authorizers[0].matchConditions[1].expression: Duplicate value: "true"
            matchConditions: [{expression: "request.groups"}] | authorizers[0].matchConditions[0].expression: Invalid value: "request.groups": must evaluate to bool but got list(string)
            matchConditions: [{expression: "request.resourceAttributes.fieldSelector.requirements.exists(r, r.key == 'a')"}] | ``
            """)
    void webhooksAreJudged(String part, String findings) {
        assertThat(findings(configuration(webhook(part)))).isEqualTo(findings);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            3 | json: cannot unmarshal number into Go struct field AuthorizationConfiguration.authorizers of type []v1.AuthorizerConfiguration
            [{type: 3, name: x}] | json: cannot unmarshal number into Go struct field AuthorizerConfiguration.authorizers.type of type string
            [{type: Webhook, webhook: {timeout: x}}] | time: invalid duration "x"
            [{type: Webhook, webhook: {timeout: 3}}] | json: cannot unmarshal number into Go struct field WebhookConfiguration.authorizers.webhook.timeout of type string
            [{type: Webhook, foo: 1, webhook: {bar: 1}}] | strict decoding error: unknown field "authorizers[0].foo", unknown field "authorizers[0].webhook.bar"
            """)
    void whatCannotBeReadIsTold(String authorizers, String problem) {
        assertThat(AuthorizationFile.problem(configuration(authorizers))).isEqualTo(problem);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{type: RBAC, name: roles}", "{type: Node, name: nodes}"})
    void whatThereIsOnceIsCalledByItsType(String authorizer) {
        assertThat(AuthorizationRules.misnamed(configuration("[" + authorizer + "]")))
                .singleElement()
                .asString()
                .matches("expected name (rbac|node) for authorizer (RBAC|Node) instead of (roles|nodes)");
        assertThat(AuthorizationRules.misnamed(configuration("[{type: RBAC, name: rbac}]")))
                .isEmpty();
    }
}
