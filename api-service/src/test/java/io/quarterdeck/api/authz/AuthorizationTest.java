package io.quarterdeck.api.authz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

import io.quarterdeck.api.authn.Credentials;
import io.quarterdeck.api.authn.User;
import io.quarterdeck.api.bootstrap.DefaultRoles;
import io.quarterdeck.api.testing.Stored;
import io.quarterdeck.model.FieldSelector;
import io.quarterdeck.model.GroupResource;
import io.quarterdeck.model.LabelSelector;
import io.quarterdeck.model.StatusException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class AuthorizationTest {

    private static final String GROUP = "rbac.authorization.k8s.io";
    private static final GroupResource ROLES = new GroupResource(GROUP, "roles");
    private static final GroupResource CLUSTER_ROLES = new GroupResource(GROUP, "clusterroles");
    private static final GroupResource ROLE_BINDINGS = new GroupResource(GROUP, "rolebindings");
    private static final GroupResource CLUSTER_ROLE_BINDINGS = new GroupResource(GROUP, "clusterrolebindings");
    private static final GroupResource PODS = new GroupResource("", "pods");

    private final Stored stored = new Stored();
    private final RbacAuthorizer rbac = new RbacAuthorizer(stored.cache());
    private final AuthorizerChain chain = new AuthorizerChain(List.of(
            new MastersAuthorizer(),
            new NodeAuthorizer(stored.cache(), PolicyRule.of(DefaultRoles.clusterRole("system:node"))),
            rbac));
    private final Escalation escalation = new Escalation(chain, rbac);

    @AfterEach
    void close() throws Exception {
        stored.close();
    }

    private static User user(String name, String... groups) {
        return new User(name, "", List.of(groups), Map.of());
    }

    private void role(String namespace, String name, String rules) {
        String place = namespace.isEmpty() ? "" : "\"namespace\":\"" + namespace + "\",";
        stored.put(
                namespace.isEmpty() ? CLUSTER_ROLES : ROLES,
                "{\"metadata\":{" + place + "\"name\":\"" + name + "\"},\"rules\":" + rules + "}");
    }

    private void bind(String namespace, String name, String roleKind, String role, String subject) {
        String place = namespace.isEmpty() ? "" : "\"namespace\":\"" + namespace + "\",";
        stored.put(
                namespace.isEmpty() ? CLUSTER_ROLE_BINDINGS : ROLE_BINDINGS,
                "{\"metadata\":{%s\"name\":\"%s\"},\"roleRef\":{\"kind\":\"%s\",\"name\":\"%s\"},\"subjects\":[%s]}"
                        .formatted(place, name, roleKind, role, subject));
    }

    private static AccessRequest ask(User user, String verb, String resource, String namespace, String name) {
        int slash = resource.indexOf('/');
        return AccessRequest.resource(
                user,
                verb,
                "",
                "v1",
                slash < 0 ? resource : resource.substring(0, slash),
                slash < 0 ? "" : resource.substring(slash + 1),
                namespace,
                name);
    }

    @Test
    void aRoleIsInForceForTheNextRequestAndGoneWithIt() {
        AccessRequest request = ask(user("ann"), "get", "configmaps", "a", "x");
        assertThat(chain.allows(request)).isFalse();
        role("a", "r", "[{\"verbs\":[\"get\"],\"apiGroups\":[\"\"],\"resources\":[\"configmaps\"]}]");
        bind("a", "b", "Role", "r", "{\"kind\":\"User\",\"name\":\"ann\"}");
        assertThat(chain.decide(request))
                .isEqualTo(new Decision.Allow("RBAC: allowed by RoleBinding \"b/a\" of Role \"r\" to User \"ann\""));
        assertThat(chain.allows(ask(user("ann"), "get", "configmaps", "other", "x")))
                .isFalse();
        stored.remove(ROLE_BINDINGS, "a", "b");
        assertThat(chain.allows(request)).isFalse();
    }

    static Stream<Arguments> rules() {
        String pods = "\"apiGroups\":[\"\"],\"resources\":[\"pods\"]";
        return Stream.of(
                Arguments.of("verb", "{\"verbs\":[\"get\"]," + pods + "}", "get", "pods", "n", true),
                Arguments.of("other verb", "{\"verbs\":[\"get\"]," + pods + "}", "list", "pods", "", false),
                Arguments.of("every verb", "{\"verbs\":[\"*\"]," + pods + "}", "x", "pods", "n", true),
                Arguments.of(
                        "subresource is another", "{\"verbs\":[\"get\"]," + pods + "}", "get", "pods/log", "n", false),
                Arguments.of(
                        "any resource's subresource",
                        "{\"verbs\":[\"get\"],\"apiGroups\":[\"\"],\"resources\":[\"*/log\"]}",
                        "get",
                        "pods/log",
                        "n",
                        true),
                Arguments.of(
                        "name",
                        "{\"verbs\":[\"get\"],\"resourceNames\":[\"n\"]," + pods + "}",
                        "get",
                        "pods",
                        "n",
                        true),
                Arguments.of(
                        "other name",
                        "{\"verbs\":[\"get\"],\"resourceNames\":[\"n\"]," + pods + "}",
                        "get",
                        "pods",
                        "m",
                        false),
                Arguments.of(
                        "a create has no name",
                        "{\"verbs\":[\"create\"],\"resourceNames\":[\"n\"]," + pods + "}",
                        "create",
                        "pods",
                        "",
                        false),
                Arguments.of(
                        "other group",
                        "{\"verbs\":[\"get\"],\"apiGroups\":[\"apps\"],\"resources\":[\"pods\"]}",
                        "get",
                        "pods",
                        "n",
                        false));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rules")
    void matches(String name, String rule, String verb, String resource, String object, boolean allowed) {
        role("", "r", "[" + rule + "]");
        bind("", "b", "ClusterRole", "r", "{\"kind\":\"Group\",\"name\":\"g\"}");
        assertThat(chain.allows(ask(user("u", "g"), verb, resource, "a", object)))
                .isEqualTo(allowed);
    }

    @Test
    void aSelectorIsNoName() {
        role(
                "",
                "r",
                "[{\"verbs\":[\"deletecollection\"],\"apiGroups\":[\"\"],\"resources\":[\"pods\"],\"resourceNames\":[\"n\"]}]");
        bind("", "b", "ClusterRole", "r", "{\"kind\":\"User\",\"name\":\"u\"}");
        assertThat(chain.allows(new AccessRequest(
                        user("u"),
                        "deletecollection",
                        "",
                        "v1",
                        "pods",
                        "",
                        "a",
                        "",
                        "",
                        new FieldSelector(List.of(new FieldSelector.Requirement("metadata.name", true, "n"))),
                        LabelSelector.EVERYTHING)))
                .isFalse();
    }

    static Stream<Arguments> denials() {
        User jane = user("jane");
        return Stream.of(
                Arguments.of(
                        ask(jane, "list", "configmaps", "a", ""),
                        "configmaps is forbidden: User \"jane\" cannot list resource \"configmaps\" in API group \"\" in the"
                                + " namespace \"a\""),
                Arguments.of(
                        ask(jane, "get", "nodes", "", "n"),
                        "nodes \"n\" is forbidden: User \"jane\" cannot get resource \"nodes\" in API group \"\" at the"
                                + " cluster scope"),
                Arguments.of(
                        ask(jane, "get", "pods/log", "a", "p"),
                        "pods \"p\" is forbidden: User \"jane\" cannot get resource \"pods/log\" in API group \"\" in the"
                                + " namespace \"a\""),
                Arguments.of(
                        AccessRequest.path(jane, "get", "/metrics"),
                        "forbidden: User \"jane\" cannot get path \"/metrics\""),
                Arguments.of(
                        AccessRequest.path(jane, "get", "/<b>&"),
                        "forbidden: User \"jane\" cannot get path \"/&lt;b&gt;&amp;\""),
                Arguments.of(
                        ask(user("system:node:n1", "system:nodes"), "get", "configmaps", "a", "c"),
                        "configmaps \"c\" is forbidden: User \"system:node:n1\" cannot get resource \"configmaps\" in API"
                                + " group \"\" in the namespace \"a\": no relationship found between node 'n1' and this"
                                + " object"));
    }

    @ParameterizedTest(name = "{1}")
    @MethodSource("denials")
    void deniesInUpstreamsWords(AccessRequest request, String message) {
        assertThatExceptionOfType(StatusException.class)
                .isThrownBy(() -> chain.require(request))
                .satisfies(refused -> {
                    assertThat(refused.code()).isEqualTo(403);
                    assertThat(refused.text()).isEqualTo(message);
                });
    }

    @Test
    void aDanglingBindingIsNamedInTheDenial() {
        bind("", "b", "ClusterRole", "gone", "{\"kind\":\"User\",\"name\":\"u\"}");
        assertThat(chain.decide(ask(user("u"), "get", "pods", "a", "p")).reason())
                .isEqualTo("RBAC: clusterrole.rbac.authorization.k8s.io \"gone\" not found");
    }

    @Test
    void mastersMayDoEverything() {
        assertThat(chain.decide(ask(user("x", User.MASTERS), "any", "thing", "", "")))
                .isEqualTo(new Decision.Allow(""));
    }

    @Test
    void aNodeReadsWhatItsPodsNameAndNothingElse() {
        User node = user("system:node:n1", "system:nodes");
        User other = user("system:node:n2", "system:nodes");
        AccessRequest secret = ask(node, "get", "secrets", "a", "s");
        assertThat(chain.allows(secret)).isFalse();
        stored.put(PODS, """
                {"metadata":{"namespace":"a","name":"p"},"spec":{"nodeName":"n1","serviceAccountName":"sa",
                 "imagePullSecrets":[{"name":"pull"}],
                 "volumes":[{"name":"v","secret":{"secretName":"s"}},
                   {"name":"w","projected":{"sources":[{"configMap":{"name":"c"}}]}},
                   {"name":"d","persistentVolumeClaim":{"claimName":"pvc"}}],
                 "containers":[{"name":"x","env":[{"name":"E","valueFrom":{"secretKeyRef":{"name":"e","key":"k"}}}]}]}}""");
        stored.put(new GroupResource("", "persistentvolumes"), """
                {"metadata":{"name":"pv"},"spec":{"claimRef":{"namespace":"a","name":"pvc"},
                 "csi":{"nodePublishSecretRef":{"name":"csi","namespace":"b"}}}}""");
        assertThat(chain.allows(secret)).isTrue();
        assertThat(chain.allows(ask(node, "watch", "secrets", "a", "pull"))).isTrue();
        assertThat(chain.allows(ask(node, "get", "secrets", "a", "e"))).isTrue();
        assertThat(chain.allows(ask(node, "get", "configmaps", "a", "c"))).isTrue();
        assertThat(chain.allows(ask(node, "get", "persistentvolumeclaims", "a", "pvc")))
                .isTrue();
        assertThat(chain.allows(ask(node, "get", "persistentvolumes", "", "pv")))
                .isTrue();
        assertThat(chain.allows(ask(node, "get", "secrets", "b", "csi"))).isTrue();
        assertThat(chain.allows(ask(node, "create", "serviceaccounts/token", "a", "sa")))
                .isTrue();
        assertThat(chain.allows(ask(node, "list", "secrets", "a", ""))).isFalse();
        assertThat(chain.allows(ask(node, "update", "secrets", "a", "s"))).isFalse();
        assertThat(chain.allows(ask(other, "get", "secrets", "a", "s"))).isFalse();
        assertThat(chain.allows(ask(other, "get", "persistentvolumes", "", "pv")))
                .isFalse();
        stored.remove(PODS, "a", "p");
        assertThat(chain.allows(secret)).isFalse();
    }

    @Test
    void aNodeSeesOnlyItself() {
        User node = user("system:node:n1", "system:nodes");
        assertThat(chain.allows(ask(node, "get", "nodes", "", "n1"))).isTrue();
        assertThat(chain.allows(ask(node, "get", "nodes", "", "n2"))).isFalse();
        assertThat(chain.allows(ask(node, "list", "pods", "", ""))).isFalse();
        assertThat(chain.allows(ask(node, "list", "services", "", ""))).isTrue();
        assertThat(chain.allows(AccessRequest.resource(
                        node, "update", "coordination.k8s.io", "v1", "leases", "", "kube-node-lease", "n1")))
                .isTrue();
        assertThat(chain.allows(AccessRequest.resource(
                        node, "update", "coordination.k8s.io", "v1", "leases", "", "kube-node-lease", "n2")))
                .isFalse();
    }

    @Test
    void nobodyGivesAwayWhatTheyDoNotHold() {
        role(
                "",
                "cluster-admin",
                "[{\"verbs\":[\"*\"],\"apiGroups\":[\"*\"],\"resources\":[\"*\"]},{\"verbs\":[\"*\"],\"nonResourceURLs\":[\"*\"]}]");
        role(
                "a",
                "lead",
                "[{\"verbs\":[\"*\"],\"apiGroups\":[\"rbac.authorization.k8s.io\"],\"resources\":[\"roles\",\"rolebindings\"]}]");
        bind("a", "lead", "Role", "lead", "{\"kind\":\"User\",\"name\":\"lead\"}");
        User lead = user("lead", User.AUTHENTICATED);
        assertThatExceptionOfType(StatusException.class)
                .isThrownBy(
                        () -> escalation.checkBinding(lead, "rolebindings", "a", "adm", "ClusterRole", "cluster-admin"))
                .satisfies(refused -> assertThat(refused.text())
                        .isEqualTo("rolebindings.rbac.authorization.k8s.io \"adm\" is forbidden: user \"lead\""
                                + " (groups=[\"system:authenticated\"]) is attempting to grant RBAC permissions not"
                                + " currently held:\n{APIGroups:[\"*\"], Resources:[\"*\"], Verbs:[\"*\"]}\n"
                                + "{NonResourceURLs:[\"*\"], Verbs:[\"*\"]}"));
        assertThatNoException()
                .isThrownBy(() -> escalation.checkBinding(lead, "rolebindings", "a", "b", "Role", "nosuch"));
        assertThatExceptionOfType(StatusException.class)
                .isThrownBy(() -> escalation.checkBinding(lead, "rolebindings", "a", "b", "ClusterRole", "nosuch"))
                .satisfies(refused -> assertThat(refused.text())
                        .isEqualTo("rolebindings.rbac.authorization.k8s.io \"nosuch\" not found"));
    }

    @Test
    void whoHoldsARuleMayGrantIt() {
        role("a", "r", "[{\"verbs\":[\"get\",\"list\"],\"apiGroups\":[\"\"],\"resources\":[\"pods\",\"*/log\"]}]");
        bind("a", "b", "Role", "r", "{\"kind\":\"ServiceAccount\",\"name\":\"sa\"}");
        User account = user("system:serviceaccount:a:sa", User.AUTHENTICATED);
        assertThatNoException()
                .isThrownBy(() -> escalation.checkRole(
                        account,
                        "roles",
                        "a",
                        "x",
                        List.of(new PolicyRule(
                                List.of("get"), List.of(""), List.of("pods", "pods/log"), List.of(), List.of())),
                        false));
        assertThatExceptionOfType(StatusException.class)
                .isThrownBy(() -> escalation.checkRole(
                        account,
                        "roles",
                        "a",
                        "x",
                        List.of(new PolicyRule(
                                List.of("delete", "get", "patch"), List.of(""), List.of("pods"), List.of(), List.of())),
                        false))
                .satisfies(refused -> assertThat(refused.text())
                        .endsWith("not currently held:\n"
                                + "{APIGroups:[\"\"], Resources:[\"pods\"], Verbs:[\"delete\" \"patch\"]}"));
    }

    private final Impersonation impersonation = new Impersonation(request -> chain.decide(request));

    private User act(User caller, Map<String, List<String>> headers) {
        return impersonation
                .acting(
                        caller,
                        new Credentials(List.of(), name -> headers.getOrDefault(name, List.of()), headers.keySet()),
                        ask(caller, "list", "pods", "a", ""))
                .user();
    }

    @Test
    void impersonates() {
        User admin = user("admin", User.MASTERS, User.AUTHENTICATED);
        assertThat(act(
                        admin,
                        Map.of(
                                "Impersonate-User", List.of("jane"),
                                "Impersonate-Group", List.of("devs"),
                                "Impersonate-Uid", List.of("u1"),
                                "Impersonate-Extra-Acme.com%2fproject", List.of("x"))))
                .isEqualTo(new User(
                        "jane", "u1", List.of("devs", User.AUTHENTICATED), Map.of("acme.com/project", List.of("x"))));
        assertThat(act(admin, Map.of("Impersonate-User", List.of("system:serviceaccount:a:d")))
                        .groups())
                .containsExactly("system:serviceaccounts", "system:serviceaccounts:a", User.AUTHENTICATED);
        assertThat(act(admin, Map.of("Impersonate-User", List.of("system:anonymous")))
                        .groups())
                .containsExactly(User.UNAUTHENTICATED);
        assertThat(act(user("jane"), Map.of())).isEqualTo(user("jane"));
    }

    @Test
    void impersonationNeedsTheRight() {
        assertThatExceptionOfType(StatusException.class)
                .isThrownBy(() -> act(user("jane"), Map.of("Impersonate-User", List.of("bob"))))
                .satisfies(refused -> assertThat(refused.text())
                        .isEqualTo(
                                "pods is forbidden: User \"jane\" cannot impersonate-on:user-info:list resource \"pods\""
                                        + " in API group \"\" in the namespace \"a\""));
        assertThatExceptionOfType(StatusException.class)
                .isThrownBy(() -> act(user("jane"), Map.of("Impersonate-Group", List.of("devs"))))
                .satisfies(refused -> assertThat(refused.text())
                        .isEqualTo("requested &user.DefaultInfo{Name:\"\", UID:\"\", Groups:[]string{\"devs\"},"
                                + " Extra:map[string][]string(nil)} without impersonating a user name"));
        role(
                "",
                "i",
                "[{\"verbs\":[\"impersonate\"],\"apiGroups\":[\"\"],\"resources\":[\"users\"],\"resourceNames\":[\"bob\"]}]");
        bind("", "b", "ClusterRole", "i", "{\"kind\":\"User\",\"name\":\"jane\"}");
        assertThat(act(user("jane"), Map.of("Impersonate-User", List.of("bob"))).groups())
                .containsExactly(User.AUTHENTICATED);
        assertThatExceptionOfType(StatusException.class)
                .isThrownBy(() -> act(user("jane"), Map.of("Impersonate-User", List.of("joe"))))
                .satisfies(refused -> assertThat(refused.text())
                        .as("the way that led to success last is tried first")
                        .isEqualTo("users \"joe\" is forbidden: User \"jane\" cannot impersonate resource \"users\""
                                + " in API group \"\" at the cluster scope"));
    }

    private String refusal(User caller, Map<String, List<String>> headers) {
        try {
            act(caller, headers);
            return "";
        } catch (StatusException refused) {
            return refused.text();
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "system:node:n1, arbitrary-node",
        "system:node:, user-info",
        "system:node:N_1, user-info",
        "system:serviceaccount:a:b, serviceaccount",
        "system:serviceaccount:a:B_, user-info",
        "system:serviceaccount:a.b:c, user-info",
    })
    void onlyNamesThatNodesAndAccountsCanHaveAreTheirs(String name, String way) {
        assertThat(refusal(user("jane"), Map.of("Impersonate-User", List.of(name))))
                .startsWith("pods is forbidden: User \"jane\" cannot impersonate-on:%s:list resource".formatted(way));
    }

    @Test
    void constrainedImpersonationGivesNoMoreThanWhatIsNamed() {
        role(
                "",
                "i",
                "[{\"verbs\":[\"impersonate-on:user-info:list\"],\"apiGroups\":[\"\"],\"resources\":[\"pods\"]},"
                        + "{\"verbs\":[\"impersonate:user-info\"],\"apiGroups\":[\"authentication.k8s.io\"],"
                        + "\"resources\":[\"users\",\"groups\",\"userextras/acme.io/team\"]}]");
        bind("", "b", "ClusterRole", "i", "{\"kind\":\"User\",\"name\":\"jane\"}");
        User jane = user("jane");
        assertThat(refusal(jane, Map.of("Impersonate-User", List.of("bob"), "Impersonate-Group", List.of("devs"))))
                .isEmpty();
        String cannot = " is forbidden: User \"jane\" cannot impersonate:user-info resource \"%s\" in API group"
                + " \"authentication.k8s.io\" at the cluster scope: ";
        assertThat(refusal(
                        jane,
                        Map.of("Impersonate-User", List.of("bob"), "Impersonate-Group", List.of("devs", User.MASTERS))))
                .isEqualTo("groups.authentication.k8s.io \"system:masters\"" + cannot.formatted("groups")
                        + "impersonating the system:masters group is not allowed");
        assertThat(refusal(jane, Map.of("Impersonate-User", List.of("bob"), "Impersonate-Group", List.of(""))))
                .isEqualTo("groups.authentication.k8s.io" + cannot.formatted("groups")
                        + "impersonating the empty string group is not allowed");
        assertThat(refusal(jane, Map.of("Impersonate-User", List.of("bob"), "Impersonate-Extra-Team", List.of("x"))))
                .isEqualTo("userextras.authentication.k8s.io" + cannot.formatted("userextras")
                        + "impersonating an invalid key in extra is not allowed: extra.key: Invalid value: \"team\":"
                        + " must be a domain-prefixed path (such as \"acme.io/foo\")");
        assertThat(refusal(
                        jane,
                        Map.of("Impersonate-User", List.of("bob"), "Impersonate-Extra-Acme.io%2fteam", List.of("x"))))
                .isEmpty();
    }

    @Test
    void manyGroupsMayBeAllowedAtOnce() {
        role(
                "",
                "i",
                "[{\"verbs\":[\"impersonate-on:user-info:list\"],\"apiGroups\":[\"\"],\"resources\":[\"pods\"]},"
                        + "{\"verbs\":[\"impersonate:user-info\"],\"apiGroups\":[\"authentication.k8s.io\"],"
                        + "\"resources\":[\"users\",\"groups\"],\"resourceNames\":[\"bob\",\"*\"]}]");
        bind("", "b", "ClusterRole", "i", "{\"kind\":\"User\",\"name\":\"jane\"}");
        assertThat(refusal(
                        user("jane"),
                        Map.of("Impersonate-User", List.of("bob"), "Impersonate-Group", List.of("a", "b", "c", "d"))))
                .isEmpty();
        assertThat(refusal(
                        user("jane"),
                        Map.of("Impersonate-User", List.of("bob"), "Impersonate-Group", List.of("a", "b", "c"))))
                .startsWith("groups.authentication.k8s.io \"a\" is forbidden");
    }

    @Test
    void aPodActsAsItsNodeByARightToAll() {
        User agent = new User(
                "system:serviceaccount:a:agent",
                "",
                List.of(),
                Map.of("authentication.kubernetes.io/node-name", List.of("n1"), "a/b", List.of("c")));
        List<AccessRequest> asked = new ArrayList<>();
        Impersonation anyone = new Impersonation(request -> {
            asked.add(request);
            return new Decision.Allow("");
        });
        anyone.acting(
                agent,
                new Credentials(
                        List.of(),
                        name -> name.equals("Impersonate-User") ? List.of("system:node:n1") : List.of(),
                        List.of("Impersonate-User")),
                ask(agent, "list", "pods", "a", ""));
        assertThat(asked.getLast().name()).isEqualTo("*");
        assertThat(asked)
                .allMatch(request -> request.user()
                        .extra()
                        .equals(Map.of(
                                "authentication.kubernetes.io/associated-node-keys",
                                List.of("a/b", "authentication.kubernetes.io/node-name"))));
    }
}
