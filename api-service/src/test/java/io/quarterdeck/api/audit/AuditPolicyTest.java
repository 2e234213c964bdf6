package io.quarterdeck.api.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarterdeck.api.authn.User;
import io.quarterdeck.api.authz.AccessRequest;
import io.quarterdeck.api.settings.ConfigurationFile;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AuditPolicyTest {

    private static final User JANE = new User("jane", "", List.of("devs", "system:authenticated"), Map.of());

    private static AuditPolicy policy(String rules) {
        return AuditPolicy.of(ConfigurationFile.parse(
                "apiVersion: audit.k8s.io/v1\nkind: Policy\n" + rules, "policy", "Policy", Set.of("audit.k8s.io/v1")));
    }

    private static AccessRequest ask(String verb, String group, String resource, String namespace, String name) {
        String[] parts = resource.split("/");
        return AccessRequest.resource(
                JANE, verb, group, "v1", parts[0], parts.length > 1 ? parts[1] : "", namespace, name);
    }

    @ParameterizedTest(name = "{0}: {2} {4} in \"{5}\" is {1}")
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "user|Metadata|{users: [jane]}|get|pods|a|p",
                "another user|None|{users: [joe]}|get|pods|a|p",
                "group|Metadata|{userGroups: [devs]}|get|pods|a|p",
                "another group|None|{userGroups: [ops]}|get|pods|a|p",
                "verb|Metadata|{verbs: [get]}|get|pods|a|p",
                "another verb|None|{verbs: [list]}|get|pods|a|p",
                "a whole group|Metadata|{resources: [{group: ''}]}|get|pods|a|p",
                "another API group|None|{resources: [{group: apps}]}|get|pods|a|p",
                "a resource|Metadata|{resources: [{group: '', resources: [pods]}]}|get|pods|a|p",
                "a resource is not its subresource|None|{resources: [{group: '', resources: [pods]}]}|get|pods/log|a|p",
                "a subresource|Metadata|{resources: [{group: '', resources: [pods/log]}]}|get|pods/log|a|p",
                "any subresource|Metadata|{resources: [{group: '', resources: ['pods/*']}]}|get|pods/log|a|p",
                "any subresource is not the resource|None|{resources: [{group: '', resources: ['pods/*']}]}|get|pods|a|p",
                "a subresource of any|Metadata|{resources: [{group: '', resources: ['*/log']}]}|get|pods/log|a|p",
                "everything|Metadata|{resources: [{group: '', resources: ['*']}]}|get|pods/log|a|p",
                "a name|Metadata|{resources: [{group: '', resources: [pods], resourceNames: [p]}]}|get|pods|a|p",
                "another name|None|{resources: [{group: '', resources: [pods], resourceNames: [q]}]}|get|pods|a|p",
                "a namespace|Metadata|{namespaces: [a]}|get|pods|a|p",
                "another namespace|None|{namespaces: [b]}|get|pods|a|p",
                "no namespace|Metadata|{namespaces: ['']}|get|nodes|-|n",
            })
    void matches(
            String name, String level, String rule, String verb, String resource, String namespace, String object) {
        AuditPolicy policy = policy("rules: [" + rule.replaceFirst("\\{", "{level: Metadata, ") + "]");
        AccessRequest request = ask(verb, "", resource, namespace == null ? "" : namespace, object);
        assertThat(policy.decide(request).level().text()).isEqualTo(level);
    }

    @ParameterizedTest(name = "{0} on {1}: {2}")
    @CsvSource({
        "*, /version, Metadata",
        "/version, /version, Metadata",
        "/version, /versions, None",
        "/healthz*, /healthz/ping, Metadata",
        "/healthz*, /livez, None"
    })
    void paths(String rule, String path, String level) {
        AuditPolicy policy = policy("rules: [{level: Metadata, nonResourceURLs: ['" + rule + "']}]");
        assertThat(policy.decide(AccessRequest.path(JANE, "get", path)).level().text())
                .isEqualTo(level);
        assertThat(policy.decide(ask("get", "", "pods", "a", "p")).level()).isEqualTo(AuditLevel.NONE);
    }

    @Test
    void theFirstRuleDecides() {
        AuditPolicy policy = policy("""
                omitStages: [RequestReceived]
                omitManagedFields: true
                rules:
                - {level: None, verbs: [get]}
                - {level: Request, verbs: [list], omitStages: [Panic], omitManagedFields: false}
                - {level: RequestResponse}
                """);
        assertThat(policy.decide(ask("get", "", "pods", "a", "p")).level()).isEqualTo(AuditLevel.NONE);
        AuditPolicy.Verdict list = policy.decide(ask("list", "", "pods", "a", ""));
        assertThat(list.level()).isEqualTo(AuditLevel.REQUEST);
        assertThat(list.omittedStages()).containsOnly(AuditStage.REQUEST_RECEIVED, AuditStage.PANIC);
        assertThat(list.omitManagedFields()).isFalse();
        AuditPolicy.Verdict other = policy.decide(ask("delete", "", "pods", "a", "p"));
        assertThat(other.level()).isEqualTo(AuditLevel.REQUEST_RESPONSE);
        assertThat(other.omittedStages()).containsOnly(AuditStage.REQUEST_RECEIVED);
        assertThat(other.omitManagedFields()).isTrue();
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource({"'', secrets", "'', serviceaccounts/token", "authentication.k8s.io, tokenreviews"})
    void bodiesThatAreCredentialsAreNeverRecorded(String group, String resource) {
        assertThat(policy("rules: [{level: RequestResponse}]")
                        .decide(ask("create", group, resource, "a", "x"))
                        .level())
                .isEqualTo(AuditLevel.METADATA);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "rules: [{}]|rules[0].level: Required value",
                "rules: [{level: Much}]|rules[0].level: Unsupported value: \"Much\"",
                "rules: [{level: None}, {level: None, verb: [get]}]|unknown field \"rules[1].verb\"",
                "omitStages: [Never]|invalid stage: \"Never\"",
                "rules: [{level: None, namespaces: [a], nonResourceURLs: ['*']}]|both regular resources and non-resource",
                "rules: [{level: None, nonResourceURLs: ['a*b']}]|nonResourceURLs: Invalid value: \"a*b\"",
                "rules: [{level: None, resources: [{group: apps/v1}]}]|must not contain a version",
                "rules: [{level: None, resources: [{group: '', resourceNames: [x]}]}]|requires at least one resource",
            })
    void refusesWhatIsUnclear(String rules, String message) {
        assertThatThrownBy(() -> policy(rules)).hasMessageContaining(message);
    }
}
